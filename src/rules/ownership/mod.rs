//! Who owns what the plan touches.

pub(super) mod foreign_change;
pub(super) mod mixed_environments;
pub(super) mod mixed_owners;
pub(super) mod unlocked_state;
pub(super) mod unowned_module;
pub(super) mod unscoped_state;
