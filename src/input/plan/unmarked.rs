//! Hides what looks like a secret in words that people write: nobody marked it, nobody can read it.

use super::secrets::HIDDEN;
use std::borrow::Cow;

/// A longer run of letters and digits is a key or a token, not a word.
const LONGEST_WORD: usize = 32;

/// A word without what looks like a password, a key or a token.
pub(super) fn without_secret(word: &str) -> String {
    without_tokens(&without_password(word))
}

/// A word with the password hidden that stands in a URL, or behind a word for one.
fn without_password(word: &str) -> Cow<'_, str> {
    const WORDS: [&str; 6] = ["password", "passwd", "pwd", "secret", "token", "api_key"];
    // A password may hold a slash: up to the last @ it may go on.
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some(at) = rest.rfind('@')
        && let Some(colon) = rest[..at].find(':')
    {
        let (user, host) = (&rest[..colon], &rest[at..]);
        return format!("{scheme}://{user}:{HIDDEN}{host}").into();
    }
    let Some((name, value)) = word.split_once('=') else {
        return word.into();
    };
    let lower = name.to_ascii_lowercase();
    let value = value.trim_end_matches(|c: char| ",;.'\")".contains(c));
    if value.is_empty() || !WORDS.iter().any(|word| lower.ends_with(word)) {
        return word.into();
    }
    let end = &word[name.len() + 1 + value.len()..];
    format!("{name}={HIDDEN}{end}").into()
}

/// A word with what looks like a key or a token hidden.
fn without_tokens(word: &str) -> String {
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-');
    let upper = |c: char| c.is_ascii_uppercase();
    let lower = |c: char| c.is_ascii_lowercase();
    let mut out = String::with_capacity(word.len());
    for piece in word.split_inclusive(|c| !of_token(c)) {
        let run = piece.trim_end_matches(|c| !of_token(c));
        // Names that people give to objects are long as well, but of one case and with hyphens.
        let named = run.contains(['-', '_']) && !(run.contains(upper) && run.contains(lower));
        let secret = run.len() >= LONGEST_WORD
            && !named
            && run.contains(|c: char| c.is_ascii_digit())
            && run.contains(|c: char| c.is_ascii_alphabetic());
        out.push_str(if secret { HIDDEN } else { run });
        out.push_str(&piece[run.len()..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{without_password, without_tokens};

    #[test]
    fn passwords_that_nobody_marked_are_hidden() {
        for (word, shown) in [
            (
                "postgres://orders:kX8vQ2mPz4@db.internal:5432/orders",
                "postgres://orders:(sensitive)@db.internal:5432/orders",
            ),
            (
                "redis://:p@ss/w@cache:6379",
                "redis://:(sensitive)@cache:6379",
            ),
            ("https://db.internal:5432/a", "https://db.internal:5432/a"),
            ("ssh://git@github.com/x", "ssh://git@github.com/x"),
            ("db_password=hunter2,", "db_password=(sensitive),"),
            ("Pwd=x", "Pwd=(sensitive)"),
            ("key=value", "key=value"),
            ("password=", "password="),
        ] {
            assert_eq!(without_password(word), shown);
        }
    }

    #[test]
    fn tokens_that_nobody_marked_are_hidden() {
        assert_eq!(
            without_tokens("token=ghp_16C7e42F292c6912E7710c838347Ae178B4a."),
            "(sensitive)."
        );
        assert_eq!(
            without_tokens("arn:aws:iam::111111111111:role/deploy"),
            "arn:aws:iam::111111111111:role/deploy"
        );
        let name = "platform-production-eu-west-1-bucket-01";
        assert_eq!(without_tokens(name), name);
        assert_eq!(without_tokens("köln-🚀"), "köln-🚀");
    }
}
