//! Words of a message, and names that are too long for their place.

use crate::finding::Finding;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        text.len()
    } else {
        text.width()
    }
}

/// A name in so many columns, its middle replaced by a mark where it is longer: both ends tell names apart.
pub(super) fn fitted<'n>(name: &'n str, room: usize, mark: &str) -> Cow<'n, str> {
    // No character is wider than it has bytes, and a name may be a thousand times as long as its place.
    let fits = name.len() <= room
        || take(name.chars(), room).len() == name.chars().take(room.saturating_add(1)).count();
    if fits {
        return Cow::Borrowed(name);
    }
    let half = room.saturating_sub(mark.len()) / 2;
    let head = take(name.chars(), half);
    let tail: String = take(name.chars().rev(), half).into_iter().rev().collect();
    Cow::Owned(format!(
        "{}{mark}{tail}",
        head.into_iter().collect::<String>()
    ))
}

/// A mark that stands above another letter counts as well: a name could be made of nothing else.
fn columns(c: char) -> usize {
    c.width().unwrap_or(0).max(1)
}

/// The characters that fit into so many columns.
fn take(chars: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    let fits = |c: &char| {
        used += columns(*c);
        used <= room
    };
    chars.take_while(fits).collect()
}

/// The stack before the address of a finding, where there are several. What is said of a whole stack has its name as the
/// address.
pub(super) fn stack_before(finding: &Finding, several: bool) -> String {
    if several && finding.stack != finding.address {
        format!("{}: ", finding.stack)
    } else {
        String::new()
    }
}

/// Splits at spaces, but not inside the quotes of an instance key.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let (mut start, mut at, mut quoted) = (0, 0, false);
    let words = std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                // What it escapes is passed over.
                b'\\' if quoted => at += 1,
                b'"' if quoted || bytes[..at - 1].ends_with(b"[") => quoted = !quoted,
                b' ' if !quoted => {
                    let word = &text[start..at - 1];
                    start = at;
                    return Some(word);
                }
                _ => {}
            }
        }
        let last = text.get(start..);
        start = usize::MAX;
        last
    });
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{fitted, words};

    #[test]
    fn words_are_split_outside_quoted_keys() {
        assert_eq!(
            words("a  b[\"c \\\" d\"] \"e f\"").collect::<Vec<_>>(),
            ["a", "b[\"c \\\" d\"]", "\"e", "f\""]
        );
    }

    #[test]
    fn long_names_keep_both_ends_and_no_more_characters_than_columns() {
        assert_eq!(fitted("aws_instance.web", 16, "..."), "aws_instance.web");
        assert_eq!(fitted("aws_instance.web", 11, "..."), "aws_....web");
        assert_eq!(fitted(&"\u{301}".repeat(4000), 9, "...").chars().count(), 9);
    }
}
