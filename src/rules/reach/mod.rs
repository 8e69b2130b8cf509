//! How far a change goes.

mod apply;
pub(super) mod dependency_cycle;
pub(super) mod fan_out_hot_spot;
pub(super) mod slow_apply;
pub(super) mod wide_blast_radius;
