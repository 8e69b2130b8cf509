//! Whether the plan can be believed.

pub(super) mod errored_plan;
pub(super) mod partial_plan;
