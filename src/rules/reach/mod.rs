//! How far a change goes.

pub(super) mod apply;
pub(super) mod dependency_cycle;
pub(super) mod fan_out_hot_spot;
mod oversized;
pub(super) mod oversized_plan;
pub(super) mod oversized_state;
pub(super) mod slow_apply;
pub(super) mod wide_blast_radius;
