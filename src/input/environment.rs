//! The words by which people tell environments apart, and nothing that merely contains them: `prod` is one in
//! `prod-db`, `appProd` and `prod2`, and none in `product`, `prodigy` or `device`.

use std::ops::Range;

/// An environment, as far as its name tells which of a few it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// What customers use.
    Production,
    /// What is like it.
    Staging,
    /// Where it is tried.
    Test,
    /// Where it is made.
    Development,
}

/// What a text says of environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Told {
    /// Nothing.
    #[default]
    Nothing,
    /// One.
    One(Environment),
    /// Several, or that it is for all.
    Several,
}

/// The words, in all lengths people write them.
const WORDS: [(&str, Environment); 23] = [
    ("prod", Environment::Production),
    ("prd", Environment::Production),
    ("production", Environment::Production),
    ("prods", Environment::Production),
    ("staging", Environment::Staging),
    ("stage", Environment::Staging),
    ("stg", Environment::Staging),
    ("preprod", Environment::Staging),
    ("preproduction", Environment::Staging),
    ("preprd", Environment::Staging),
    ("test", Environment::Test),
    ("tst", Environment::Test),
    ("testing", Environment::Test),
    ("qa", Environment::Test),
    ("uat", Environment::Test),
    ("dev", Environment::Development),
    ("develop", Environment::Development),
    ("development", Environment::Development),
    ("nonprod", Environment::Development),
    ("nonproduction", Environment::Development),
    ("nprd", Environment::Development),
    ("nonprd", Environment::Development),
    ("sandbox", Environment::Development),
];

/// Words that say it as the value of a tag, and nowhere else.
const WORDS_OF_TAGS: [(&str, Environment); 7] = [
    ("live", Environment::Production),
    ("p", Environment::Production),
    ("s", Environment::Staging),
    ("t", Environment::Test),
    ("int", Environment::Test),
    ("integration", Environment::Test),
    ("d", Environment::Development),
];

/// What follows `dev` where it stands for developers.
const DEVELOPERS: [&str; 20] = [
    "ops",
    "tools",
    "tool",
    "tooling",
    "team",
    "teams",
    "portal",
    "kit",
    "null",
    "rel",
    "experience",
    "docs",
    "guild",
    "group",
    "users",
    "user",
    "center",
    "container",
    "containers",
    "sec",
];

impl Environment {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Test => "test",
            Self::Development => "development",
        }
    }

    fn of(word: &str, words: &[(&str, Self)]) -> Option<Self> {
        let mut known = words.iter();
        let found = known.find(|(known, _)| known.eq_ignore_ascii_case(word))?;
        Some(found.1)
    }
}

/// The environment that a name tells of.
pub fn in_name(text: &str) -> Told {
    let mut told = Told::Nothing;
    if !may_hold_word(text) {
        return told;
    }
    for (_, environment) in with_environments(text) {
        told = match (told, environment) {
            (_, None) => told,
            (Told::Nothing, Some(environment)) => Told::One(environment),
            (Told::One(other), Some(environment)) if other == environment => told,
            _ => return Told::Several,
        };
    }
    told
}

/// The environment that the value of a tag for it names. Some words say so there and nowhere else.
pub fn in_tag(text: &str) -> Told {
    let short = Environment::of(text.trim(), &WORDS_OF_TAGS);
    short.map_or_else(|| in_name(text), Told::One)
}

/// Whether a tag is one for the environment: `Environment`, `env`, `app.kubernetes.io/environment`…
pub fn is_tag(key: &str) -> bool {
    let own = key.rsplit(['/', ':', '.']).next().unwrap_or(key);
    if own.len() > 24 {
        return false;
    }
    let known = [
        "environment",
        "env",
        "stage",
        "envname",
        "environmentname",
        "envtype",
        "environmenttype",
        "deploymentenvironment",
    ];
    let letters = || own.bytes().filter(u8::is_ascii_alphanumeric);
    let lower = || letters().map(|byte| byte.to_ascii_lowercase());
    known.iter().any(|known| lower().eq(known.bytes()))
}

/// A name without the words for its environment: what `prod-orders` and `dev_orders` have in common.
pub fn without(text: &str) -> String {
    let others = with_environments(text).filter(|(_, environment)| environment.is_none());
    let others = others.map(|(word, _)| word.to_ascii_lowercase());
    let kept = others.filter(|word| !matches!(word.as_str(), "non" | "pre"));
    kept.collect::<Vec<_>>().join("-")
}

/// Whether a text may hold one of the words: most names need not be split. All of them have one of these in them.
fn may_hold_word(text: &str) -> bool {
    let three = |three: &[u8]| {
        let small = [three[0] | 0x20, three[1] | 0x20, three[2] | 0x20];
        matches!(
            &small,
            b"pro" | b"prd" | b"sta" | b"stg" | b"tes" | b"tst" | b"uat" | b"dev" | b"san"
        )
    };
    text.as_bytes().windows(3).any(three) || memchr::memchr2(b'q', b'Q', text.as_bytes()).is_some()
}

/// The words of a name, each with the environment it tells of.
fn with_environments(text: &str) -> impl Iterator<Item = (&str, Option<Environment>)> {
    let mut words = words(text).peekable();
    let mut before = "";
    std::iter::from_fn(move || {
        let at = words.next()?;
        let next = words.peek().map_or("", |next| &text[next.clone()]);
        let environment = environment_at(text, &at, before, next);
        before = &text[at];
        Some((before, environment))
    })
}

/// The environment that a word of a name tells of, between its neighbours.
fn environment_at(text: &str, at: &Range<usize>, before: &str, next: &str) -> Option<Environment> {
    // Most words begin like none of those that tell.
    let first = text.as_bytes()[at.start].to_ascii_lowercase();
    if !b"pstqudn".contains(&first) {
        return None;
    }
    let word = text[at.clone()].trim_end_matches(|c: char| c.is_ascii_digit());
    let developers = || {
        let mut known = DEVELOPERS.iter();
        known.any(|known| known.eq_ignore_ascii_case(next))
    };
    // Of a domain `.dev` is the end.
    let domain = || at.end == text.trim_end_matches('.').len() && text[..at.start].ends_with('.');
    match Environment::of(word, &WORDS)? {
        Environment::Production if before.eq_ignore_ascii_case("non") => {
            Some(Environment::Development)
        }
        Environment::Production if before.eq_ignore_ascii_case("pre") => Some(Environment::Staging),
        Environment::Development if developers() || domain() => None,
        environment => Some(environment),
    }
}

/// The words of a name, in small letters.
pub fn lower_words(text: &str) -> impl Iterator<Item = String> {
    words(text).map(|word| text[word].to_lowercase())
}

/// The words of a name: split at what is neither letter nor digit, and where a capital follows a small letter.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let (mut at, ascii) = (0, text.is_ascii());
    std::iter::from_fn(move || {
        let from = |(nth, c)| (at + nth, c);
        // Nearly all names: their characters need not be put together from bytes.
        let word = if ascii {
            let chars = text.as_bytes()[at..].iter().copied().map(char::from);
            word(chars.enumerate().map(from))
        } else {
            word(text[at..].char_indices().map(from))
        };
        let (start, end) = word?;
        at = end.unwrap_or(text.len());
        Some(start..at)
    })
}

/// Where the first word begins, and where it ends unless it is the last.
fn word(mut chars: impl Iterator<Item = (usize, char)>) -> Option<(usize, Option<usize>)> {
    let (start, mut last) = chars.find(|(_, c)| c.is_alphanumeric())?;
    let mut ends = chars.skip_while(|(_, c)| {
        let hump = c.is_uppercase() && !last.is_uppercase();
        last = *c;
        c.is_alphanumeric() && !hump
    });
    Some((start, ends.next().map(|(at, _)| at)))
}

#[cfg(test)]
mod tests {
    use super::{Environment, Told, WORDS, in_name, in_tag, is_tag, may_hold_word, without, words};
    use Environment::{Development, Production, Staging, Test};
    use proptest::prelude::*;

    #[test]
    fn only_whole_words_tell_of_an_environment() {
        let table = [
            ("prod-orders", Told::One(Production)),
            ("ordersProd", Told::One(Production)),
            ("PROD_DB", Told::One(Production)),
            ("prod2", Told::One(Production)),
            ("acme/dev/orders", Told::One(Development)),
            ("eu.stg.acme.com", Told::One(Staging)),
            ("qa", Told::One(Test)),
            ("non-prod", Told::One(Development)),
            ("pre_prod", Told::One(Staging)),
            ("prod-prod", Told::One(Production)),
            ("product", Told::Nothing),
            ("prodigy-device", Told::Nothing),
            ("developer", Told::Nothing),
            ("devops", Told::Nothing),
            ("dev-ops", Told::Nothing),
            ("dev_tools", Told::Nothing),
            ("DevOps", Told::Nothing),
            ("acme.dev", Told::Nothing),
            ("reproduction", Told::Nothing),
            ("latest", Told::Nothing),
            ("prod-to-dev", Told::Several),
            ("", Told::Nothing),
            ("東京-dev-é", Told::One(Development)),
        ];
        for (text, want) in table {
            assert_eq!(in_name(text), want, "{text}");
        }
    }

    #[test]
    fn no_word_is_passed_over() {
        for (word, environment) in WORDS {
            for word in [word.to_owned(), word.to_uppercase(), format!("é_{word}7")] {
                assert_eq!(in_name(&word), Told::One(environment), "{word}");
            }
        }
        assert!(!may_hold_word("orders-db_77") && !may_hold_word("é"));
    }

    #[test]
    fn tags_may_say_it_in_shorter_words() {
        assert_eq!(in_tag("Live"), Told::One(Production));
        assert_eq!(in_tag(" Production "), Told::One(Production));
        assert_eq!(in_tag("blue"), Told::Nothing);
        assert!(
            is_tag("Environment") && is_tag("acme:env") && is_tag("app.kubernetes.io/environment")
        );
        assert!(is_tag("environment-name") && !is_tag("EnvironmentOwner") && !is_tag("Name"));
    }

    #[test]
    fn names_of_parallel_things_are_equal_without_their_environments() {
        assert_eq!(without("prod-orders"), without("orders_dev"));
        assert_eq!(without("non_prod_orders"), "orders");
        assert_ne!(without("prod-orders"), without("dev-mails"));
    }

    proptest! {
        #[test]
        fn any_text_is_split(text in "\\PC{0,40}") {
            in_name(&text);
            without(&text);
            is_tag(&text);
        }

        #[test]
        fn words_are_the_same_whatever_stands_behind_them(text in "[aBc1_. -]{0,20}") {
            let longer = format!("{text}-é");
            let mut others: Vec<_> = words(&longer).collect();
            others.pop();
            prop_assert_eq!(words(&text).collect::<Vec<_>>(), others);
        }
    }
}
