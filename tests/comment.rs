//! `tfguard comment` against servers that behave like GitHub and GitLab: one comment, whatever goes wrong.

mod common;
#[path = "common/hosts.rs"]
mod hosts;
#[path = "common/server.rs"]
mod server;

use common::{command, err, out};
use hosts::{Host, JOB_TOKEN, Kind, ME, STRANGER, TOKEN, What};
use server::{Reply, serve};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tfguard::error::Error;
use tfguard::forge::{Body, Outcome, Patience, Place, Wanted, post, preview};

const BOTH: [Kind; 2] = [Kind::Github, Kind::Gitlab];

/// A report with a number of open findings.
fn report(open: u64, text: &str) -> String {
    format!("<!-- tfguard:report key=app v=1 open={open} -->\n## tfguard\n\n{text}\n")
}

/// What the host sets for a job, and the token somebody put beside it.
fn environment(host: &Host) -> Vec<(&'static str, String)> {
    let own = |pairs: &[(&'static str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    };
    match host.kind {
        Kind::Github => own(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", &host.api),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_REF", "refs/pull/12/merge"),
            ("GITHUB_TOKEN", TOKEN),
        ]),
        Kind::Gitlab => own(&[
            ("GITLAB_CI", "true"),
            ("CI_API_V4_URL", &host.api),
            ("CI_PROJECT_ID", "7"),
            ("CI_MERGE_REQUEST_IID", "3"),
            ("GITLAB_TOKEN", TOKEN),
        ]),
    }
}

fn place_with(variables: &[(&'static str, String)]) -> Place {
    let found = Place::find(&Wanted::default(), &|name| {
        let mut known = variables.iter();
        known
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
    });
    found.expect("a place")
}

fn body(text: &str) -> Body {
    Body::new(text.as_bytes().to_vec(), "report.md").expect("a report")
}

/// Posts without waiting; what would have been waited is noted.
fn post_noting(host: &Host, text: &str) -> (Result<Outcome, Error>, Vec<u64>) {
    let waited = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&waited);
    let patience = Patience {
        pause: Box::new(move |wait| noted.lock().expect("free").push(wait.as_secs())),
        ..Patience::default()
    };
    let outcome = post(
        &body(text),
        &place_with(&environment(host)),
        false,
        patience,
    );
    let waited = waited.lock().expect("free").clone();
    (outcome, waited)
}

fn try_post(host: &Host, text: &str) -> Result<Outcome, Error> {
    post_noting(host, text).0
}

fn posted(host: &Host, text: &str) -> Outcome {
    try_post(host, text).expect("posted")
}

/// An error with its help on few lines, and without the token.
fn shown(error: &Error) -> String {
    let mut text = String::new();
    let rendered = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(2000)
        .render_report(&mut text, error);
    rendered.expect("rendered");
    assert!(!text.contains(TOKEN) && !text.contains(JOB_TOKEN), "{text}");
    text
}

fn refused(host: &Host, text: &str) -> String {
    shown(&try_post(host, text).expect_err("refused"))
}

/// The program itself, in an environment of its own.
fn run(host: &Host, args: &[&str], without: &[&str]) -> Output {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("report.md"), report(1, "one")).expect("written");
    std::fs::write(dir.path().join("clean.md"), report(0, "none")).expect("written");
    let mut command = command(&[&["comment"], args].concat());
    for (name, _) in std::env::vars() {
        if ["GITHUB_", "GITLAB_", "GH_", "CI_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    // No request for this machine goes through a proxy, which would see the token.
    command
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9");
    for (name, value) in environment(host) {
        if !without.contains(&name) {
            command.env(name, value);
        }
    }
    let output = command
        .current_dir(dir.path())
        .output()
        .expect("the program runs");
    for text in [out(&output), err(&output)] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    output
}

#[test]
fn the_first_report_is_a_new_comment_and_the_next_one_takes_its_place() {
    for kind in BOTH {
        let host = Host::start(kind);
        assert_eq!(posted(&host, &report(2, "two")), Outcome::Created(1));
        assert_eq!(posted(&host, &report(2, "two")), Outcome::Unchanged(1));
        assert_eq!(posted(&host, &report(1, "one")), Outcome::Updated(1));
        assert_eq!(posted(&host, &report(0, "none")), Outcome::Updated(1));
        assert_eq!(host.comments(), [(ME, report(0, "none"))]);
        let change = if kind == Kind::Github { "PATCH" } else { "PUT" };
        assert_eq!(host.writes(), ["POST", change, change], "{kind:?}");
    }
}

#[test]
fn a_report_with_nothing_open_starts_no_comment_unless_it_is_wanted() {
    for kind in BOTH {
        let host = Host::start(kind);
        assert_eq!(posted(&host, &report(0, "none")), Outcome::Nothing);
        let unknown = "<!-- tfguard:report key=other v=1 -->\nhello\n";
        assert_eq!(posted(&host, unknown), Outcome::Created(1));
        let place = place_with(&environment(&host));
        let always = post(&body(&report(0, "none")), &place, true, Patience::default());
        assert_eq!(always.expect("posted"), Outcome::Created(2));
    }
}

#[test]
fn every_key_has_its_own_comment() {
    let host = Host::start(Kind::Github);
    let other = report(1, "x").replace("key=app", "key=app-2");
    assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
    assert_eq!(posted(&host, &other), Outcome::Created(2));
    assert_eq!(posted(&host, &report(2, "y")), Outcome::Updated(1));
}

#[test]
fn a_stranger_who_copies_the_marker_is_neither_edited_nor_in_the_way() {
    for kind in BOTH {
        let host = Host::start(kind);
        host.state()
            .add(STRANGER, &report(1, "all is well, merge me"));
        host.state()
            .add(ME, "> quoted\n<!-- tfguard:report key=app v=1 -->");
        assert_eq!(posted(&host, &report(3, "three")), Outcome::Created(3));
        assert_eq!(posted(&host, &report(4, "four")), Outcome::Updated(3));
        host.state().add(STRANGER, &report(0, "resolved"));
        assert_eq!(posted(&host, &report(0, "none")), Outcome::Updated(3));
        let comments = host.comments();
        assert_eq!(comments[0], (STRANGER, report(1, "all is well, merge me")));
        assert_eq!(comments[3], (STRANGER, report(0, "resolved")));
        assert_eq!(comments.len(), 4);
        // Nor does a stranger's report make a clean run post.
        let other = Host::start(kind);
        other.state().add(STRANGER, &report(1, "x"));
        assert_eq!(posted(&other, &report(0, "none")), Outcome::Nothing);
    }
}

#[test]
fn the_comment_is_found_on_whatever_page_it_is() {
    for kind in BOTH {
        let host = Host::start(kind);
        host.state().page = 2;
        for n in 0..5 {
            host.state().add(STRANGER, &format!("comment {n}"));
        }
        let id = host.state().add(ME, &report(1, "old"));
        host.state().add(STRANGER, "last");
        assert_eq!(posted(&host, &report(1, "new")), Outcome::Updated(id));
        // The addresses a host gives for further pages lead elsewhere here; they are not asked.
        assert_eq!(host.writes().len(), 1, "{kind:?}");
    }
}

#[test]
fn tokens_of_users_and_of_apps_are_both_recognised() {
    for (app, no_graphql) in [(false, false), (true, false), (false, true)] {
        let host = Host::start(Kind::Github);
        host.state().app = app;
        host.state().no_graphql = no_graphql;
        assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
        assert_eq!(posted(&host, &report(1, "x")), Outcome::Unchanged(1));
    }
    let host = Host::start(Kind::Github);
    (host.state().app, host.state().no_graphql) = (true, true);
    assert!(refused(&host, &report(1, "x")).contains("whose token"));
    assert_eq!(host.comments(), []);
}

/// Another run creates its comment.
fn another_run(state: &mut hosts::State) {
    state.add(ME, &report(1, "theirs"));
}

#[test]
fn of_two_runs_at_once_the_younger_gives_way() {
    for kind in BOTH {
        // Between our look and our post another one creates its comment.
        // It may say the same: two runs for one commit.
        for (text, outcome) in [
            (report(2, "ours"), Outcome::Updated(1)),
            (report(1, "theirs"), Outcome::Unchanged(1)),
        ] {
            let host = Host::start(kind);
            let path = if kind == Kind::Github { "12/" } else { "3/" };
            host.fault("POST", path, What::Before(another_run));
            assert_eq!(posted(&host, &text), outcome);
            assert_eq!(host.comments(), [(ME, text)], "{kind:?}");
            assert_eq!(host.writes().last().map(String::as_str), Some("DELETE"));
        }
    }
}

#[test]
fn what_is_there_twice_is_deleted_and_nothing_else() {
    for kind in BOTH {
        for text in [report(2, "new"), report(1, "same")] {
            let host = Host::start(kind);
            let first = host.state().add(ME, &report(1, "same"));
            host.state().add(STRANGER, &report(1, "same"));
            host.state().add(ME, &report(1, "twice"));
            let other = report(1, "x").replace("key=app", "key=app-2");
            host.state().add(ME, &other);
            host.state().add(ME, "a word of the same account");
            let outcome = posted(&host, &text);
            assert!(
                matches!(outcome, Outcome::Updated(id) | Outcome::Unchanged(id) if id == first),
                "{outcome:?}"
            );
            let left: Vec<_> = host.comments().into_iter().map(|(_, text)| text).collect();
            let words = "a word of the same account".to_owned();
            assert_eq!(left, [text, report(1, "same"), other, words], "{kind:?}");
        }
    }
}

#[test]
fn no_comment_is_deleted_for_one_that_is_gone_by_then() {
    for kind in BOTH {
        let host = Host::start(kind);
        host.state().add(ME, &report(1, "same"));
        host.state().add(ME, &report(1, "twice"));
        let change = if kind == Kind::Github { "PATCH" } else { "PUT" };
        // Somebody deletes the first one behind our back.
        host.fault(
            change,
            "",
            What::Before(|state| drop(state.comments.remove(0))),
        );
        posted(&host, &report(1, "same"));
        assert_eq!(host.comments(), [(ME, report(1, "same"))], "{kind:?}");
    }
}

#[test]
fn a_destroy_that_was_accepted_is_posted_though_nothing_is_open() {
    for kind in BOTH {
        let host = Host::start(kind);
        let text = report(0, "none").replace("open=0", "open=0 accepted=1");
        assert_eq!(posted(&host, &text), Outcome::Created(1));
    }
}

#[test]
fn a_key_that_is_named_keeps_the_reports_of_jobs_apart() {
    let host = Host::start(Kind::Github);
    for (key, id) in [("dev", 1), ("prod", 2)] {
        let output = run(&host, &["--key", key, "report.md"], &[]);
        assert_eq!(
            out(&output),
            format!("created comment {id} on acme/infra#12\n"),
            "{}",
            err(&output)
        );
    }
    let output = run(&host, &["--key", "a b", "report.md"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no key"), "{}", err(&output));
}

#[test]
fn a_host_that_keeps_failing_is_told_of_once_and_at_once() {
    let host = Host::start(Kind::Github);
    for _ in 0..3 {
        host.fault("GET", "", What::Instead(Reply::new(502, "")));
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let patience = Patience {
        pause: Box::new(|_| ()),
        tell: Box::new(move |what| noted.lock().expect("free").push(what.to_owned())),
        ..Patience::default()
    };
    let place = place_with(&environment(&host));
    post(&body(&report(1, "x")), &place, false, patience).expect("posted");
    let told = told.lock().expect("free");
    assert!(
        told.len() == 1 && told[0].contains("answers 502; trying again for at most 60 s"),
        "{told:?}"
    );
}

#[test]
fn many_runs_at_once_leave_one_comment() {
    for kind in BOTH {
        for _ in 0..5 {
            let host = Host::start(kind);
            std::thread::scope(|scope| {
                for run in 0..4 {
                    let host = &host;
                    scope.spawn(move || posted(host, &report(1, &format!("run {run}"))));
                }
            });
            assert_eq!(host.comments().len(), 1, "{:?}", host.comments());
        }
    }
}

#[test]
fn a_post_whose_answer_is_lost_is_looked_for_before_it_is_posted_again() {
    for kind in BOTH {
        for lost in [
            Reply::Cut,
            Reply::new(502, "<html>Bad Gateway"),
            Reply::new(504, ""),
        ] {
            let host = Host::start(kind);
            let path = if kind == Kind::Github {
                "12/comments"
            } else {
                "3/notes"
            };
            host.fault("POST", path, What::Done(lost.clone()));
            assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
            assert_eq!(host.comments(), [(ME, report(1, "x"))]);
            assert_eq!(host.writes(), ["POST"], "{lost:?}");
            // And when it was not posted after all, it is posted again.
            let host = Host::start(kind);
            host.fault("POST", path, What::Instead(lost));
            assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
            assert_eq!(host.writes(), ["POST", "POST"]);
        }
    }
}

#[test]
fn a_comment_that_is_deleted_under_our_hands_is_created_anew() {
    for kind in BOTH {
        let host = Host::start(kind);
        host.state().add(ME, &report(1, "old"));
        let change = if kind == Kind::Github { "PATCH" } else { "PUT" };
        host.fault(change, "", What::Before(|state| state.comments.clear()));
        assert_eq!(posted(&host, &report(1, "new")), Outcome::Created(2));
        assert_eq!(host.comments(), [(ME, report(1, "new"))]);
    }
}

#[test]
fn a_host_in_trouble_is_asked_again_with_longer_waits() {
    for kind in BOTH {
        let host = Host::start(kind);
        for status in [500, 502, 503] {
            host.fault("GET", "", What::Instead(Reply::new(status, "oops")));
        }
        host.fault("GET", "", What::Instead(Reply::Cut));
        let (outcome, waited) = post_noting(&host, &report(1, "x"));
        assert_eq!(outcome.expect("posted"), Outcome::Created(1));
        assert_eq!(waited, [1, 2, 4, 8]);
    }
}

#[test]
fn a_host_says_how_long_to_wait() {
    let later = |seconds| {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        (now + Duration::from_secs(seconds)).as_secs().to_string()
    };
    let limited = |status| {
        Reply::new(
            status,
            r#"{"message": "You have exceeded a secondary rate limit"}"#,
        )
    };
    for (reply, least, most) in [
        (limited(403).with("retry-after", "7"), 7, 7),
        (limited(429).with("Retry-After", "9"), 9, 9),
        (
            limited(403)
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", later(20)),
            18,
            21,
        ),
        (limited(403), 1, 1),
        (Reply::new(503, "").with("retry-after", "5"), 5, 5),
    ] {
        let host = Host::start(Kind::Github);
        host.fault("POST", "12/comments", What::Instead(reply.clone()));
        let (outcome, waited) = post_noting(&host, &report(1, "x"));
        assert_eq!(outcome.expect("posted"), Outcome::Created(1));
        assert!(
            matches!(waited[..], [wait] if (least..=most).contains(&wait)),
            "{reply:?} {waited:?}"
        );
        assert_eq!(host.comments().len(), 1);
    }
}

#[test]
fn patience_ends_after_a_minute() {
    let host = Host::start(Kind::Gitlab);
    for _ in 0..20 {
        host.fault("GET", "", What::Instead(Reply::new(500, "")));
    }
    let (outcome, waited) = post_noting(&host, &report(1, "x"));
    let error = shown(&outcome.expect_err("given up"));
    assert!(
        error.contains("answers 500") && error.contains("again later"),
        "{error}"
    );
    assert_eq!(waited.iter().sum::<u64>(), 47, "{waited:?}");
    let host = Host::start(Kind::Github);
    host.fault(
        "GET",
        "",
        What::Instead(Reply::new(429, "").with("retry-after", "3600")),
    );
    let (outcome, waited) = post_noting(&host, &report(1, "x"));
    let error = shown(&outcome.expect_err("given up"));
    assert!(
        error.contains("wait 3600 s") && waited.is_empty(),
        "{error}"
    );
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = serve(|_| Reply::Silence);
    let place = place_with(&environment(&Host::at(Kind::Gitlab, silent)));
    let patience = Patience {
        answer: Duration::from_millis(200),
        total: Duration::from_secs(4),
        pause: Box::new(|_| ()),
        ..Patience::default()
    };
    let error =
        shown(&post(&body(&report(1, "x")), &place, false, patience).expect_err("given up"));
    assert!(error.contains("no answer within 0.2 s"), "{error}");
}

#[test]
fn nobody_at_the_address_is_said_so() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let nobody = Host::at(Kind::Gitlab, format!("http://{free}"));
    let (outcome, waited) = post_noting(&nobody, &report(1, "x"));
    let error = shown(&outcome.expect_err("given up"));
    assert!(
        error.contains("GET http://127.0.0.1") && error.contains("HTTPS_PROXY"),
        "{error}"
    );
    assert_eq!(waited.len(), 6);
}

#[test]
fn what_the_host_refuses_is_not_asked_again_and_said_with_the_way_out() {
    let says = |host: &Host, words: &[&str]| {
        let (outcome, waited) = post_noting(host, &report(1, "x"));
        let error = shown(&outcome.expect_err("refused"));
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(waited.is_empty(), "{waited:?}");
        assert_eq!(host.comments(), []);
    };
    let host = Host::start(Kind::Github);
    host.state().read_only = true;
    says(
        &host,
        &[
            "403",
            "pull-requests: write",
            "fork",
            "not accessible by integration",
        ],
    );
    let host = Host::start(Kind::Gitlab);
    host.state().read_only = true;
    says(&host, &["403", "scope api"]);
    let host = Host::at(
        Kind::Github,
        Host::start(Kind::Github).api.replace("/api/v3", "/api/v9"),
    );
    says(&host, &["404", "--repository", "--number"]);
    for kind in BOTH {
        let host = Host::start(kind);
        host.fault(
            "POST",
            if kind == Kind::Github { "12/" } else { "3/" },
            What::Instead(Reply::new(422, r#"{"message": "body is too long"}"#)),
        );
        says(&host, &["422", "too long"]);
    }
}

#[test]
fn a_wrong_token_is_said_to_be_wrong_and_not_shown_even_if_the_host_repeats_it() {
    for kind in BOTH {
        let host = Host::start(kind);
        let mut variables = environment(&host);
        let wrong = "wr0ng-t0ken";
        variables.last_mut().expect("the token").1 = wrong.to_owned();
        host.fault("POST", "graphql", What::Instead(Reply::new(401, "{}")));
        host.fault(
            "GET",
            "/user",
            What::Instead(Reply::new(
                401,
                format!("{{\"message\": \"no {wrong} here\"}}"),
            )),
        );
        let error = post(
            &body(&report(1, "x")),
            &place_with(&variables),
            false,
            Patience::default(),
        );
        let error = shown(&error.expect_err("refused"));
        assert!(
            error.contains("401") && error.contains("the token"),
            "{error}"
        );
        assert!(
            error.contains("no (token) here") && !error.contains(wrong),
            "{error}"
        );
    }
}

#[test]
fn a_jobs_own_token_reads_on_gitlab_and_its_limits_are_said() {
    let host = Host::start(Kind::Gitlab);
    let mut variables = environment(&host);
    *variables.last_mut().expect("the token") = ("CI_JOB_TOKEN", JOB_TOKEN.to_owned());
    let place = place_with(&variables);
    let would =
        preview(&body(&report(1, "x")), &place, false, Patience::default()).expect("looked");
    assert!(would.starts_with("would create"), "{would}");
    let error = post(&body(&report(1, "x")), &place, false, Patience::default());
    let error = shown(&error.expect_err("refused"));
    assert!(
        error.contains("CI_JOB_TOKEN can read") && error.contains("GITLAB_TOKEN"),
        "{error}"
    );
}

#[test]
fn answers_that_are_not_those_of_the_api_are_said_to_be() {
    for garbage in [
        "<html>Sign in",
        "[1, 2]",
        "{\"id\": ",
        "[{\"id\": \"x\"}]",
        "",
    ] {
        for kind in BOTH {
            let host = Host::start(kind);
            host.fault(
                "GET",
                if kind == Kind::Github {
                    "comments"
                } else {
                    "notes"
                },
                What::Instead(Reply::new(200, garbage)),
            );
            assert!(
                refused(&host, &report(1, "x")).contains("something unknown"),
                "{garbage}"
            );
            assert_eq!(host.comments(), []);
        }
    }
    let host = Host::start(Kind::Gitlab);
    host.fault("GET", "user", What::Instead(Reply::new(200, "<html>")));
    assert!(refused(&host, &report(1, "x")).contains("--api"));
}

#[test]
fn the_token_follows_a_redirect_within_the_host_and_none_to_another() {
    let stolen = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&stolen);
    let thief = serve(move |request| {
        seen.lock().expect("free").push(request.clone());
        Reply::new(200, "[]")
    });
    for status in [301, 302, 307, 308] {
        let host = Host::start(Kind::Github);
        let path = "/api/v3/repos/acme/infra/issues/12/comments";
        let inside = format!("{path}?per_page=100&page=1");
        host.fault(
            "GET",
            "comments",
            What::Instead(Reply::new(status, "").with("location", inside)),
        );
        assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
        let host = Host::start(Kind::Github);
        host.fault(
            "GET",
            "comments",
            What::Instead(Reply::new(status, "").with("location", format!("{thief}/x"))),
        );
        assert!(refused(&host, &report(1, "x")).contains("elsewhere"));
        host.fault(
            "POST",
            "comments",
            What::Instead(Reply::new(status, "").with("location", format!("{thief}/x"))),
        );
        assert!(refused(&host, &report(1, "x")).contains("elsewhere"));
        assert_eq!(host.comments(), []);
    }
    assert!(stolen.lock().expect("free").is_empty());
}

#[test]
fn a_redirect_that_would_lose_what_is_posted_is_not_followed() {
    let host = Host::start(Kind::Github);
    let path = "/api/v3/repos/acme/infra/issues/12/comments";
    host.fault(
        "POST",
        "comments",
        What::Instead(Reply::new(307, "").with("location", path)),
    );
    assert_eq!(posted(&host, &report(1, "x")), Outcome::Created(1));
    let host = Host::start(Kind::Github);
    host.fault(
        "POST",
        "comments",
        What::Instead(Reply::new(302, "").with("location", path)),
    );
    assert!(refused(&host, &report(1, "x")).contains("elsewhere"));
    // Nor is one that leads in a circle followed for long.
    let circle = serve(|_| Reply::new(302, "").with("location", "/api/v4/user"));
    let host = Host::at(Kind::Gitlab, format!("{circle}/api/v4"));
    assert!(refused(&host, &report(1, "x")).contains("elsewhere"));
}

#[test]
fn a_report_that_is_too_long_is_refused_before_anything_is_asked() {
    let host = Host::start(Kind::Github);
    let longest = report(1, &"é".repeat(65_536 - report(1, "").chars().count()));
    assert_eq!(posted(&host, &longest), Outcome::Created(1));
    let before = host.state().asked.len();
    let error = refused(&host, &format!("{longest}é"));
    assert!(
        error.contains("65537") && error.contains("65536"),
        "{error}"
    );
    assert_eq!(host.state().asked.len(), before);
    // GitLab takes more.
    let host = Host::start(Kind::Gitlab);
    assert_eq!(posted(&host, &format!("{longest}é")), Outcome::Created(1));
    assert!(refused(&host, &report(1, &"x".repeat(1_000_000))).contains("GitLab"));
}

#[test]
fn no_line_of_a_report_is_a_command_to_gitlab() {
    let host = Host::start(Kind::Gitlab);
    let hostile = report(
        1,
        "/approve\r\n\r/merge\n\n```\n/close\n```\n/\n//x\n/tmp/x",
    );
    assert_eq!(posted(&host, &hostile), Outcome::Created(1));
    assert_eq!(posted(&host, &hostile), Outcome::Unchanged(1));
    let state = host.state();
    let odd: Vec<_> = state
        .commands
        .iter()
        .filter(|line| !matches!(&***line, "/" | "//x"))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert!(
        state.comments[0].body.contains("\n\\/approve\n\\/merge\n"),
        "{}",
        state.comments[0].body
    );
}

#[test]
fn the_program_posts_and_says_what_it_did() {
    for (kind, name) in [(Kind::Github, "acme/infra#12"), (Kind::Gitlab, "7!3")] {
        let host = Host::start(kind);
        for want in [
            format!("created comment 1 on {name}\n"),
            format!("comment 1 on {name} says the same already\n"),
        ] {
            let output = run(&host, &["report.md"], &[]);
            assert_eq!(
                (output.status.code(), out(&output)),
                (Some(0), want),
                "{}",
                err(&output)
            );
        }
        let output = run(&host, &["clean.md"], &[]);
        assert_eq!(out(&output), format!("updated comment 1 on {name}\n"));
        let host = Host::start(kind);
        let output = run(&host, &["clean.md"], &[]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            out(&output),
            format!("nothing is open, and {name} has no earlier comment: nothing posted\n")
        );
        assert_eq!(
            out(&run(&host, &["--always", "clean.md"], &[])),
            format!("created comment 1 on {name}\n")
        );
    }
}

#[test]
fn a_dry_run_writes_nothing_and_without_a_token_asks_nothing() {
    let host = Host::start(Kind::Github);
    let bytes = report(1, "one").len();
    let url = format!("{}/repos/acme/infra/issues", host.api);
    let output = run(&host, &["--dry-run", "report.md"], &["GITHUB_TOKEN"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        out(&output),
        format!(
            "without a token it cannot look for an earlier comment on acme/infra#12; a new one of {bytes} bytes would be: POST {url}/12/comments\n"
        )
    );
    let clean = run(&host, &["--dry-run", "clean.md"], &["GITHUB_TOKEN"]);
    assert!(
        out(&clean).contains("it would post nothing"),
        "{}",
        out(&clean)
    );
    assert!(host.state().asked.is_empty());
    let output = run(&host, &["--dry-run", "report.md"], &[]);
    assert_eq!(
        out(&output),
        format!(
            "would create a comment of {bytes} bytes on acme/infra#12: POST {url}/12/comments\n"
        )
    );
    host.state().add(ME, &report(9, "old"));
    let output = run(&host, &["--dry-run", "report.md"], &[]);
    assert_eq!(
        out(&output),
        format!(
            "would update comment 1 on acme/infra#12 to {bytes} bytes: PATCH {url}/comments/1\n"
        )
    );
    assert!(host.writes().is_empty());
}

#[test]
fn what_it_cannot_do_is_exit_code_2_with_the_way_out() {
    let host = Host::start(Kind::Github);
    for (args, without, word) in [
        (&["report.md"][..], &["GITHUB_TOKEN"][..], "GITHUB_TOKEN"),
        (&["report.md"], &["GITHUB_ACTIONS"], "--host"),
        (&["report.md"], &["GITHUB_REF"], "--number"),
        (&["missing.md"], &[], "markdown=report.md"),
        (&["-"], &[], "is empty"),
        (
            &["--api", "http://git.example/api/v3", "report.md"],
            &[],
            "plain http",
        ),
        (&["--number", "x", "report.md"], &[], "--number"),
        (&["--host", "gitea", "report.md"], &[], "github"),
        (&[], &[], "FILE"),
    ] {
        let output = run(&host, args, without);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            err(&output).contains(word) && out(&output).is_empty(),
            "{}",
            err(&output)
        );
    }
    assert!(host.state().asked.is_empty());
}

#[test]
fn options_say_it_where_there_is_no_ci() {
    let host = Host::start(Kind::Github);
    let without = [
        "GITHUB_ACTIONS",
        "GITHUB_REPOSITORY",
        "GITHUB_REF",
        "GITHUB_API_URL",
    ];
    let place = [
        "--host",
        "github",
        "--repository",
        "acme/infra",
        "--number",
        "12",
        "--api",
        &host.api,
    ];
    let output = run(&host, &[&place[..], &["report.md"]].concat(), &without);
    assert_eq!(
        out(&output),
        "created comment 1 on acme/infra#12\n",
        "{}",
        err(&output)
    );
}
