//! How far a change goes.

pub(super) mod dependency_cycle;
pub(super) mod fan_out_hot_spot;
pub(super) mod wide_blast_radius;
