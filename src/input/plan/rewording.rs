//! How a text changed: the same change in many objects was made in one place.

use super::differing::differing;
use crate::input::json::parts::{get, members, text_or_none};
use crate::input::names::{Name, Names};
use std::hash::BuildHasher;
use std::ops::Range;

/// More text of variables is not looked through for every value that changes.
const MOST_VARIABLES: usize = 16 * 1024;
/// So many words of a literal are known.
const MOST_WORDS: usize = 8;

/// How a known value changed to another one, without the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewording {
    /// A seeded hash of the part that went and the part that came: `acme-db` to `globex-db` is the same change as
    /// `acme-logs` to `globex-logs`.
    pub print: u64,
    /// A seeded hash of the word that came: [`super::configuration::Call::words`] has such ones.
    pub word: u64,
    /// The root variables whose values have the word that came; nothing when there are too many to look.
    pub variables: Option<Box<[Name]>>,
}

impl Rewording {
    /// Of raw values before and after, with marks of what is not known afterwards; `variables` are the raw ones of the plan.
    /// A block in which one text has changed, or several alike, has changed as the text has.
    pub(super) fn of(
        values: [&[u8]; 2],
        unknown: &[u8],
        variables: &[u8],
        hasher: &impl BuildHasher,
        names: &mut Names,
    ) -> Option<Self> {
        let texts = differing(values, unknown).unwrap_or_default();
        let mut others = texts.iter();
        if let Some(first) = others.next()
            && let Some(one) = Self::of_value(*first, variables, hasher, names)
        {
            let alike = |values: &[&[u8]; 2]| {
                let other = Self::of_value(*values, b"{}", hasher, &mut Names::default());
                other.is_some_and(|other| other.print == one.print)
            };
            if others.all(alike) {
                return Some(one);
            }
        }
        Self::of_value(values, variables, hasher, names)
    }

    fn of_value(
        [before, after]: [&[u8]; 2],
        variables: &[u8],
        hasher: &impl BuildHasher,
        names: &mut Names,
    ) -> Option<Self> {
        let texts = text_or_none(before).zip(text_or_none(after));
        let Some((old, new)) = texts else {
            // Switches are equal by chance.
            let tells = !matches!(after, b"true" | b"false" | b"null" | b"");
            return tells.then(|| Self {
                print: hasher.hash_one((false, before, after)),
                word: print(after, hasher),
                variables: holding(variables, names, |value| value == after),
            });
        };
        let [went, came] = parted(&old, &new);
        let word = word(&new, came.clone()).as_bytes();
        Some(Self {
            print: hasher.hash_one((true, &old[went], &new[came])),
            word: print(word, hasher),
            variables: holding(variables, names, |value| has_word(value, word)),
        })
    }
}

fn print(word: &[u8], hasher: &impl BuildHasher) -> u64 {
    hasher.hash_one(("word", word))
}

/// Prints of a literal value: of all of it, and of the words in a text.
pub(super) fn words(value: &[u8], hasher: &impl BuildHasher) -> Vec<u64> {
    let Some(text) = text_or_none(value) else {
        return vec![print(value, hasher)];
    };
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && *word != text);
    let all = std::iter::once(&*text).chain(words).take(MOST_WORDS);
    all.map(|word| print(word.as_bytes(), hasher)).collect()
}

/// The variables with such a raw value.
fn holding(
    variables: &[u8],
    names: &mut Names,
    is_it: impl Fn(&[u8]) -> bool,
) -> Option<Box<[Name]>> {
    if variables.len() > MOST_VARIABLES {
        return None;
    }
    let all = members(variables).flatten();
    let some = all.filter(|(_, variable)| get(variable, "value").is_some_and(&is_it));
    let named = some.filter_map(|(name, _)| Some(names.intern(std::str::from_utf8(&name).ok()?)));
    Some(named.collect())
}

/// Whether a value has a word, and not within another one.
fn has_word(value: &[u8], word: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let mut found = memchr::memmem::find_iter(value, word);
    !word.is_empty()
        && found.any(|at| {
            let before = at.checked_sub(1).and_then(|before| value.get(before));
            is_end(before) && is_end(value.get(at + word.len()))
        })
}

/// Where two texts part from and come to each other again.
fn parted(old: &str, new: &str) -> [Range<usize>; 2] {
    let alike = |(a, b): &(char, char)| a == b;
    let pairs = old.chars().zip(new.chars()).take_while(alike);
    let start = pairs.map(|(a, _)| a.len_utf8()).sum::<usize>();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
    let end = pairs.take_while(alike).map(|(a, _)| a.len_utf8());
    let end = end.sum::<usize>();
    let [went, came] = [start..old.len() - end, start..new.len() - end];
    // Where something was only put in or taken out, it may be read in several ways: `eu-` before a word is `-eu` behind the
    // one before it. The first is taken.
    let back = match (went.is_empty(), came.is_empty()) {
        (true, false) => steps_back(new, &came),
        (false, true) => steps_back(old, &went),
        _ => 0,
    };
    [went, came].map(|part| part.start - back..part.end - back)
}

/// How far to the left a part of a text can be moved, and leave the same text when it is taken out.
fn steps_back(text: &str, part: &Range<usize>) -> usize {
    let before = text[..part.start].chars().rev();
    // What is behind the part after a step is what stood before it.
    let last = text[..part.end].chars().rev();
    let alike = before.zip(last).take_while(|(a, b)| a == b);
    alike.map(|(a, _)| a.len_utf8()).sum()
}

/// A part of a text with the letters and digits around it.
fn word(text: &str, part: Range<usize>) -> &str {
    let is_end = |c: char| !c.is_alphanumeric();
    let start = text[..part.start].rfind(is_end);
    let start = start.map_or(0, |at| {
        at + text[at..].chars().next().map_or(0, char::len_utf8)
    });
    let end = text[part.end..].find(is_end);
    &text[start..end.map_or(text.len(), |at| part.end + at)]
}

#[cfg(test)]
mod tests {
    use super::{Rewording, parted, word};
    use crate::input::names::Names;

    fn rewording(before: &str, after: &str) -> Rewording {
        told(before, after).expect("no switch")
    }

    fn told(before: &str, after: &str) -> Option<Rewording> {
        let variables = br#"{"env":{"value":"preprod"},"on":{"value":12},"org":{"value":"acme"}}"#;
        let hasher = foldhash::fast::FixedState::default();
        let values = [before.as_bytes(), after.as_bytes()];
        Rewording::of(values, b"{}", variables, &hasher, &mut Names::default())
    }

    fn variables(before: &str, after: &str) -> Vec<String> {
        let found = rewording(before, after).variables;
        let found = found.expect("few variables");
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_put_in_has_the_same_print_before_a_word_and_behind_one() {
        let behind = rewording(r#""marlow/web""#, r#""marlow-eu/web""#);
        let before = rewording(r#""alias/marlow-keys""#, r#""alias/marlow-eu-keys""#);
        assert_eq!(behind.print, before.print);
        let [went, came] = parted("aab", "aaab");
        assert_eq!((went, came), (0..0, 0..1));
        let [went, came] = parted("xöü", "x");
        assert_eq!((went, came), (1..5, 1..1));
    }

    #[test]
    fn the_same_change_around_other_words_has_the_same_print() {
        let db = rewording(r#""acme-db""#, r#""globex-db""#);
        assert_eq!(
            db.print,
            rewording(r#""acme-logs""#, r#""globex-logs""#).print
        );
        assert_ne!(
            db.print,
            rewording(r#""acme-logs""#, r#""initech-logs""#).print
        );
        assert_ne!(
            rewording("1", "2").print,
            rewording(r#""1""#, r#""2""#).print
        );
    }

    #[test]
    fn a_text_in_a_block_changes_as_it_does_alone() {
        let alone = rewording(r#""acme-db""#, r#""globex-db""#);
        let nested = |name: &str| {
            let block = |org: &str| format!(r#"[{{"cn":"{name}","org":"{org}","ou":"{org}-x"}}]"#);
            rewording(&block("acme"), &block("globex"))
        };
        assert_eq!(nested("a").print, alone.print);
        assert_eq!(nested("a"), nested("b"));
        let two = rewording(r#"{"a":"x","b":"y"}"#, r#"{"a":"y","b":"z"}"#);
        assert_ne!(two.print, rewording(r#""x""#, r#""y""#).print);
    }

    #[test]
    fn variables_that_hold_the_new_word_are_told() {
        assert_eq!(
            variables(r#""acme-prod-db""#, r#""acme-preprod-db""#),
            ["env"]
        );
        assert_eq!(variables("8", "12"), ["on"]);
        assert!(variables(r#""acme-a""#, r#""acme-p""#).is_empty());
        assert!(told("false", "true").is_none());
        assert!(variables(r#""acme-db""#, r#""acme-""#).is_empty());
        assert!(variables("null", "1").is_empty());
    }

    #[test]
    fn texts_part_between_characters() {
        assert_eq!(parted("aé-x", "aè-x"), [1..3, 1..3]);
        assert_eq!(parted("aa", "a"), [0..1, 0..0]);
        assert_eq!(parted("", ""), [0..0, 0..0]);
        assert_eq!(word("é-prod-x", 3..4), "prod");
    }
}
