//! Texts as TOML has them.

use std::fmt::Write as _;

/// A TOML string: as it stands where that is possible, since addresses are full of quotes.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_control();
    if text.contains(['"', '\\']) && !text.contains('\'') && text.chars().all(plain) {
        return format!("'{text}'");
    }
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if plain(c) => out.push(c),
            // Writing to a String cannot fail.
            c => drop(write!(out, "\\u{:04X}", c as u32)),
        }
    }
    out + "\""
}
