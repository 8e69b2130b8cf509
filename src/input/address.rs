//! The grammar of Terraform addresses.
//!
//! `module.a["k"].data.aws_x.y[0]`: a module path, a mode, a type, a name, and instance keys. Keys may hold
//! anything, dots, brackets and quotes included, so an address is never split on dots. Inside a quoted key
//! HCL escapes apply (Terraform 1.3 and later; before that Go's `%q`, which differs for control characters).

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;

/// What kind of resource an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// `resource`: Terraform creates, changes and destroys it.
    #[default]
    Managed,
    /// `data`: Terraform only reads it.
    Data,
    /// `ephemeral`: opened and closed during a run, never stored.
    Ephemeral,
}

impl Mode {
    /// The prefix of an address of this mode.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Managed => "",
            Self::Data => "data.",
            Self::Ephemeral => "ephemeral.",
        }
    }
}

/// An instance key as it stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyText<'a> {
    /// `[3]`, from `count`.
    Index(u64),
    /// `["a\"b"]`, from `for_each`: the text between the quotes, escapes left in.
    Text(&'a str),
    /// `[*]`: a deferred change whose instances are not known yet (Terraform 1.10 and later).
    Unknown,
}

/// One step of an address or reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A name, with the dot before it left out.
    Name(&'a str),
    /// A key in brackets.
    Key(KeyText<'a>),
}

/// The steps of an address or reference, and the bytes each takes. Ends early, with `None`, at text that
/// follows no grammar.
pub fn steps(text: &str) -> impl Iterator<Item = Option<(Range<usize>, Step<'_>)>> {
    let (mut at, mut broken) = (0, false);
    std::iter::from_fn(move || {
        if broken || at >= text.len() {
            return None;
        }
        let begin = at;
        let parsed = step(&text[at..], at == 0);
        broken = parsed.is_none();
        Some(parsed.map(|(step, used)| {
            at += used;
            (begin..at, step)
        }))
    })
}

fn step(rest: &str, first: bool) -> Option<(Step<'_>, usize)> {
    if rest.starts_with('[') {
        let (key, used) = key(rest)?;
        return Some((Step::Key(key), used));
    }
    let dot = usize::from(!first);
    if !first && !rest.starts_with('.') {
        return None;
    }
    let name = &rest[dot..];
    let ends = |byte: &u8| matches!(byte, b'.' | b'[' | b'"' | b']' | b' ');
    let end = name.as_bytes().iter().position(ends);
    let end = end.unwrap_or(name.len());
    let broken = end == 0 || matches!(name.as_bytes().get(end), Some(b'"' | b']' | b' '));
    (!broken).then(|| (Step::Name(&name[..end]), dot + end))
}

/// Whether the text is one step: `.name` or `[key]`.
pub(crate) fn is_one_step(text: &str) -> bool {
    step(text, false).is_some_and(|(_, used)| used == text.len())
}

fn key(rest: &str) -> Option<(KeyText<'_>, usize)> {
    if let Some(quoted) = rest.strip_prefix("[\"") {
        let end = closing_quote(quoted)?;
        let closed = quoted[end + 1..].starts_with(']');
        return closed.then_some((KeyText::Text(&quoted[..end]), end + 4));
    }
    let end = memchr::memchr(b']', rest.as_bytes())?;
    let key = match &rest[1..end] {
        "*" => KeyText::Unknown,
        digits => KeyText::Index(digits.parse().ok()?),
    };
    Some((key, end + 1))
}

/// The key that is the whole text: `[3]`, `["a"]`.
pub(crate) fn key_alone(text: &str) -> Option<KeyText<'_>> {
    if !text.starts_with('[') {
        return None;
    }
    key(text)
        .filter(|(_, used)| *used == text.len())
        .map(|(key, _)| key)
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// An address taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// `module.a["k"].module.b`, or nothing in the root module.
    pub module: &'a str,
    /// The mode.
    pub mode: Mode,
    /// The resource type.
    pub kind: &'a str,
    /// The name of the block.
    pub name: &'a str,
    /// The instance key, if any.
    pub key: Option<KeyText<'a>>,
    /// The whole up to the instance key.
    pub block: &'a str,
}

impl<'a> Address<'a> {
    /// Takes an address apart; nothing when it is not the address of a resource.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut walk = steps(text).peekable();
        let mut module_end = 0;
        let mut word = loop {
            let word = name(walk.next()?)?;
            if word != "module" {
                break word;
            }
            name(walk.next()?)?;
            while matches!(walk.peek(), Some(Some((_, Step::Key(_))))) {
                walk.next();
            }
            module_end = walk.peek()?.as_ref()?.0.start;
        };
        let mode = match word {
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            _ => Mode::Managed,
        };
        if mode != Mode::Managed {
            word = name(walk.next()?)?;
        }
        let (at, Step::Name(block)) = walk.next()?? else {
            return None;
        };
        let key = match walk.next() {
            None => None,
            Some(Some((_, Step::Key(key)))) => Some(key),
            Some(_) => return None,
        };
        walk.next().is_none().then_some(Self {
            module: &text[..module_end],
            mode,
            kind: word,
            name: block,
            key,
            block: &text[..at.end],
        })
    }
}

fn name(step: Option<(Range<usize>, Step<'_>)>) -> Option<&str> {
    match step?.1 {
        Step::Name(name) => Some(name),
        Step::Key(_) => None,
    }
}

/// The calls of a module path, outermost first, each with its key; nothing when it is no module path.
pub fn module_steps(path: &str) -> Option<Vec<(&str, Option<KeyText<'_>>)>> {
    let mut calls: Vec<(&str, Option<KeyText<'_>>)> = Vec::new();
    let mut expects_name = false;
    for step in steps(path) {
        match step?.1 {
            Step::Name("module") if !expects_name => expects_name = true,
            Step::Name(name) if expects_name => {
                calls.push((name, None));
                expects_name = false;
            }
            Step::Key(key) if !expects_name => calls.last_mut()?.1 = Some(key),
            _ => return None,
        }
    }
    (!expects_name).then_some(calls)
}

/// The module instances around an address, outermost first, with their keys: `module.a["k"]`, `module.a["k"].module.b`.
pub fn modules_around(address: &str) -> impl Iterator<Item = &str> {
    let mut walk = steps(address).map_while(|step| step).peekable();
    std::iter::from_fn(move || {
        walk.next_if(|(_, step)| *step == Step::Name("module"))?;
        let (mut end, _) = walk.next()?;
        while let Some((key, _)) = walk.next_if(|(_, step)| matches!(step, Step::Key(_))) {
            end = key;
        }
        Some(&address[..end.end])
    })
}

/// The address without any instance key: the join key to configuration and graph.
pub fn config_address(address: &str) -> Cow<'_, str> {
    if !address.contains('[') {
        return Cow::Borrowed(address);
    }
    let mut bare = String::with_capacity(address.len());
    let mut last = 0;
    for (at, step) in steps(address).flatten() {
        if let Step::Key(_) = step {
            bare.push_str(&address[last..at.start]);
            last = at.end;
        }
    }
    bare.push_str(&address[last..]);
    Cow::Owned(bare)
}

impl fmt::Display for KeyText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(n) => write!(f, "[{n}]"),
            Self::Text(text) => write!(f, "[\"{text}\"]"),
            Self::Unknown => f.write_str("[*]"),
        }
    }
}

/// The raw key behind its escaped text: the reverse of what Terraform did when it wrote the address.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '$', '%']) {
        return Cow::Borrowed(text);
    }
    let mut raw = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (piece, used) = match first {
            '\\' => escape_sequence(rest),
            '$' | '%' if rest[1..].starts_with(first) && rest[2..].starts_with('{') => {
                (Some(first), 2)
            }
            _ => (Some(first), first.len_utf8()),
        };
        raw.extend(piece);
        rest = &rest[used.min(rest.len())..];
    }
    Cow::Owned(raw)
}

/// A raw key as it stands in addresses (`toHCLQuotedString` of Terraform 1.11).
pub(crate) fn quoted(raw: &str) -> String {
    let mut text = String::from("\"");
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '"' | '\\' => text.extend(['\\', c]),
            '$' | '%' if chars.peek() == Some(&'{') => text.extend([c, c]),
            _ if !c.is_control() => text.push(c),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
        }
    }
    text.push('"');
    text
}

/// The character an escape stands for and the bytes it takes; an unknown escape stands for itself.
fn escape_sequence(rest: &str) -> (Option<char>, usize) {
    let hex = |digits: usize| match rest
        .get(2..2 + digits)
        .map(|hex| u32::from_str_radix(hex, 16))
    {
        Some(Ok(code)) => (Some(char::from_u32(code).unwrap_or('\u{fffd}')), 2 + digits),
        _ => (Some('\\'), 1),
    };
    match rest.as_bytes().get(1) {
        Some(b'n') => (Some('\n'), 2),
        Some(b'r') => (Some('\r'), 2),
        Some(b't') => (Some('\t'), 2),
        Some(b'a') => (Some('\u{7}'), 2),
        Some(b'b') => (Some('\u{8}'), 2),
        Some(b'f') => (Some('\u{c}'), 2),
        Some(b'v') => (Some('\u{b}'), 2),
        Some(b'x') => hex(2),
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b'"') => (Some('"'), 2),
        Some(b'\\') => (Some('\\'), 2),
        _ => (Some('\\'), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Address, KeyText, Mode, Step, config_address, module_steps, quoted, steps, unescape,
    };
    use proptest::prelude::*;

    #[test]
    fn keys_hold_dots_brackets_and_quotes() {
        let text = r#"module.net["a.b"].module.x[3].data.aws_ami.al["q\"]x[0]"]"#;
        let address = Address::parse(text).expect("an address");
        assert_eq!(address.module, r#"module.net["a.b"].module.x[3]"#);
        assert_eq!(
            (address.mode, address.kind, address.name),
            (Mode::Data, "aws_ami", "al")
        );
        assert_eq!(address.key, Some(KeyText::Text(r#"q\"]x[0]"#)));
        assert_eq!(config_address(text), "module.net.module.x.data.aws_ami.al");
    }

    #[test]
    fn names_may_be_unicode_and_hold_dashes() {
        let address = Address::parse("aws_x.köln-東京[\"\"]").expect("an address");
        assert_eq!(
            (address.name, address.key),
            ("köln-東京", Some(KeyText::Text("")))
        );
    }

    #[test]
    fn a_block_may_be_called_module_or_data_but_a_type_may_not() {
        assert_eq!(
            Address::parse("aws_x.module").expect("an address").name,
            "module"
        );
        assert_eq!(
            Address::parse("aws_x.data[0]").expect("an address").name,
            "data"
        );
        assert_eq!(
            Address::parse("module.module.aws_x.y")
                .expect("an address")
                .module,
            "module.module"
        );
    }

    #[test]
    fn what_is_no_resource_address_is_refused() {
        for text in [
            "",
            "aws_x",
            "module.a",
            "aws_x.y.z",
            "aws_x.y[",
            "aws_x.y[\"a]",
            "aws_x..y",
            "a b.c",
            ".a.b",
            "aws_x.y[-1]",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn deferred_instances_have_a_star() {
        assert_eq!(
            Address::parse("aws_x.y[*]").expect("an address").key,
            Some(KeyText::Unknown)
        );
    }

    #[test]
    fn module_paths_give_calls_and_keys() {
        let calls = module_steps(r#"module.a.module.b["k"]"#).expect("a path");
        assert_eq!(calls, [("a", None), ("b", Some(KeyText::Text("k")))]);
        assert_eq!(module_steps(""), Some(vec![]));
        assert_eq!(module_steps("module"), None);
        assert_eq!(module_steps("aws_x.y"), None);
    }

    #[test]
    fn references_go_on_behind_the_address() {
        let seen: Vec<_> = steps(r#"var.o.a[0]["k"]"#)
            .map(|s| s.expect("a step").1)
            .collect();
        assert_eq!(seen.len(), 5);
        assert_eq!(seen[4], Step::Key(KeyText::Text("k")));
    }

    #[test]
    fn escapes_are_undone_as_terraform_did_them() {
        let table = [
            (r"plain", "plain"),
            (r#"q\"x"#, "q\"x"),
            (r"a\\b", "a\\b"),
            (r"n\nt\t", "n\nt\t"),
            ("$${x}", "${x}"),
            ("%%{y}", "%{y}"),
            ("$$x", "$$x"),
            ("$", "$"),
            (r"\u001b[31m", "\u{1b}[31m"),
            (r"\U0001f680", "\u{1f680}"),
            (r"\q", r"\q"),
            (r"tail\", r"tail\"),
            (r"\u12", r"\u12"),
            (r"\xங", r"\xங"),
        ];
        for (escaped, raw) in table {
            assert_eq!(unescape(escaped), raw, "{escaped}");
        }
    }

    #[test]
    fn raw_keys_are_quoted_as_terraform_does() {
        let table = [
            ("", "\"\""),
            ("a.b", "\"a.b\""),
            ("quo\"te", r#""quo\"te""#),
            ("t${x}%{y}$$", r#""t$${x}%%{y}$$""#),
            ("new\nline\t\\", r#""new\nline\t\\""#),
            ("\u{1}", r#""\u0001""#),
        ];
        for (raw, want) in table {
            assert_eq!(quoted(raw), want);
            assert_eq!(unescape(&want[1..want.len() - 1]), raw);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused_without_panic(text in "\\PC*") {
            let _ = Address::parse(&text);
            let _ = module_steps(&text);
            let _ = config_address(&text);
            let _ = unescape(&text);
        }

        #[test]
        fn addresses_built_from_parts_come_apart_again(
            module in "[a-z]{1,4}", key in "([a-z.\\[\\]() ]|\\\\\"|\\\\\\\\){0,8}", name in "[a-z_-]{1,6}", index in 0u64..99,
        ) {
            let text = format!("module.{module}[\"{key}\"].aws_x.{name}[{index}]");
            let address = Address::parse(&text).expect("an address");
            prop_assert_eq!(address.name, name.as_str());
            prop_assert_eq!(address.key, Some(KeyText::Index(index)));
            prop_assert_eq!(config_address(&text), format!("module.{module}.aws_x.{name}"));
        }
    }
}
