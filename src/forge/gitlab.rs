//! GitLab: comments of a merge request are its notes.

use super::host::{Author, Host, Named};
use super::http::{Answer, Call};
use super::place::{JOB_TOKEN, Place};
use super::retry::Client;
use crate::error::Error;
use serde::Deserialize;
use std::borrow::Cow;
use ureq::http::Method;

/// In characters, as GitLab's documentation says.
const LONGEST: usize = 1_000_000;

pub(super) const HEADERS: &[(&str, &str)] = &[("accept", "application/json")];

/// A merge request on GitLab.
pub(super) struct Gitlab<'a>(pub(super) &'a Place);

#[derive(Deserialize)]
struct Account {
    id: u64,
}

/// A job, whose token acts for the user who started it.
#[derive(Deserialize)]
struct Job {
    user: Account,
}

impl Gitlab<'_> {
    fn notes(&self) -> String {
        let project = encoded(&self.0.repository);
        let number = self.0.number;
        self.0.api.at(&format!(
            "/projects/{project}/merge_requests/{number}/notes"
        ))
    }

    fn has_job_token(&self) -> bool {
        let token = self.0.token.as_ref();
        token.is_some_and(|token| token.header == JOB_TOKEN)
    }
}

impl Host for Gitlab<'_> {
    fn longest(&self) -> usize {
        LONGEST
    }

    fn comments(&self, page: u32) -> String {
        format!(
            "{}?sort=asc&order_by=created_at&per_page=100&page={page}",
            self.notes()
        )
    }

    fn is_last_page(&self, answer: &Answer) -> bool {
        answer
            .header("x-next-page")
            .is_none_or(|next| next.trim().is_empty())
    }

    fn new_comment(&self) -> String {
        self.notes()
    }

    fn comment(&self, id: u64) -> String {
        format!("{}/{id}", self.notes())
    }

    fn change(&self) -> Method {
        Method::PUT
    }

    fn me(&self, client: &Client) -> Result<Author, Error> {
        let job = self.has_job_token();
        let call = Call::get(self.0.api.at(if job { "/job" } else { "/user" }));
        let answer = client.ask(&call)?;
        let id = if job {
            serde_json::from_slice(&answer.body).map(|job: Job| job.user.id)
        } else {
            serde_json::from_slice(&answer.body).map(|user: Account| user.id)
        };
        match id {
            Ok(id) if answer.is_good() => Ok(Author(id)),
            _ => Err(self.refused(client, &call, &answer)),
        }
    }

    /// A line that begins with a slash and a word is a command to GitLab (`/approve`, `/merge`), which runs with the
    /// rights of the token and leaves the note; a backslash makes it text.
    fn tamed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let commands = |line: &str| {
            let mut chars = line.chars();
            chars.next() == Some('/') && chars.next().is_some_and(char::is_alphabetic)
        };
        if !text.split('\n').any(commands) {
            return Cow::Borrowed(text);
        }
        let lines: Vec<Cow<'_, str>> = text
            .split('\n')
            .map(|line| {
                if commands(line) {
                    Cow::Owned(format!("\\{line}"))
                } else {
                    Cow::Borrowed(line)
                }
            })
            .collect();
        Cow::Owned(lines.join("\n"))
    }

    fn named(&self) -> Named {
        let limits = "CI_JOB_TOKEN can read the notes of a merge request, not write them: set GITLAB_TOKEN to a project \
                      access token with the scope api";
        let job = self.has_job_token();
        Named {
            host: "GitLab",
            thread: "merge request",
            invalid: if job {
                limits
            } else {
                "the token in GITLAB_TOKEN is wrong, revoked or expired; make a project access token with the scope api"
            },
            forbidden: if job {
                limits
            } else {
                "the token needs the scope api and the role Reporter or more in this project"
            },
            missing: "check --repository and --number; GitLab says the same of what the token may not see",
        }
    }
}

/// A project's path as one step of a URL; its number stays as it is.
fn encoded(project: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded = project.bytes().map(|byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_projects_path_is_one_step_of_a_url() {
        assert_eq!(encoded("42"), "42");
        assert_eq!(encoded("group/sub.x/a b"), "group%2Fsub.x%2Fa%20b");
        assert_eq!(encoded("é?#"), "%C3%A9%3F%23");
    }
}
