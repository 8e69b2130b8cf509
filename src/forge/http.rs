//! One request to the host, and what came of it.

use super::api::Api;
use super::token::Token;
use crate::error::Error;
use rustls::crypto::ring;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::header::LOCATION;
use ureq::http::{HeaderMap, Method, Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// The most a page of comments can hold: a hundred of the longest, twice over.
const LARGEST_ANSWER: u64 = 200 << 20;

/// How often a host may send a request elsewhere on itself: a repository that was renamed does.
const REDIRECTS: usize = 3;

/// What to ask.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<serde_json::Value>,
}

impl Call {
    pub(super) fn get(url: String) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
        }
    }

    /// What is sent, for messages.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

/// What the host answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The line broke: the host may have done what it was asked, or not.
    Lost(String),
    /// It would break again.
    Hopeless(Error),
}

/// The line to one host.
#[derive(Debug)]
pub(super) struct Line {
    agent: Agent,
    api: Api,
    token: Token,
    headers: &'static [(&'static str, &'static str)],
    timeout: Duration,
}

impl Line {
    pub(super) fn new(
        api: Api,
        token: Token,
        headers: &'static [(&'static str, &'static str)],
        timeout: Duration,
    ) -> Self {
        // The machine's own certificates: companies have theirs, for their hosts and for their proxies.
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("tfguard/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if api.is_loopback() {
            // A proxy would be another machine, which plain http must not reach.
            config = config.proxy(None);
        }
        Self {
            agent: Agent::new_with_config(config.build()),
            api,
            token,
            headers,
            timeout,
        }
    }

    /// Asks once, following redirects that stay with the host.
    pub(super) fn send(&self, call: &Call) -> Result<Answer, Broken> {
        let mut call = call.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.try_once(&call)?;
            let location = answer
                .headers
                .get(LOCATION)
                .filter(|_| is_redirect(&answer));
            let Some(location) = location else {
                return Ok(answer);
            };
            let location = location.to_str().unwrap_or_default();
            // Of a request that is no GET only these two statuses ask to repeat it as it is.
            let repeats = call.method == Method::GET || matches!(answer.status, 307 | 308);
            match self.api.follow(location).filter(|_| repeats) {
                Some(url) => call.url = url,
                None => return Err(Broken::Hopeless(elsewhere(&call))),
            }
        }
        Err(Broken::Hopeless(elsewhere(&call)))
    }

    fn try_once(&self, call: &Call) -> Result<Answer, Broken> {
        let response = self
            .request(call)
            .map_err(|error| self.broken(call, error))?;
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(LARGEST_ANSWER).read_to_vec();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.map_err(|error| self.broken(call, error))?,
        })
    }

    fn request(&self, call: &Call) -> Result<Response<Body>, ureq::Error> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&call.url)
            .header(self.token.header, self.token.value());
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        match &call.body {
            None => self.agent.run(request.body(())?),
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string())?)
            }
        }
    }

    fn broken(&self, call: &Call, error: ureq::Error) -> Broken {
        match error {
            ureq::Error::Timeout(_) => {
                Broken::Lost(format!("no answer within {} s", self.timeout.as_secs_f32()))
            }
            error if is_about_certificates(&error) => {
                Broken::Hopeless(self.distrusted(call, &error))
            }
            ureq::Error::Io(error) => Broken::Lost(self.clean(&error.to_string())),
            error @ (ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::ConnectProxyFailed(_)
            | ureq::Error::Protocol(_)) => Broken::Lost(self.clean(&error.to_string())),
            error => Broken::Hopeless(Error::new(format!(
                "cannot ask {}: {}",
                call.name(),
                self.clean(&error.to_string())
            ))),
        }
    }

    /// A text that others wrote, short and without the token.
    pub(super) fn clean(&self, text: &str) -> String {
        let text = self.token.out_of(text.trim());
        match text.char_indices().nth(300) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    }

    fn distrusted(&self, call: &Call, error: &ureq::Error) -> Error {
        let error = self.clean(&error.to_string());
        Error::new(format!("no trusted connection for {}: {error}", call.name())).help(
            "tfguard trusts the certificates of the machine: install them (ca-certificates), or name a file with SSL_CERT_FILE",
        )
    }
}

fn is_redirect(answer: &Answer) -> bool {
    matches!(answer.status, 301 | 302 | 303 | 307 | 308)
}

fn elsewhere(call: &Call) -> Error {
    Error::new(format!("the host sends {} elsewhere", call.name())).help(
        "tfguard follows no redirect to another host with a token, and none that loses what it posts; name the right \
         place with --api and --repository",
    )
}

/// Whether TLS failed on what the host showed; the network would bring it again.
fn is_about_certificates(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => error
            .get_ref()
            .is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some()),
        _ => false,
    }
}
