//! Everything tfguard reads.

pub mod address;
pub mod document;
pub(crate) mod json;
pub mod names;
pub mod plan;
mod sniff;
