//! Values the plan marks as sensitive, and the hiding of them in what tfguard prints.
//!
//! A marked value of eight or more characters is hidden wherever it turns up; a shorter one would hide half
//! of the report and is only never printed in its own place. Names of blocks and modules are literal in
//! Terraform and cannot carry a value: they are left alone.
//!
//! No secret is kept: a value is remembered by its first bytes, its length and a seeded hash.

use super::values::{marked, may_have_true_leaf};
use crate::input::address::unescape;
use crate::input::json::parts::{elements, fields, members, text_or_none};
use crate::input::names::{Name, Names};
use crate::safe::safe;
use fixedbitset::FixedBitSet;
use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};
use std::hash::BuildHasher as _;

/// Shorter values are common words.
const SHORTEST: usize = 8;
/// No key has more dots in it.
const MOST_PARTS: usize = 16;

/// What stands in place of a secret.
pub const HIDDEN: &str = "(sensitive)";

/// The first bytes of a value.
type Start = [u8; SHORTEST];

/// A value, as far as it takes to know it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Print {
    length: usize,
    hash: u64,
}

/// Marked values.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    hasher: RandomState,
    values: HashSet<(Start, Print)>,
    /// Keys of marked maps: an instance key made of one gives it away.
    keys: HashSet<Print>,
    variables: HashSet<Box<str>>,
}

impl Secrets {
    /// Remembers that a root variable is sensitive.
    pub(super) fn add_variable(&mut self, name: &str) {
        self.variables.insert(name.into());
    }

    /// Takes the values of the variables known to be sensitive out of the raw `variables` object.
    pub(super) fn add_variables(&mut self, raw: &[u8]) {
        let found: Vec<_> = fields(raw)
            .flatten()
            .filter(|(name, _)| self.variables.contains(&**name))
            .collect();
        for (_, value) in found {
            for (key, value) in fields(value).flatten() {
                if key == "value" {
                    self.add_all(value);
                }
            }
        }
    }

    /// Takes what `marks` marks in `value`: `true` marks everything below it, an object or array its parts.
    pub(super) fn add_marked(&mut self, value: &[u8], marks: &[u8]) {
        match marks.first() {
            Some(b't') => self.add_all(value),
            Some(b'{') if may_have_true_leaf(marks) => self.add_marked_fields(value, marks),
            Some(b'[') if may_have_true_leaf(marks) => {
                for (value, marks) in elements(value).flatten().zip(elements(marks).flatten()) {
                    self.add_marked(value, marks);
                }
            }
            _ => {}
        }
    }

    fn add_marked_fields(&mut self, value: &[u8], marks: &[u8]) {
        let mut marked: Vec<_> = marked(marks).collect();
        marked.sort_unstable();
        for (key, value) in members(value).flatten() {
            let from = marked.partition_point(|(name, _)| *name < key);
            let same = marked[from..].iter().take_while(|(name, _)| *name == key);
            for (_, marks) in same {
                self.add_marked(value, marks);
            }
        }
    }

    /// Takes every leaf of a value, and the keys of its maps.
    pub(super) fn add_all(&mut self, value: &[u8]) {
        let mut left = vec![value];
        while let Some(value) = left.pop() {
            match value.first() {
                Some(b'{') => {
                    for (key, value) in fields(value).flatten() {
                        self.add_key(&key);
                        left.push(value);
                    }
                }
                Some(b'[') => left.extend(elements(value).flatten()),
                Some(b'"') => {
                    if let Some(text) = text_or_none(value) {
                        self.add_value(&text);
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.add_value(&String::from_utf8_lossy(value)),
                _ => {}
            }
        }
    }

    fn print(&self, text: &str) -> Print {
        Print {
            length: text.len(),
            hash: self.hasher.hash_one(text),
        }
    }

    fn add_value(&mut self, text: &str) {
        if text.chars().count() >= SHORTEST {
            self.add_text(text);
            for form in forms(text) {
                self.add_text(&form);
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Some(start) = text.as_bytes().first_chunk() {
            self.values.insert((*start, self.print(text)));
        }
    }

    fn add_key(&mut self, text: &str) {
        if text.chars().count() < SHORTEST {
            return;
        }
        self.keys.insert(self.print(text));
        for form in forms(text) {
            self.keys.insert(self.print(&form));
        }
    }

    /// Puts the secrets to use.
    pub(super) fn mask(&self) -> Mask<'_> {
        let mut sorted: Vec<_> = self.values.iter().collect();
        // Longest first: a secret inside a longer one must not leave the rest of it behind.
        sorted.sort_unstable_by_key(|(start, print)| (*start, std::cmp::Reverse(*print)));
        let mut by_start: HashMap<Start, Vec<Print>> = HashMap::default();
        let mut beginnings = FixedBitSet::with_capacity(1 << 16);
        for (start, print) in sorted {
            beginnings.insert(beginning(*start));
            by_start.entry(*start).or_default().push(*print);
        }
        Mask {
            secrets: self,
            by_start,
            beginnings,
            masked: HashMap::default(),
        }
    }
}

/// Replaces secrets. One bit is looked at per byte of text, and a table where a secret may begin: plans hold tens of
/// thousands of marked values, and an automaton over them would outweigh the rest of the program.
pub(super) struct Mask<'a> {
    secrets: &'a Secrets,
    by_start: HashMap<Start, Vec<Print>>,
    /// The first two bytes of them: at most places of a text no secret begins.
    beginnings: FixedBitSet,
    masked: HashMap<Name, Name>,
}

/// The first two bytes as a number.
fn beginning(start: Start) -> usize {
    usize::from(start[0]) << 8 | usize::from(start[1])
}

/// How else a text may stand elsewhere: made safe, as names and paths are, and as `jsonencode` writes it.
fn forms(text: &str) -> impl Iterator<Item = String> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\<>&".contains(&byte);
    let odd = !text.bytes().all(plain);
    let encoded = || {
        let quoted = serde_json::to_string(text).ok()?;
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let escaped = inner.replace('<', "\\u003c").replace('>', "\\u003e");
        Some(escaped.replace('&', "\\u0026"))
    };
    let all = odd.then(|| [Some(safe(text)), encoded()]);
    let others = all.into_iter().flatten().flatten();
    others.filter(move |form| form != text)
}

impl Mask<'_> {
    /// Whether anything is to be hidden at all.
    pub(super) fn is_empty(&self) -> bool {
        self.by_start.is_empty() && self.secrets.keys.is_empty()
    }

    /// An instance key with its secrets hidden. Equal keys stay equal; the second, third… hidden key is
    /// numbered, so that two objects do not become one.
    pub(super) fn key(&mut self, key: &Name, names: &mut Names) -> Name {
        if let Some(masked) = self.masked.get(key) {
            return Name::clone(masked);
        }
        let raw = unescape(key);
        if !self.is_key(&raw) && self.hide(&raw).is_none() {
            return Name::clone(key);
        }
        let nth = self.masked.len() + 1;
        let masked = names.intern(&if nth == 1 {
            HIDDEN.to_owned()
        } else {
            format!("(sensitive {nth})")
        });
        self.masked.insert(Name::clone(key), Name::clone(&masked));
        masked
    }

    /// Free text with its secrets hidden.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        if self.is_key(text) {
            return Some(HIDDEN.to_owned());
        }
        self.hide(text)
    }

    /// Whether a path, `m.key` or `m["key"]`, goes through a key of a marked map. Keys may have dots in them.
    pub(super) fn goes_through_key(&self, path: &str) -> bool {
        if self.secrets.keys.is_empty() {
            return false;
        }
        let begins = path.match_indices(['.', '[']);
        let mut begins = begins.map(|(at, _)| path[at + 1..].trim_start_matches('"'));
        begins.any(|rest| {
            let ends = rest.match_indices(['.', '[', '"', ']']).map(|(at, _)| at);
            let mut ends = ends.take(MOST_PARTS).chain([rest.len()]);
            ends.any(|end| self.is_key(&rest[..end]))
        })
    }

    fn is_key(&self, text: &str) -> bool {
        self.secrets.keys.contains(&self.secrets.print(text))
    }

    /// The length of the secret that begins at a byte of the text.
    fn secret_at(&self, text: &str, at: usize) -> Option<usize> {
        let start = text.as_bytes()[at..].first_chunk()?;
        if !self.beginnings.contains(beginning(*start)) {
            return None;
        }
        let known = self.by_start.get(start)?.iter();
        let mut lengths = known.filter_map(|print| {
            let found = text.get(at..at + print.length)?;
            (self.secrets.print(found) == *print).then_some(print.length)
        });
        lengths.next()
    }

    /// The text without secrets; nothing when it holds none.
    fn hide(&self, text: &str) -> Option<String> {
        if self.by_start.is_empty() {
            return None;
        }
        let (mut out, mut kept, mut at) = (String::new(), 0, 0);
        while at + SHORTEST <= text.len() {
            if let Some(length) = self.secret_at(text, at) {
                out.push_str(&text[kept..at]);
                out.push_str(HIDDEN);
                at += length;
                kept = at;
            } else {
                at += 1;
            }
        }
        (kept > 0).then(|| out + &text[kept..])
    }
}

#[cfg(test)]
mod tests {
    use super::Secrets;
    use crate::input::names::Names;

    fn secrets(value: &str, marks: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add_marked(value.as_bytes(), marks.as_bytes());
        secrets
    }

    #[test]
    fn only_what_is_marked_is_hidden() {
        let secrets = secrets(
            r#"{"a":"S3CR3T-aaaa","b":"public-value","c":[{"d":"S3CR3T-dddd","e":"harmless-e"}]}"#,
            r#"{"a":true,"c":[{"d":true}]}"#,
        );
        let mask = secrets.mask();
        assert_eq!(
            mask.text("x S3CR3T-aaaa y S3CR3T-dddd").as_deref(),
            Some("x (sensitive) y (sensitive)")
        );
        assert_eq!(mask.text("public-value harmless-e"), None);
    }

    #[test]
    fn a_mark_on_a_container_marks_all_below_it_and_its_keys() {
        let secrets = secrets(
            r#"{"t":{"S3CR3T-key":[123456789, true, "S3CR3T-in"]}}"#,
            r#"{"t":true}"#,
        );
        let mask = secrets.mask();
        assert!(mask.text("id 123456789").is_some());
        assert!(mask.text("S3CR3T-key").is_some());
    }

    #[test]
    fn a_path_through_a_marked_key_is_known_however_it_is_written() {
        let secrets = secrets(r#"{"m":{"S3CR3T-key":1,"S3CR3T.b.c":2}}"#, r#"{"m":true}"#);
        let mask = secrets.mask();
        for path in [
            "m.S3CR3T-key",
            "m.S3CR3T-key.x[0]",
            "m[\"S3CR3T-key\"]",
            "m.S3CR3T.b.c",
            "a[0].S3CR3T.b.c.d",
        ] {
            assert!(mask.goes_through_key(path), "{path}");
        }
        assert!(!mask.goes_through_key("m.public-key") && !mask.goes_through_key("m"));
    }

    #[test]
    fn a_repeated_key_hides_both_of_its_values() {
        let secrets = secrets(r#"{"a":"S3CR3T-one","a":"S3CR3T-two"}"#, r#"{"a":true}"#);
        let mask = secrets.mask();
        assert!(mask.text("S3CR3T-one").is_some() && mask.text("S3CR3T-two").is_some());
    }

    #[test]
    fn a_secret_is_known_in_its_safe_and_in_its_encoded_form() {
        let secrets = secrets(
            r#"{"m":{"S3CR3T\nkey\u200b":"S3CR3T \"v\" <\\n>"}}"#,
            "true",
        );
        let mask = secrets.mask();
        assert!(mask.goes_through_key(r#"m["S3CR3T\u{a}key\u{200b}"]"#));
        let said = r#"is "S3CR3T \"v\" \u003c\\n\u003e", or S3CR3T "v" <\n>"#;
        assert_eq!(
            mask.text(said).as_deref(),
            Some(r#"is "(sensitive)", or (sensitive)"#)
        );
    }

    #[test]
    fn short_values_are_not_hidden_elsewhere() {
        assert!(
            secrets(r#"{"a":"prod"}"#, r#"{"a":true}"#)
                .mask()
                .text("prod")
                .is_none()
        );
    }

    #[test]
    fn the_longer_of_two_secrets_that_overlap_is_hidden_whole() {
        let secrets = secrets(r#"["12345678","12345678-and-more"]"#, "[true,true]");
        assert_eq!(
            secrets.mask().text("12345678-and-more").as_deref(),
            Some("(sensitive)")
        );
    }

    #[test]
    fn hidden_keys_stay_apart_and_equal_ones_together() {
        let secrets = secrets(r#"["S3CR3T-one\"","S3CR3T-two"]"#, "true");
        let (mut mask, mut names) = (secrets.mask(), Names::default());
        let (one, two) = (names.intern(r#"S3CR3T-one\""#), names.intern("S3CR3T-two"));
        assert_eq!(&*mask.key(&one, &mut names), "(sensitive)");
        assert_eq!(&*mask.key(&two, &mut names), "(sensitive 2)");
        assert_eq!(&*mask.key(&one, &mut names), "(sensitive)");
    }

    #[test]
    fn sensitive_variables_give_their_values() {
        let mut secrets = Secrets::default();
        secrets.add_variable("pw");
        secrets.add_variables(br#"{"pw":{"value":"S3CR3T-pw"},"open":{"value":"anything-else"}}"#);
        assert!(secrets.mask().text("S3CR3T-pw").is_some());
        assert!(secrets.mask().text("anything-else").is_none());
    }
}
