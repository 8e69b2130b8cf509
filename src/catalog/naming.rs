//! Whether objects are called by names of their own, or by that of what they belong to.

use super::attributes::{NAMES, is_whereabouts};
use super::facts;

/// Whether an attribute says what an object of a type is called itself: `bucket` of a bucket, not that of its policy.
pub(crate) fn is_own_name(kind: &str, attribute: &str) -> bool {
    let names = facts(kind).identity.contains(&attribute);
    let is_kind = || {
        let noun = ["_name", "_identifier"];
        let noun = noun.iter().find_map(|tail| attribute.strip_suffix(tail));
        kind.strip_suffix(noun.unwrap_or(attribute))
            .is_some_and(|rest| rest.ends_with('_'))
    };
    NAMES.contains(&attribute) || names && (is_kind() || !is_whereabouts(attribute.as_bytes()))
}

/// Whether an object of a type is called by a name of its own, and not by that of what it belongs to.
pub(crate) fn has_own_name(kind: &str) -> bool {
    let names = facts(kind).identity;
    names.is_empty() || names.iter().any(|name| is_own_name(kind, name))
}
