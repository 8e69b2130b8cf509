//! Words of a message, and names that are too long for their place.

use crate::finding::Finding;
use unicode_width::UnicodeWidthChar as _;

/// A name in so many columns, its middle replaced by a mark where it is longer: both ends tell names apart.
pub(super) fn fitted(name: &str, room: usize, mark: &str) -> String {
    // No character is wider than it has bytes, and a name may be a thousand times as long as its place.
    let fits = name.len() <= room
        || take(name.chars(), room).len() == name.chars().take(room.saturating_add(1)).count();
    if fits {
        return name.to_owned();
    }
    let half = room.saturating_sub(mark.len()) / 2;
    let head = take(name.chars(), half);
    let tail: String = take(name.chars().rev(), half).into_iter().rev().collect();
    format!("{}{mark}{tail}", head.into_iter().collect::<String>())
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
pub(super) fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if quoted || text[..at].ends_with('[') => quoted = !quoted,
            ' ' if !quoted => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{fitted, words};

    #[test]
    fn words_are_split_outside_quoted_keys() {
        assert_eq!(
            words("a  b[\"c \\\" d\"] \"e f\""),
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
