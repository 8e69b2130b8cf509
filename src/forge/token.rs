//! The token: it goes into one header of requests to one host, and nowhere else.

use crate::error::Error;
use std::fmt;

/// A token and the header that carries it. It cannot be shown.
#[derive(Clone)]
pub(super) struct Token {
    secret: String,
    pub(super) header: &'static str,
    scheme: &'static str,
}

impl Token {
    /// A token out of an environment variable, for a header with a scheme before it.
    pub(super) fn new(
        variable: &str,
        value: &str,
        header: &'static str,
        scheme: &'static str,
    ) -> Result<Self, Error> {
        // Files and secrets stores like to end with a newline.
        let secret = value.trim().to_owned();
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                Error::new(format!("the token in {variable} cannot be one"))
                    .help("a token is one word of plain ASCII; was a whole file or several lines put there?"),
            );
        }
        Ok(Self {
            secret,
            header,
            scheme,
        })
    }

    /// What stands in the header.
    pub(super) fn value(&self) -> String {
        format!("{}{}", self.scheme, self.secret)
    }

    /// Takes the token out of a text: what a server answers may repeat what it was sent.
    pub(super) fn out_of(&self, text: &str) -> String {
        text.replace(&self.secret, "(token)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.header)
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    fn token(value: &str) -> Result<Token, crate::error::Error> {
        Token::new("GITHUB_TOKEN", value, "authorization", "Bearer ")
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = token("ghp_secret\n").expect("a token");
        assert_eq!(format!("{token:?}"), "Token(authorization)");
        assert_eq!(token.value(), "Bearer ghp_secret");
        assert_eq!(token.out_of("bad ghp_secret!"), "bad (token)!");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_being_shown() {
        for wrong in ["two words", "a\r\nX-Evil: 1", "schlüssel"] {
            let error = token(wrong).expect_err("refused");
            assert!(
                error.message().contains("GITHUB_TOKEN") && !error.message().contains(wrong),
                "{error}"
            );
        }
    }
}
