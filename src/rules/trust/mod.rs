//! Whether the plan can be believed.

mod outside;

pub(super) mod drift;
pub(super) mod errored_plan;
pub(super) mod failed_check;
pub(super) mod partial_plan;
pub(super) mod stale_plan;
