//! Keeps one comment with the report on a pull request or merge request.
//!
//! Whatever happens, look first: the comment is found by its marker and by who wrote it, then created or brought up to
//! date, then looked for again. A comment of somebody else is never touched, marker or not.

mod api;
mod body;
mod github;
mod gitlab;
mod host;
mod http;
mod place;
mod retry;
mod thread;
mod token;

pub use body::Body;
pub use place::{Environment, Kind, Place, Wanted};
pub use retry::Patience;

use crate::error::Error;
use github::Github;
use gitlab::Gitlab;
use host::Host;
use http::Line;
use retry::Client;
use thread::{Step, Thread};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was none; this is the new one.
    Created(u64),
    /// An earlier one was brought up to date.
    Updated(u64),
    /// An earlier one says the same.
    Unchanged(u64),
    /// Nothing is open, no destroy was accepted, and there was none: nobody needs one.
    Nothing,
}

/// Posts a report, or brings the earlier one up to date. A report with nothing open and no destroy that was accepted is
/// not posted anew, unless it is `always` wanted.
///
/// # Errors
/// There is no token, the host refuses, or it cannot be reached while patience lasts.
pub fn post(
    body: &Body,
    place: &Place,
    always: bool,
    patience: Patience,
) -> Result<Outcome, Error> {
    let host = host(place);
    let text = host.tamed(body.text());
    fits(&text, &*host)?;
    let client = client(place, patience).ok_or_else(|| no_token(place))?;
    Thread::new(&*host, &client, body, &text, always)?.settle()
}

/// Says what [`post`] would do. It writes nothing; without a token it does not even look.
///
/// # Errors
/// As [`post`].
pub fn preview(
    body: &Body,
    place: &Place,
    always: bool,
    patience: Patience,
) -> Result<String, Error> {
    let host = host(place);
    let text = host.tamed(body.text());
    fits(&text, &*host)?;
    let bytes = text.len();
    let new = || format!("POST {}", host.new_comment());
    let Some(client) = client(place, patience) else {
        if body.is_quiet() && !always {
            return Ok(format!(
                "without a token it cannot look for an earlier comment on {place}; where there is none it would post nothing: \
                 nothing is open"
            ));
        }
        return Ok(format!(
            "without a token it cannot look for an earlier comment on {place}; a new one of {bytes} bytes would be: {}",
            new()
        ));
    };
    let (step, others) = Thread::new(&*host, &client, body, &text, always)?.next()?;
    let would = match step {
        Step::Create => format!(
            "would create a comment of {bytes} bytes on {place}: {}",
            new()
        ),
        Step::Update(id) => {
            let (method, url) = (host.change(), host.comment(id));
            format!("would update comment {id} on {place} to {bytes} bytes: {method} {url}")
        }
        Step::Keep(id) => format!("would leave comment {id} on {place}: it says the same"),
        Step::Nothing => format!(
            "would post nothing on {place}: nothing is open, and there is no earlier comment"
        ),
    };
    Ok(match others.len() {
        0 => would,
        n => format!("{would}; and would delete what is there twice: {n}"),
    })
}

fn host(place: &Place) -> Box<dyn Host + '_> {
    match place.kind {
        Kind::Github => Box::new(Github(place)),
        Kind::Gitlab => Box::new(Gitlab(place)),
    }
}

fn client(place: &Place, patience: Patience) -> Option<Client> {
    let token = place.token.clone()?;
    let headers = match place.kind {
        Kind::Github => github::HEADERS,
        Kind::Gitlab => gitlab::HEADERS,
    };
    let line = Line::new(place.api.clone(), token, headers, patience.answer);
    Some(Client::new(line, patience))
}

fn no_token(place: &Place) -> Error {
    let error = Error::new("there is no token to post with");
    error.help(match place.kind {
        Kind::Github => "set GITHUB_TOKEN; in GitHub Actions: env: GITHUB_TOKEN: ${{ github.token }}",
        Kind::Gitlab => "set GITLAB_TOKEN to a project access token with the scope api, as a masked CI/CD variable",
    })
}

fn fits(text: &str, host: &dyn Host) -> Result<(), Error> {
    let (length, longest) = (text.chars().count(), host.longest());
    if length <= longest {
        return Ok(());
    }
    let name = host.named().host;
    Err(Error::new(format!(
        "the report has {length} characters; a comment on {name} may have {longest}"
    ))
    .help("tfguard -f markdown keeps within 60,000 bytes; was something added to it?"))
}
