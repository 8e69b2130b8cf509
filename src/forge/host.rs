//! What GitHub and GitLab do differently.

use super::http::{Answer, Call};
use super::retry::Client;
use crate::error::Error;
use serde::Deserialize;
use std::borrow::Cow;
use ureq::http::Method;

/// Who a token writes as, by the number a rename leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Author(pub(super) u64);

/// A comment as both hosts tell of it. What else they tell is nobody's business here.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    /// GitHub allows none.
    pub(super) body: Option<String>,
    /// Nobody when the account is gone.
    #[serde(alias = "user")]
    pub(super) author: Option<CommentAuthor>,
}

/// Who wrote a comment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CommentAuthor {
    pub(super) id: u64,
}

/// The words of a host, for messages.
pub(super) struct Named {
    pub(super) host: &'static str,
    pub(super) thread: &'static str,
    /// What to do about 401…
    pub(super) invalid: &'static str,
    /// …about 403…
    pub(super) forbidden: &'static str,
    /// …and about 404.
    pub(super) missing: &'static str,
}

/// One thread of comments on a host.
pub(super) trait Host {
    /// The longest comment, in characters.
    fn longest(&self) -> usize;
    /// Where a page of comments is, the oldest comments first.
    fn comments(&self, page: u32) -> String;
    /// Whether there is no page after this one.
    fn is_last_page(&self, answer: &Answer) -> bool;
    /// Where a comment is posted to.
    fn new_comment(&self) -> String;
    /// Where a comment is.
    fn comment(&self, id: u64) -> String;
    /// How a comment is changed.
    fn change(&self) -> Method;
    /// Who the token writes as.
    fn me(&self, client: &Client) -> Result<Author, Error>;
    /// The host's words.
    fn named(&self) -> Named;

    /// The text without what would be a command to the host.
    fn tamed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// The error for an answer that is none, and what to do.
    fn refused(&self, client: &Client, call: &Call, answer: &Answer) -> Error {
        let named = self.named();
        let said = said(answer).map_or_else(String::new, |said| {
            format!(": {}", client.line.clean(&said))
        });
        if answer.is_good() {
            return Error::new(format!("{} answered {} with something unknown", named.host, call.name()))
                .help("is --api the address of the API? such as https://HOST/api/v3 for GitHub, https://HOST/api/v4 for GitLab");
        }
        let error = Error::new(format!(
            "{} answered {} to {}{said}",
            named.host,
            answer.status,
            call.name()
        ));
        match answer.status {
            401 => error.help(named.invalid),
            403 => error.help(named.forbidden),
            404 => error.help(format!("is there such a {}? {}", named.thread, named.missing)),
            400 | 413 | 422 => error.help("the comment may be too long or the thread locked; a shorter report: tfguard -f markdown of fewer stacks"),
            _ => error,
        }
    }
}

/// What a host says in words about an error.
fn said(answer: &Answer) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let said = json.get("message").or_else(|| json.get("error"))?;
    Some(
        said.as_str()
            .map_or_else(|| said.to_string(), str::to_owned),
    )
}
