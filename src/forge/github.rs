//! GitHub: comments of a pull request are those of the issue of its number.

use super::host::{Author, Host, Named};
use super::http::{Answer, Call};
use super::place::Place;
use super::retry::Client;
use crate::error::Error;
use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

/// GitHub says this in the error it answers to a longer body. It has stored longer ones.
const LONGEST: usize = 65_536;

pub(super) const HEADERS: &[(&str, &str)] = &[
    ("accept", "application/vnd.github+json"),
    ("x-github-api-version", "2022-11-28"),
];

/// A pull request on GitHub.
pub(super) struct Github<'a>(pub(super) &'a Place);

/// What GraphQL answers to the question who the token is.
#[derive(Deserialize)]
struct Viewer {
    data: Option<ViewerData>,
}

#[derive(Deserialize)]
struct ViewerData {
    viewer: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(alias = "databaseId")]
    id: u64,
}

impl Host for Github<'_> {
    fn longest(&self) -> usize {
        LONGEST
    }

    fn comments(&self, page: u32) -> String {
        format!("{}?per_page=100&page={page}", self.new_comment())
    }

    fn is_last_page(&self, answer: &Answer) -> bool {
        !answer
            .header("link")
            .is_some_and(|link| link.contains("rel=\"next\""))
    }

    fn new_comment(&self) -> String {
        let Place {
            repository, number, ..
        } = self.0;
        self.0
            .api
            .at(&format!("/repos/{repository}/issues/{number}/comments"))
    }

    fn comment(&self, id: u64) -> String {
        let repository = &self.0.repository;
        self.0
            .api
            .at(&format!("/repos/{repository}/issues/comments/{id}"))
    }

    fn change(&self) -> Method {
        Method::PATCH
    }

    /// GraphQL tells users and apps alike who they are; the REST API refuses the tokens of apps, that of Actions
    /// included, and is asked where there is no GraphQL.
    fn me(&self, client: &Client) -> Result<Author, Error> {
        let asked = client.ask(&Call {
            method: Method::POST,
            url: format!("{}/graphql", self.0.api.without("/v3")),
            body: Some(json!({"query": "query { viewer { databaseId } }"})),
        })?;
        let viewer: Option<Viewer> = asked
            .is_good()
            .then(|| serde_json::from_slice(&asked.body).ok())
            .flatten();
        if let Some(account) = viewer.and_then(|it| it.data).and_then(|it| it.viewer) {
            return Ok(Author(account.id));
        }
        let call = Call::get(self.0.api.at("/user"));
        let asked = client.ask(&call)?;
        match serde_json::from_slice::<Account>(&asked.body) {
            Ok(account) if asked.is_good() => Ok(Author(account.id)),
            _ if asked.status == 403 => Err(Error::new("GitHub does not say whose token this is").help(
                "of an app's token only GraphQL tells: can this machine reach it? without knowing, tfguard might post a second comment",
            )),
            _ => Err(self.refused(client, &call, &asked)),
        }
    }

    fn named(&self) -> Named {
        Named {
            host: "GitHub",
            thread: "pull request",
            invalid: "the token is wrong or no longer valid; in GitHub Actions give the step env: GITHUB_TOKEN: ${{ github.token }}",
            forbidden: "the token may not write comments: give the job permissions: pull-requests: write; for a pull request \
                        from a fork GitHub makes the token read-only all the same (docs/review-comment.md)",
            missing: "check --repository and --number; GitHub says the same of what the token may not see",
        }
    }
}
