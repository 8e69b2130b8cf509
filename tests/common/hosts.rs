//! GitHub and GitLab, as far as `tfguard comment` sees them: their endpoints, statuses, headers and limits.
//!
//! From their documentation: docs.github.com "Issue comments", "Best practices for using the REST API";
//! docs.gitlab.com "Notes API", "CI/CD job token".

use super::server::{Reply, Request, serve};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// Who the right token writes as.
pub(crate) const ME: u64 = 41_898_282;
/// Somebody else who can comment.
pub(crate) const STRANGER: u64 = 666;
/// The right token.
pub(crate) const TOKEN: &str = "s3cr3t-t0ken-value";
/// The token of a CI job, on GitLab.
pub(crate) const JOB_TOKEN: &str = "j0b-t0ken-value";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Github,
    Gitlab,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) body: String,
}

/// Something that goes wrong, once, with a request whose method and path match.
pub(crate) struct Fault {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) what: What,
}

pub(crate) enum What {
    /// This instead of the host's answer; nothing is done.
    Instead(Reply),
    /// It is done, and then this is answered.
    Done(Reply),
    /// This happens right before.
    Before(fn(&mut State)),
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) comments: Vec<Comment>,
    pub(crate) next: u64,
    pub(crate) faults: Vec<Fault>,
    /// Method and path of what came in.
    pub(crate) asked: Vec<String>,
    /// Commands GitLab found in notes.
    pub(crate) commands: Vec<String>,
    /// Whether the token is that of a GitHub App, which `GET /user` refuses.
    pub(crate) app: bool,
    /// Whether there is no GraphQL.
    pub(crate) no_graphql: bool,
    /// Whether the token may only read.
    pub(crate) read_only: bool,
    /// The most comments a page has, whatever is asked for.
    pub(crate) page: usize,
}

impl State {
    pub(crate) fn add(&mut self, author: u64, body: &str) -> u64 {
        self.next += 1;
        self.comments.push(Comment {
            id: self.next,
            author,
            body: body.to_owned(),
        });
        self.next
    }
}

/// A host that runs.
pub(crate) struct Host {
    pub(crate) kind: Kind,
    /// The address of its API.
    pub(crate) api: String,
    state: Arc<Mutex<State>>,
}

impl Host {
    pub(crate) fn start(kind: Kind) -> Self {
        let state = Arc::new(Mutex::new(State {
            page: 100,
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let base = serve(move |request| {
            let mut state = shared.lock().expect("no test panics in here");
            answer(kind, &mut state, request)
        });
        Self {
            kind,
            api: base + prefix(kind),
            state,
        }
    }

    /// The host that another address is said to be.
    pub(crate) fn at(kind: Kind, api: String) -> Self {
        Self {
            kind,
            api,
            state: Arc::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics in here")
    }

    pub(crate) fn fault(&self, method: &'static str, path: &'static str, what: What) {
        self.state().faults.push(Fault { method, path, what });
    }

    /// Who wrote what, in order.
    pub(crate) fn comments(&self) -> Vec<(u64, String)> {
        let state = self.state();
        let all = state.comments.iter();
        all.map(|comment| (comment.author, comment.body.clone()))
            .collect()
    }

    /// The methods of what came in, reads left out.
    pub(crate) fn writes(&self) -> Vec<String> {
        let state = self.state();
        let writes = state
            .asked
            .iter()
            .filter(|asked| !asked.starts_with("GET") && !asked.ends_with("/graphql"));
        writes
            .map(|asked| asked.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    }
}

fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Github => "/api/v3",
        Kind::Gitlab => "/api/v4",
    }
}

fn answer(kind: Kind, state: &mut State, request: &Request) -> Reply {
    state
        .asked
        .push(format!("{} {}", request.method, request.path));
    let fault = state
        .faults
        .iter()
        .position(|fault| fault.method == request.method && request.path.contains(fault.path));
    match fault.map(|at| state.faults.remove(at).what) {
        Some(What::Instead(reply)) => reply,
        Some(What::Done(reply)) => {
            done(kind, state, request);
            reply
        }
        Some(What::Before(happens)) => {
            happens(state);
            done(kind, state, request)
        }
        None => done(kind, state, request),
    }
}

fn done(kind: Kind, state: &mut State, request: &Request) -> Reply {
    match kind {
        Kind::Github => github(state, request),
        Kind::Gitlab => gitlab(state, request),
    }
}

fn github(state: &mut State, request: &Request) -> Reply {
    if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return Reply::new(
            401,
            json!({"message": "Bad credentials", "status": "401"}).to_string(),
        );
    }
    let forbidden = || {
        Reply::new(
            403,
            json!({"message": "Resource not accessible by integration", "status": "403"})
                .to_string(),
        )
    };
    let path = request.path.strip_prefix("/api/").unwrap_or_default();
    match (&*request.method, path) {
        ("POST", "graphql") if !state.no_graphql => Reply::new(
            200,
            json!({"data": {"viewer": {"databaseId": ME}}}).to_string(),
        ),
        ("GET", "v3/user") if state.app => forbidden(),
        ("GET", "v3/user") => Reply::new(200, json!({"id": ME, "login": "me"}).to_string()),
        ("GET", "v3/repos/acme/infra/issues/12/comments") => list(state, request, github_json),
        (_, path) if !path.starts_with("v3/repos/acme/infra/issues/") => Reply::new(
            404,
            json!({"message": "Not Found", "status": "404"}).to_string(),
        ),
        _ if state.read_only => forbidden(),
        ("POST", "v3/repos/acme/infra/issues/12/comments") => create(
            state,
            request,
            github_json,
            || {
                let error = json!({"resource": "IssueComment", "code": "unprocessable", "field": "data",
                "message": "Body is too long (maximum is 65536 characters)"});
                Reply::new(
                    422,
                    json!({"message": "Validation Failed", "errors": [error]}).to_string(),
                )
            },
            65_536,
        ),
        ("PATCH" | "DELETE", _) => change(state, request, github_json),
        _ => Reply::new(404, json!({"message": "Not Found"}).to_string()),
    }
}

fn gitlab(state: &mut State, request: &Request) -> Reply {
    let job = request.header("job-token") == Some(JOB_TOKEN);
    let known = request.header("private-token") == Some(TOKEN);
    let path = request.path.strip_prefix("/api/v4/").unwrap_or_default();
    let notes = "projects/7/merge_requests/3/notes";
    let of_jobs = request.method == "GET" && (path == "job" || path.starts_with(notes));
    let allowed = known || (job && of_jobs);
    if !allowed {
        return Reply::new(401, json!({"message": "401 Unauthorized"}).to_string());
    }
    match (&*request.method, path) {
        ("GET", "user") => Reply::new(
            200,
            json!({"id": ME, "username": "project_7_bot"}).to_string(),
        ),
        ("GET", "job") if job => Reply::new(200, json!({"id": 1, "user": {"id": ME}}).to_string()),
        (_, path) if !path.starts_with(notes) => {
            Reply::new(404, json!({"message": "404 Not found"}).to_string())
        }
        ("GET", _) => list(state, request, gitlab_json),
        _ if state.read_only => Reply::new(403, json!({"message": "403 Forbidden"}).to_string()),
        ("POST", _) => {
            let commands = body_of(request);
            let commands = commands.lines().filter(|line| line.starts_with('/'));
            state.commands.extend(commands.map(str::to_owned));
            create(
                state,
                request,
                gitlab_json,
                || {
                    Reply::new(400, json!({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}).to_string())
                },
                1_000_000,
            )
        }
        _ => change(state, request, gitlab_json),
    }
}

fn body_of(request: &Request) -> String {
    let json: Value = serde_json::from_str(&request.body).expect("JSON");
    json["body"].as_str().expect("a body").to_owned()
}

fn github_json(comment: &Comment) -> Value {
    json!({"id": comment.id, "body": comment.body, "author_association": "NONE",
        "user": {"id": comment.author, "login": "x", "type": "Bot"}, "html_url": "https://github.com/x"})
}

fn gitlab_json(comment: &Comment) -> Value {
    json!({"id": comment.id, "body": comment.body, "system": false,
        "author": {"id": comment.author, "username": "x"}})
}

fn list(state: &State, request: &Request, json: fn(&Comment) -> Value) -> Reply {
    let asked = request.number("per_page").unwrap_or(20);
    let size = asked.min(state.page);
    let page = request.number("page").unwrap_or(1);
    let of_page = state.comments.iter().skip((page - 1) * size).take(size);
    let reply = Reply::new(200, Value::Array(of_page.map(json).collect()).to_string());
    let more = state.comments.len() > page * size;
    let next = if more {
        (page + 1).to_string()
    } else {
        String::new()
    };
    let link = format!(
        "<https://elsewhere.example/?page={next}>; rel=\"next\", <https://elsewhere.example/?page=9>; rel=\"last\""
    );
    let reply = reply.with("x-next-page", next);
    if more {
        reply.with("link", link)
    } else {
        reply
    }
}

fn create(
    state: &mut State,
    request: &Request,
    json: fn(&Comment) -> Value,
    too_long: impl Fn() -> Reply,
    longest: usize,
) -> Reply {
    let body = body_of(request);
    if body.chars().count() > longest {
        return too_long();
    }
    state.add(ME, &body);
    let comment = state.comments.last().expect("just added");
    Reply::new(201, json(comment).to_string())
}

fn change(state: &mut State, request: &Request, json: fn(&Comment) -> Value) -> Reply {
    let id = request
        .path
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok());
    let Some(at) = state
        .comments
        .iter()
        .position(|comment| Some(comment.id) == id)
    else {
        return Reply::new(404, json!({"message": "Not Found"}).to_string());
    };
    if request.method == "DELETE" {
        state.comments.remove(at);
        return Reply::new(204, "");
    }
    let comment = &mut state.comments[at];
    comment.body = body_of(request);
    Reply::new(200, json(comment).to_string())
}
