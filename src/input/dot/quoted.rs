//! Strings in quotes: where one ends, and what it says.
//!
//! Terraform quotes names as Go does (`%q`). Terraform 0.12 put them between quotes as they are:
//! `"[root] aws_x.y["a"]"`, which is no DOT, yet has a grammar. The key in it is Go-quoted, and nothing that is
//! properly quoted has a quote behind a bracket without a backslash between them.

/// How a string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// It stands for itself.
    Plain,
    /// With escapes.
    Escaped,
    /// A name of Terraform 0.12 with a key: it stands for itself, backslashes and quotes included.
    BareKeys,
}

/// A string in quotes: its length, quotes included, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) length: usize,
    pub(super) style: Style,
}

/// Measures the string at the start of `text`; nothing when it does not end there. `bare_keys` says that the file
/// was seen to be Terraform 0.12's: then labels have such keys as well.
pub(super) fn scan(text: &[u8], bare_keys: bool) -> Option<Quoted> {
    let (mut at, mut style) = (1, Style::Plain);
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'\\' {
            if style == Style::Plain {
                style = Style::Escaped;
            }
            at += 2;
        } else if !opens_key(&text[1..at], bare_keys) {
            return Some(Quoted {
                length: at + 1,
                style,
            });
        } else {
            match key(&text[at + 1..]) {
                Key::Cut => return None,
                Key::None => {
                    return Some(Quoted {
                        length: at + 1,
                        style,
                    });
                }
                Key::Ends(key) => {
                    style = Style::BareKeys;
                    at += 1 + key;
                }
            }
        }
    }
}

fn opens_key(before: &[u8], bare_keys: bool) -> bool {
    before.len() > 1
        && before.last() == Some(&b'[')
        && (bare_keys || before.starts_with(b"[root] "))
}

/// What stands behind a quote that may open a key.
enum Key {
    /// A key of this length, up to its bracket: `a"` of `["a"]`.
    Ends(usize),
    /// Too little text to tell.
    Cut,
    None,
}

fn key(text: &[u8]) -> Key {
    let mut at = 0;
    while let Some(ahead) = text.get(at..)
        && let Some(n) = memchr::memchr3(b'"', b'\\', b'\n', ahead)
    {
        at += n;
        match (text[at], text.get(at + 1)) {
            (b'\\', _) => at += 2,
            (b'"', Some(b']')) => return Key::Ends(at + 1),
            (b'"', None) => return Key::Cut,
            _ => return Key::None,
        }
    }
    Key::Cut
}

/// Undoes the escapes between the quotes. One that Go does not know stays as it is: `\l` is Graphviz's.
pub(super) fn decode(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let used = escape(rest, out);
        rest = &rest[used..];
    }
    out.extend_from_slice(rest);
}

/// Undoes one escape; returns the bytes it takes.
fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let simple = match rest.get(1) {
        Some(byte @ (b'"' | b'\\')) => *byte,
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'a') => 7,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'v') => 11,
        // A line that goes on in the next one.
        Some(b'\n') => return 2,
        Some(b'x') => return numbered(rest, 2, out),
        Some(b'u') => return numbered(rest, 4, out),
        Some(b'U') => return numbered(rest, 8, out),
        _ => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(simple);
    2
}

/// Undoes `\xHH` (a byte), `\uHHHH` and `\UHHHHHHHH` (characters).
fn numbered(rest: &[u8], digits: usize, out: &mut Vec<u8>) -> usize {
    let hex = rest.get(2..2 + digits).and_then(|hex| {
        let plain = hex.iter().all(u8::is_ascii_hexdigit);
        u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16)
            .ok()
            .filter(|_| plain)
    });
    let Some(code) = hex else {
        out.push(b'\\');
        return 1;
    };
    if digits == 2 {
        out.extend(u8::try_from(code));
    } else {
        let c = char::from_u32(code).unwrap_or('\u{fffd}');
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    2 + digits
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Quoted, Style, decode, scan};
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// A text as Go's `%q` writes it.
    pub(in crate::input::dot) fn go_quoted(text: &str) -> String {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\u{7}' => out.push_str("\\a"),
                '\u{b}' => out.push_str("\\v"),
                c if (c as u32) < 0x20 || c == '\u{7f}' => {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                }
                c if (0x80..0xa0).contains(&(c as u32)) => {
                    let _ = write!(out, "\\u{:04x}", c as u32);
                }
                '\u{1f680}' => out.push_str("\\U0001f680"),
                c => out.push(c),
            }
        }
        out + "\""
    }

    fn decoded(raw: &str) -> String {
        let mut out = Vec::new();
        decode(raw.as_bytes(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn style(text: &str) -> Option<Style> {
        scan(text.as_bytes(), false).map(|quoted| quoted.style)
    }

    #[test]
    fn escapes_are_undone_and_unknown_ones_stay() {
        let table = [
            ("plain", "plain"),
            (r#"x[\"a\"]"#, r#"x["a"]"#),
            (r#"x[\"q\\\"x\"]"#, r#"x["q\"x"]"#),
            (r"\n\t\r\a\v\b\f", "\n\t\r\u{7}\u{b}\u{8}\u{c}"),
            (r"\x1b\u00e9\U0001f680", "\u{1b}é\u{1f680}"),
            (r"\xc3\xa9", "é"),
            (r"a\lb\N\q", r"a\lb\N\q"),
            (r"\x1\u12\uzzzz\U0", r"\x1\u12\uzzzz\U0"),
            (r"\u+123", r"\u+123"),
            (r"\ud800", "\u{fffd}"),
            ("one\\\ntwo", "onetwo"),
            ("tail\\", "tail\\"),
        ];
        for (raw, want) in table {
            assert_eq!(decoded(raw), want, "{raw}");
        }
    }

    #[test]
    fn a_string_ends_at_the_first_quote_without_a_backslash() {
        assert_eq!(
            scan(br#""a\"b" -> "c""#, false),
            Some(Quoted {
                length: 6,
                style: Style::Escaped
            })
        );
        assert_eq!(style(r#""a\\"b"#), Some(Style::Escaped));
        for cut in ["\"", "\"a", "\"a\\", "\"a\\\""] {
            assert_eq!(style(cut), None, "{cut}");
        }
    }

    #[test]
    fn names_of_terraform_0_12_end_behind_their_unescaped_keys() {
        let names = [
            r#""[root] aws_x.y["a"]""#,
            r#""[root] aws_x.y["a\" -> \"[root] b"]""#,
            r#""[root] aws_x.y["]"] (destroy)""#,
            r#""[root] aws_x.y["\\"]""#,
            r#""[root] aws_x.y[""]""#,
        ];
        for name in names {
            let line = format!("{name} -> \"[root] aws_z.w\"\n");
            let want = Quoted {
                length: name.len(),
                style: Style::BareKeys,
            };
            assert_eq!(scan(line.as_bytes(), false), Some(want), "{name}");
        }
    }

    #[test]
    fn a_bracket_at_the_end_of_other_strings_opens_no_key() {
        for text in [r#""[" ]"#, r#""a[" "b"]"#, "\"[root] x[\"\n\"]\""] {
            assert_eq!(style(text), Some(Style::Plain), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_go_quotes_is_read_back(text in any::<String>()) {
            let quoted = go_quoted(&text);
            let found = scan(quoted.as_bytes(), false).expect("a string");
            // A text that ends in a bracket is no address, and then this is no key either.
            prop_assert_eq!(found.length, quoted.len());
            prop_assert_eq!(decoded(&quoted[1..quoted.len() - 1]), text);
        }
    }
}
