//! The steps that leave exactly one comment, however often and at once they are taken.

use super::Outcome;
use super::body::{Body, Marker, same};
use super::host::{Author, Comment, Host};
use super::http::{Answer, Call};
use super::retry::Client;
use crate::error::Error;
use serde_json::json;
use ureq::http::Method;

/// A thread of a hundred pages is not read to its end, it is refused: GitHub closes one at 2,500 comments.
const PAGES: u32 = 100;

/// Looks before giving up on a thread in which our comments come and go.
const LOOKS: usize = 10;

/// The thread of comments, and the report that belongs in it.
pub(super) struct Thread<'a> {
    host: &'a dyn Host,
    client: &'a Client,
    me: Author,
    key: &'a str,
    text: &'a str,
    /// Whether it is worth a new comment.
    worth_one: bool,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Create,
    Update(u64),
    Keep(u64),
    Nothing,
}

impl Step {
    /// The comment that it is about.
    fn id(self) -> Option<u64> {
        match self {
            Self::Update(id) | Self::Keep(id) => Some(id),
            Self::Create | Self::Nothing => None,
        }
    }
}

impl<'a> Thread<'a> {
    pub(super) fn new(
        host: &'a dyn Host,
        client: &'a Client,
        body: &'a Body,
        text: &'a str,
        always: bool,
    ) -> Result<Self, Error> {
        Ok(Self {
            me: host.me(client)?,
            host,
            client,
            key: body.key(),
            text,
            worth_one: always || !body.is_quiet(),
        })
    }

    /// Looks, and says what is to be done, and which comments then are one too many.
    pub(super) fn next(&self) -> Result<(Step, Vec<u64>), Error> {
        let mut ours = self.ours()?;
        ours.sort_by_key(|comment| comment.id);
        let mut ours = ours.into_iter();
        let step = match ours.next() {
            Some(comment) if same(comment.body.as_deref().unwrap_or_default(), self.text) => {
                Step::Keep(comment.id)
            }
            Some(comment) => Step::Update(comment.id),
            None if self.worth_one => Step::Create,
            None => Step::Nothing,
        };
        Ok((step, ours.map(|comment| comment.id).collect()))
    }

    /// Looks and acts, until the oldest of our comments has the report and is the only one.
    ///
    /// Two runs at once may both find none and both create one. Each looks again then: whoever finds an older one than
    /// its own writes into that and deletes the others, so that both end with the same one.
    pub(super) fn settle(&self) -> Result<Outcome, Error> {
        let (mut created, mut posted) = (None, false);
        for _ in 0..LOOKS {
            let (step, mut others) = self.next()?;
            // Lists lag behind what was created.
            others.extend(created.filter(|own| step.id() != Some(*own) && !others.contains(own)));
            match (step, created) {
                (Step::Create, Some(id)) => return Ok(Outcome::Created(id)),
                (Step::Nothing, _) => return Ok(Outcome::Nothing),
                (Step::Create, None) => {
                    created = self.create()?;
                    posted = true;
                }
                (Step::Keep(id), own) => {
                    if self.leave_only(id, &others)? {
                        // Posted, and the answer was lost on the way.
                        let is_new = posted && own.is_none_or(|own| own == id);
                        return Ok(if is_new {
                            Outcome::Created(id)
                        } else {
                            Outcome::Unchanged(id)
                        });
                    }
                }
                (Step::Update(id), _) => {
                    if self.update(id)? {
                        self.delete(&others)?;
                        return Ok(Outcome::Updated(id));
                    }
                }
            }
        }
        Err(Error::new("comments of tfguard come and go in this thread")
            .help("something else deletes them, or many runs are at work at once: let one run at a time"))
    }

    /// Deletes what stands beside a comment that has the report; false when that is gone. A list may show what is not
    /// there any more: the comment is written to once more before another one is deleted for it.
    fn leave_only(&self, id: u64, others: &[u64]) -> Result<bool, Error> {
        let there = others.is_empty() || self.update(id)?;
        if there {
            self.delete(others)?;
        }
        Ok(there)
    }

    /// Deletes comments of ours, for an older one with the same key.
    fn delete(&self, comments: &[u64]) -> Result<(), Error> {
        for id in comments {
            let call = self.call(Method::DELETE, self.host.comment(*id), false);
            let answer = self.client.ask(&call)?;
            if !answer.is_good() && !is_gone(&answer) {
                return Err(self.host.refused(self.client, &call, &answer));
            }
        }
        Ok(())
    }

    /// Our comments with this report's key.
    fn ours(&self) -> Result<Vec<Comment>, Error> {
        let is_ours = |comment: &Comment| {
            let by_me = comment
                .author
                .as_ref()
                .is_some_and(|author| author.id == self.me.0);
            let marker = comment.body.as_deref().and_then(Marker::of);
            by_me && marker.is_some_and(|marker| marker.key == self.key)
        };
        let mut ours = Vec::new();
        for page in 1..=PAGES {
            let call = Call::get(self.host.comments(page));
            let answer = self.client.ask(&call)?;
            let read = serde_json::from_slice::<Vec<Comment>>(&answer.body).ok();
            let Some(comments) = read.filter(|_| answer.is_good()) else {
                return Err(self.host.refused(self.client, &call, &answer));
            };
            ours.extend(comments.into_iter().filter(is_ours));
            if self.host.is_last_page(&answer) {
                return Ok(ours);
            }
        }
        Err(Error::new(format!(
            "the thread has more than {PAGES} pages of comments"
        ))
        .help("whether tfguard has a comment in it cannot be told; continue in a new one"))
    }

    /// Creates the comment; nothing when the answer was lost.
    fn create(&self) -> Result<Option<u64>, Error> {
        let call = self.call(Method::POST, self.host.new_comment(), true);
        let Some(answer) = self.client.ask_once(&call)? else {
            return Ok(None);
        };
        let comment = serde_json::from_slice::<Comment>(&answer.body).ok();
        match comment.filter(|_| answer.is_good()) {
            Some(comment) => Ok(Some(comment.id)),
            None => Err(self.host.refused(self.client, &call, &answer)),
        }
    }

    /// Brings a comment up to date; false when it is gone.
    fn update(&self, id: u64) -> Result<bool, Error> {
        let call = self.call(self.host.change(), self.host.comment(id), true);
        let answer = self.client.ask(&call)?;
        if answer.is_good() || is_gone(&answer) {
            return Ok(answer.is_good());
        }
        Err(self.host.refused(self.client, &call, &answer))
    }

    fn call(&self, method: Method, url: String, with_text: bool) -> Call {
        Call {
            method,
            url,
            body: with_text.then(|| json!({"body": self.text})),
        }
    }
}

fn is_gone(answer: &Answer) -> bool {
    matches!(answer.status, 404 | 410)
}
