//! Planned deletes and replacements, why Terraform plans them, and what to do instead.

pub(super) mod abandoned_object;
mod by_instance;
pub(super) mod cause;
pub(super) mod changed_on_import;
mod deletes;
pub(super) mod deposed_object;
pub(super) mod dropped_protection;
pub(super) mod forgotten_object;
pub(super) mod index_shift;
mod instances;
mod known;
mod loss;
mod moves;
mod origin;
pub(super) mod planned_delete;
pub(super) mod planned_replace;
mod removal;
mod rename;
mod replaced;
pub(super) mod root;
mod shift;
pub(super) mod story;
mod successor;
mod survivors;
pub(super) mod unmoved_rename;
mod users;
mod waiting;
