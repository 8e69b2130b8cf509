//! Whether what was accepted is still so.

pub(super) mod expired_waiver;
pub(super) mod unused_waiver;
