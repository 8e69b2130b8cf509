//! Everything tfguard reads.

pub mod address;
mod aside;
pub mod backend;
pub mod day;
pub mod document;
pub mod dot;
pub mod environment;
pub mod find;
pub mod gather;
pub(crate) mod ids;
pub(crate) mod json;
pub mod names;
mod noise;
pub(crate) mod open;
pub(crate) mod path;
pub mod plan;
mod planfile;
pub mod quotable;
mod sniff;
pub mod source;
pub mod time;
