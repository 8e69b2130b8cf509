//! Who owns what the plan touches.

pub(super) mod broken_stack_output;
pub(super) mod foreign_change;
pub(super) mod mixed_environments;
pub(super) mod mixed_owners;
mod planned_twice;
mod same_state;
pub(super) mod shared_object;
pub(super) mod stack_cycle;
pub(super) mod unlocked_state;
pub(super) mod unowned_module;
pub(super) mod unscoped_state;
