//! Values that are known in part. Of a replaced object whatever the provider computes is unknown, the leaves of a block
//! among them (Terraform 1.11): that says nothing of what forced the replacement.

use super::values::has_true_leaf;
use crate::input::json::parts::{elements, get, members};

/// Nobody nests blocks deeper.
const DEEPEST: usize = 16;
/// Elements of longer lists are not held against one another.
const MOST: usize = 100;

/// Whether what is known of a value is another than before. Elements have no place: a set has none, and nothing tells a
/// set from a list.
pub(super) fn known_part_differs(before: &[u8], after: &[u8], unknown: &[u8]) -> bool {
    !agrees(before, after, unknown, 0)
}

/// Whether a value before can be what a value afterwards turns out to be.
fn agrees(before: &[u8], after: &[u8], unknown: &[u8], depth: usize) -> bool {
    if depth > DEEPEST || unknown == b"true" || before == after {
        return true;
    }
    match (before.first(), after.first()) {
        (Some(b'{'), Some(b'{')) => maps_agree(before, after, unknown, depth),
        (Some(b'['), Some(b'[')) => lists_agree(before, after, unknown, depth),
        _ => says_nothing(before) && says_nothing(after),
    }
}

fn maps_agree(before: &[u8], after: &[u8], unknown: &[u8], depth: usize) -> bool {
    let below = |name: &str| get(unknown, name).unwrap_or_default();
    let told = |object, name: &str| get(object, name).unwrap_or_default();
    let names = members(before).chain(members(after)).flatten();
    names.into_iter().all(|(name, _)| {
        let Ok(name) = std::str::from_utf8(&name) else {
            return true;
        };
        agrees(
            told(before, name),
            told(after, name),
            below(name),
            depth + 1,
        )
    })
}

fn lists_agree(before: &[u8], after: &[u8], unknown: &[u8], depth: usize) -> bool {
    let [mut old, new, marks] =
        [before, after, unknown].map(|list| elements(list).flatten().collect::<Vec<_>>());
    if old.len() > MOST || new.len() > MOST {
        return true;
    }
    let mark = |nth: usize| marks.get(nth).copied().unwrap_or_default();
    // Who is handed one more of what is new, or one less, edits nothing: of that elements are unknown as a whole.
    let (open, mut told): (Vec<_>, Vec<_>) = (0..new.len()).partition(|nth| mark(*nth) == b"true");
    // What is known wholly has no choice: it goes first.
    told.sort_by_key(|nth| has_true_leaf(mark(*nth)));
    let mut told = told.into_iter();
    let all = told.all(|nth| {
        let is_it = |before: &&[u8]| agrees(before, new[nth], mark(nth), depth + 1);
        let place = old.iter().position(is_it);
        place.map(|place| old.swap_remove(place)).is_some()
    });
    all && (old.is_empty() || !open.is_empty())
}

/// Whether a value is what providers write where nothing is set.
fn says_nothing(value: &[u8]) -> bool {
    matches!(
        value,
        b"" | b"null" | b"\"\"" | b"false" | b"0" | b"[]" | b"{}"
    )
}

#[cfg(test)]
mod tests {
    use super::known_part_differs;

    fn differs(before: &str, after: &str, unknown: &str) -> bool {
        known_part_differs(before.as_bytes(), after.as_bytes(), unknown.as_bytes())
    }

    #[test]
    fn leaves_that_a_provider_computes_hide_no_edit() {
        let old = r#"[{"name":"a","size":20,"type":"gp2"}]"#;
        let computed = r#"[{"type":true}]"#;
        assert!(differs(old, r#"[{"name":"a","size":40}]"#, computed));
        assert!(!differs(old, r#"[{"name":"a","size":20}]"#, computed));
        assert!(!differs(
            old,
            r#"[{"name":"a"}]"#,
            r#"[{"size":true,"type":true}]"#
        ));
    }

    #[test]
    fn a_block_more_or_less_is_an_edit() {
        let (one, unknown) = (r#"[{"a":1}]"#, r#"[{"b":true},{"b":true}]"#);
        assert!(differs("[]", one, r#"[{"b":true}]"#));
        assert!(differs(one, r#"[{"a":1},{"a":2}]"#, unknown));
        assert!(!differs(
            r#"[{"a":1,"b":1},{"a":2,"b":2}]"#,
            r#"[{"a":2},{"a":1}]"#,
            unknown
        ));
    }

    #[test]
    fn an_unknown_element_stands_for_any_or_for_one_more() {
        assert!(!differs(r#"["a","b"]"#, r#"["b",null]"#, "[false,true]"));
        assert!(differs(r#"["a","b"]"#, r#"["c",null]"#, "[false,true]"));
        assert!(!differs(r#"["a","b"]"#, "null", "true"));
        assert!(!differs(
            r#"["a","b"]"#,
            r#"["a","b",null]"#,
            "[false,false,true]"
        ));
        assert!(!differs(
            r#"["a","b","c"]"#,
            r#"["b",null]"#,
            "[false,true]"
        ));
    }

    #[test]
    fn what_is_not_set_is_no_edit_however_it_is_written() {
        assert!(!differs(
            r#"{"a":"","b":false}"#,
            r#"{"a":null}"#,
            r#"{"c":true}"#
        ));
        assert!(differs(r#"{"a":"x"}"#, r#"{"a":null}"#, "{}"));
    }
}
