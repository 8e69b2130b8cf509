//! Where two values of one shape differ.

use crate::input::json::parts::{elements, get, members};

/// Nobody nests blocks deeper.
const DEEPEST: usize = 16;
/// More texts than these are no edit of one word.
const MOST: usize = 8;

/// Texts before and after.
type Texts<'v> = Vec<[&'v [u8]; 2]>;

/// The texts in which two values differ, as far as they are known: `unknown` marks what is not. Nothing where anything
/// else differs, or the shape does.
pub(super) fn differing<'v>(values: [&'v [u8]; 2], unknown: &'v [u8]) -> Option<Texts<'v>> {
    let mut found = Texts::new();
    walk(values, unknown, 0, &mut found)?;
    Some(found)
}

fn walk<'v>(
    [before, after]: [&'v [u8]; 2],
    unknown: &'v [u8],
    depth: usize,
    found: &mut Texts<'v>,
) -> Option<()> {
    if before == after || unknown == b"true" {
        return Some(());
    }
    match (before.first()?, after.first()?) {
        _ if depth > DEEPEST || found.len() > MOST => None,
        (b'{', b'{') => {
            let mut new = members(after).flatten();
            let is_new = new.any(|(name, _)| below(before, &name).is_none());
            let mut old = members(before).flatten().filter(|_| !is_new);
            let each = old.try_for_each(|(name, old)| {
                let new = below(after, &name).unwrap_or(b"null");
                let mark = below(unknown, &name).unwrap_or_default();
                walk([old, new], mark, depth + 1, found)
            });
            each.filter(|()| !is_new)
        }
        (b'[', b'[') => {
            let all = |list| elements(list).flatten().collect::<Vec<_>>();
            let [old, new, marks] = [before, after, unknown].map(all);
            let mut pairs = old.iter().zip(&new).enumerate();
            let each = pairs.try_for_each(|(nth, (old, new))| {
                let mark = marks.get(nth).copied().unwrap_or_default();
                walk([*old, *new], mark, depth + 1, found)
            });
            each.filter(|()| old.len() == new.len())
        }
        (b'"', b'"') => {
            found.push([before, after]);
            Some(())
        }
        _ => None,
    }
}

fn below<'v>(object: &'v [u8], name: &[u8]) -> Option<&'v [u8]> {
    get(object, std::str::from_utf8(name).ok()?)
}

#[cfg(test)]
mod tests {
    use super::differing;

    fn shown(before: &str, after: &str, unknown: &str) -> Option<Vec<String>> {
        let found = differing([before.as_bytes(), after.as_bytes()], unknown.as_bytes())?;
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let pair = |[old, new]: [&[u8]; 2]| format!("{} {}", text(old), text(new));
        Some(found.into_iter().map(pair).collect())
    }

    #[test]
    fn of_blocks_the_texts_in_which_they_differ_are_found() {
        let old = r#"[{"name":"a","org":"x","uid":"1"}]"#;
        let new = r#"[{"name":"a","org":"y"}]"#;
        let found = shown(old, new, r#"[{"uid":true}]"#);
        assert_eq!(found, Some(vec![r#""x" "y""#.to_owned()]));
        assert_eq!(shown(old, old, "{}"), Some(Vec::new()));
    }

    #[test]
    fn another_shape_is_no_edit_of_a_text() {
        assert_eq!(shown(r#"["a"]"#, r#"["a","b"]"#, "[]"), None);
        assert_eq!(shown(r#"{"a":"x"}"#, r#"{"a":"x","b":"y"}"#, "{}"), None);
        assert_eq!(shown(r#"{"a":"x"}"#, r#"{"a":1}"#, "{}"), None);
        assert_eq!(shown(r#"{"a":"x"}"#, r#"{"a":null}"#, "{}"), None);
    }
}
