//! Planned deletes and replacements, and why Terraform plans them.

mod cause;
pub(super) mod planned_delete;
pub(super) mod planned_replace;
pub(super) mod root;
