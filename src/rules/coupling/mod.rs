//! `depends_on`: what it leaks and what it is good for.

mod advice;
pub(super) mod entangled_modules;
pub(super) mod entries;
pub(super) mod hidden_dependency;
pub(super) mod leaky_depends_on;
mod mentions;
mod named_abroad;
mod price;
pub(super) mod provider_on_resource;
pub(super) mod redundant_depends_on;
