//! Where to post: told by options, or by what GitHub Actions and GitLab CI put into the environment.

use super::api::Api;
use super::token::Token;
use crate::error::Error;
use serde_json::Value;

/// The header GitLab wants a job's token in.
pub(super) const JOB_TOKEN: &str = "job-token";

/// An environment: the value of a variable, nothing for one that is not set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What hosts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// GitHub, or GitHub Enterprise.
    Github,
    /// GitLab.
    Gitlab,
}

/// What the user says of the place; the environment tells the rest.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The host.
    pub kind: Option<Kind>,
    /// `owner/name` on GitHub, the project's path or number on GitLab.
    pub repository: Option<String>,
    /// The number of the pull request or merge request.
    pub number: Option<u64>,
    /// The address of the API.
    pub api: Option<String>,
}

/// Where to post, and as whom.
#[derive(Debug, Clone)]
pub struct Place {
    pub(super) kind: Kind,
    pub(super) repository: String,
    pub(super) number: u64,
    pub(super) api: Api,
    /// Without one nothing can be asked.
    pub(super) token: Option<Token>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.kind {
            Kind::Github => '#',
            Kind::Gitlab => '!',
        };
        write!(f, "{}{mark}{}", self.repository, self.number)
    }
}

impl Place {
    /// Finds the place.
    ///
    /// # Errors
    /// Neither the options nor the environment say it, or what they say cannot be.
    pub fn find(wanted: &Wanted, environment: Environment<'_>) -> Result<Self, Error> {
        let get = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        match wanted.kind.map_or_else(|| kind(&get), Ok)? {
            Kind::Github => github(wanted, &get),
            Kind::Gitlab => gitlab(wanted, &get),
        }
    }
}

fn which(what: &str) -> Error {
    Error::new(what).help(
        "say it: --host github --repository OWNER/NAME --number N, or --host gitlab --repository GROUP/PROJECT --number N",
    )
}

fn kind(get: Environment<'_>) -> Result<Kind, Error> {
    match (get("GITHUB_ACTIONS").is_some(), get("GITLAB_CI").is_some()) {
        (true, false) => Ok(Kind::Github),
        (false, true) => Ok(Kind::Gitlab),
        (true, true) => Err(which(
            "this is both GitHub Actions and GitLab CI, says the environment",
        )),
        (false, false) => Err(which(
            "this is neither GitHub Actions nor GitLab CI: where is the comment to go?",
        )),
    }
}

fn github(wanted: &Wanted, get: Environment<'_>) -> Result<Place, Error> {
    let repository = wanted
        .repository
        .clone()
        .or_else(|| get("GITHUB_REPOSITORY"));
    let repository = repository.ok_or_else(|| {
        unknown(
            "repository",
            "--repository OWNER/NAME, or GITHUB_REPOSITORY",
        )
    })?;
    if !is_github_repository(&repository) {
        return Err(
            Error::new(format!("{repository} is no repository on GitHub"))
                .help("its name is OWNER/NAME"),
        );
    }
    let api = wanted.api.clone().or_else(|| get("GITHUB_API_URL"));
    Ok(Place {
        kind: Kind::Github,
        repository,
        number: wanted.number.map_or_else(|| pull_request(get), Ok)?,
        api: Api::new(api.as_deref().unwrap_or("https://api.github.com"))?,
        token: token(
            get,
            &["GITHUB_TOKEN", "GH_TOKEN"],
            "authorization",
            "Bearer ",
        )?,
    })
}

fn is_github_repository(text: &str) -> bool {
    let fine = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && part.chars().all(plain) && part.chars().any(|c| c != '.')
    };
    let parts = text.split_once('/');
    parts.is_some_and(|(owner, name)| fine(owner) && fine(name))
}

/// The number of the pull request a workflow runs for.
fn pull_request(get: Environment<'_>) -> Result<u64, Error> {
    let of_ref = get("GITHUB_REF").and_then(|name| {
        let (number, kind) = name.strip_prefix("refs/pull/")?.split_once('/')?;
        matches!(kind, "merge" | "head").then(|| number.parse().ok())?
    });
    let number = of_ref.or_else(|| in_event(&std::fs::read(get("GITHUB_EVENT_PATH")?).ok()?));
    number.ok_or_else(|| {
        unknown("pull request", "--number N; on: pull_request tells it by GITHUB_REF, other events by GITHUB_EVENT_PATH if they are about one pull request")
    })
}

/// The pull request an event is about: `pull_request` and `pull_request_target`, a comment on one, or the run of a
/// workflow for exactly one.
fn in_event(event: &[u8]) -> Option<u64> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let direct = event.pointer("/pull_request/number");
    let commented = event
        .get("issue")
        .filter(|issue| issue.get("pull_request").is_some());
    let ran = event
        .pointer("/workflow_run/pull_requests")
        .and_then(Value::as_array);
    let ran = ran.filter(|all| all.len() == 1).and_then(|all| all.first());
    let number = direct.or_else(|| commented.or(ran)?.get("number"));
    number?.as_u64()
}

fn gitlab(wanted: &Wanted, get: Environment<'_>) -> Result<Place, Error> {
    let repository = wanted.repository.clone().or_else(|| get("CI_PROJECT_ID"));
    let repository = repository
        .ok_or_else(|| unknown("project", "--repository GROUP/PROJECT, or CI_PROJECT_ID"))?;
    if !is_gitlab_project(&repository) {
        return Err(Error::new(format!("{repository} is no project on GitLab"))
            .help("its name is GROUP/PROJECT, or its number"));
    }
    let number = wanted
        .number
        .or_else(|| get("CI_MERGE_REQUEST_IID")?.parse().ok());
    let number = number.ok_or_else(|| {
        unknown("merge request", "--number N; GitLab sets CI_MERGE_REQUEST_IID in merge request pipelines only (rules: - if: $CI_PIPELINE_SOURCE == \"merge_request_event\")")
    })?;
    let api = wanted.api.clone().or_else(|| get("CI_API_V4_URL"));
    let mut token = token(get, &["GITLAB_TOKEN"], "private-token", "")?;
    if token.is_none() {
        token = self::token(get, &["CI_JOB_TOKEN"], JOB_TOKEN, "")?;
    }
    Ok(Place {
        kind: Kind::Gitlab,
        repository,
        number,
        api: Api::new(api.as_deref().unwrap_or("https://gitlab.com/api/v4"))?,
        token,
    })
}

fn is_gitlab_project(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let fine = |part: &str| part.chars().any(char::is_alphanumeric) && part.chars().all(plain);
    text.split('/').all(fine)
}

fn token(
    get: Environment<'_>,
    names: &[&str],
    header: &'static str,
    scheme: &'static str,
) -> Result<Option<Token>, Error> {
    let found = names.iter().find_map(|name| Some((name, get(name)?)));
    found
        .map(|(name, value)| Token::new(name, &value, header, scheme))
        .transpose()
}

fn unknown(what: &str, how: &str) -> Error {
    Error::new(format!("which {what}?")).help(format!("say it with {how}"))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Place, Wanted, in_event};
    use crate::error::Error;

    fn find(wanted: &Wanted, variables: &[(&str, &str)]) -> Result<Place, Error> {
        Place::find(wanted, &|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn found(variables: &[(&str, &str)]) -> Place {
        find(&Wanted::default(), variables).expect("a place")
    }

    const ACTIONS: [(&str, &str); 4] = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/infra"),
        ("GITHUB_REF", "refs/pull/12/merge"),
        ("GITHUB_TOKEN", "t"),
    ];
    const PIPELINE: [(&str, &str); 4] = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", "https://git.example/api/v4"),
        ("CI_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_IID", "3"),
    ];

    #[test]
    fn a_workflow_and_a_pipeline_tell_where_they_run() {
        let place = found(&ACTIONS);
        assert_eq!(place.to_string(), "acme/infra#12");
        assert_eq!(place.api.at("/x"), "https://api.github.com/x");
        assert_eq!(format!("{:?}", place.token), "Some(Token(authorization))");
        let place = found(&PIPELINE);
        assert_eq!(place.to_string(), "7!3");
        assert_eq!(place.api.at("/x"), "https://git.example/api/v4/x");
        assert!(place.token.is_none());
    }

    #[test]
    fn options_beat_the_environment() {
        let wanted = Wanted {
            kind: Some(Kind::Gitlab),
            repository: Some("group/app".to_owned()),
            number: Some(9),
            api: Some("https://other.example/api/v4/".to_owned()),
        };
        let place = find(&wanted, &[ACTIONS, PIPELINE].concat()).expect("a place");
        assert_eq!(place.to_string(), "group/app!9");
        assert_eq!(place.api.at(""), "https://other.example/api/v4");
    }

    #[test]
    fn a_token_made_for_this_is_preferred_to_the_jobs_own() {
        let job = ("CI_JOB_TOKEN", "j");
        let place = found(&[&PIPELINE[..], &[job]].concat());
        assert_eq!(format!("{:?}", place.token), "Some(Token(job-token))");
        let both = [&PIPELINE[..], &[job, ("GITLAB_TOKEN", "g")]].concat();
        assert_eq!(
            format!("{:?}", found(&both).token),
            "Some(Token(private-token))"
        );
        let empty = [&PIPELINE[..], &[job, ("GITLAB_TOKEN", " ")]].concat();
        assert_eq!(
            format!("{:?}", found(&empty).token),
            "Some(Token(job-token))"
        );
    }

    #[test]
    fn an_event_tells_its_pull_request_if_it_is_about_one() {
        for (event, number) in [
            (r#"{"number": 5, "pull_request": {"number": 5}}"#, Some(5)),
            (r#"{"issue": {"number": 6, "pull_request": {}}}"#, Some(6)),
            (r#"{"issue": {"number": 6}}"#, None),
            (
                r#"{"workflow_run": {"pull_requests": [{"number": 7}]}}"#,
                Some(7),
            ),
            (
                r#"{"workflow_run": {"pull_requests": [{"number": 7}, {"number": 8}]}}"#,
                None,
            ),
            (r#"{"workflow_run": {"pull_requests": []}}"#, None),
            (r#"{"ref": "refs/heads/main"}"#, None),
            (r#"{"pull_request": {"number": "5"}}"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(in_event(event.as_bytes()), number, "{event}");
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_say_it() {
        let without = |left_out: &str, all: &[(&'static str, &'static str)]| {
            let rest: Vec<_> = all
                .iter()
                .filter(|(name, _)| *name != left_out)
                .copied()
                .collect();
            let error = find(&Wanted::default(), &rest).expect_err(left_out);
            format!("{:?}", miette::Report::new(error))
        };
        assert!(without("GITHUB_ACTIONS", &ACTIONS).contains("--host"));
        assert!(without("GITHUB_REPOSITORY", &ACTIONS).contains("--repository"));
        assert!(without("GITHUB_REF", &ACTIONS).contains("--number"));
        assert!(without("CI_MERGE_REQUEST_IID", &PIPELINE).contains("merge_request_event"));
        assert!(without("CI_PROJECT_ID", &PIPELINE).contains("--repository"));
        assert!(without("", &[ACTIONS, PIPELINE].concat()).contains("--host"));
    }

    #[test]
    fn names_that_would_lead_elsewhere_are_refused() {
        for name in [
            "acme",
            "acme/infra/x",
            "../..",
            "acme/..",
            "a b/c",
            "acme/infra?x",
            "/",
            "",
        ] {
            let wanted = Wanted {
                repository: Some(name.to_owned()),
                ..Wanted::default()
            };
            assert!(find(&wanted, &ACTIONS).is_err(), "{name}");
        }
        for name in ["../x", "a//b", "a b", "a/\u{1b}[31m", "a?x=1", "/", ""] {
            let wanted = Wanted {
                repository: Some(name.to_owned()),
                ..Wanted::default()
            };
            assert!(find(&wanted, &PIPELINE).is_err(), "{name}");
        }
    }
}
