//! Asks again what went wrong, as long as patience lasts.

use super::http::{Answer, Broken, Call, Line};
use crate::error::Error;
use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ureq::http::Method;

/// How long to wait for the host.
pub struct Patience {
    /// For one answer.
    pub answer: Duration,
    /// For all that has to be done again, waiting included.
    pub total: Duration,
    /// Waits.
    pub pause: Box<dyn Fn(Duration)>,
    /// Is told once, when it begins to take long.
    pub tell: Box<dyn Fn(&str)>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            total: Duration::from_secs(60),
            pause: Box::new(std::thread::sleep),
            tell: Box::new(|_| ()),
        }
    }
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Patience({:?} of {:?})", self.answer, self.total)
    }
}

/// A line that is tried again.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) line: Line,
    patience: Patience,
    left: Cell<Duration>,
    failures: Cell<u32>,
}

/// What became of an attempt that is worth another.
struct Trouble {
    what: String,
    /// How long the host says to wait.
    wait: Option<Duration>,
    /// Whether the host may have done what it was asked all the same.
    perhaps_done: bool,
}

impl Client {
    pub(super) fn new(line: Line, patience: Patience) -> Self {
        Self {
            line,
            left: Cell::new(patience.total),
            patience,
            failures: Cell::new(0),
        }
    }

    /// Asks for what can be asked twice, until there is an answer.
    pub(super) fn ask(&self, call: &Call) -> Result<Answer, Error> {
        loop {
            match self.attempt(call)? {
                Ok(answer) => return Ok(answer),
                Err(trouble) => self.wait(call, &trouble)?,
            }
        }
    }

    /// Asks for what must not be done twice. No answer means that nobody knows whether it was done; the time to look
    /// has come.
    pub(super) fn ask_once(&self, call: &Call) -> Result<Option<Answer>, Error> {
        loop {
            match self.attempt(call)? {
                Ok(answer) => return Ok(Some(answer)),
                Err(trouble) => {
                    self.wait(call, &trouble)?;
                    if trouble.perhaps_done {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// One attempt; what it took is taken from the patience when it failed.
    fn attempt(&self, call: &Call) -> Result<Result<Answer, Trouble>, Error> {
        let begin = Instant::now();
        let trouble = match self.line.send(call) {
            Ok(answer) => match trouble_in(&answer) {
                Some(trouble) => trouble,
                None => return Ok(Ok(answer)),
            },
            Err(Broken::Hopeless(error)) => return Err(error),
            Err(Broken::Lost(what)) => Trouble {
                what,
                wait: None,
                perhaps_done: true,
            },
        };
        self.left
            .set(self.left.get().saturating_sub(begin.elapsed()));
        Ok(Err(trouble))
    }

    /// Waits as long as the host says, or twice as long as the last time; gives up when that is too long.
    fn wait(&self, call: &Call, trouble: &Trouble) -> Result<(), Error> {
        let failures = self.failures.get();
        self.failures.set(failures + 1);
        let wait = trouble
            .wait
            .unwrap_or(Duration::from_secs(1 << failures.min(4)));
        let Some(left) = self.left.get().checked_sub(wait) else {
            return Err(Self::given_up(call, trouble));
        };
        self.left.set(left);
        if failures == 0 {
            let most = self.patience.total.as_secs();
            // An error is safe to show.
            let told = Error::new(format!(
                "{} failed: {}; trying again for at most {most} s",
                call.name(),
                trouble.what
            ));
            (self.patience.tell)(told.message());
        }
        (self.patience.pause)(wait);
        Ok(())
    }

    fn given_up(call: &Call, trouble: &Trouble) -> Error {
        let error = Error::new(format!("{} failed: {}", call.name(), trouble.what));
        let unknown = trouble.perhaps_done && call.method != Method::GET;
        error.help(match trouble.wait {
            Some(wait) => format!("the host says to wait {} s: run it again then", wait.as_secs()),
            None if unknown => "it may have been done all the same: run it again later, tfguard looks before it posts".to_owned(),
            None => "is the host up, and can this machine reach it (HTTPS_PROXY)? run it again later".to_owned(),
        })
    }
}

/// What in an answer says to ask again: a host in trouble, or one that was asked too often. GitHub says the latter with
/// 403 as well, and tells it from what is forbidden by headers only.
fn trouble_in(answer: &Answer) -> Option<Trouble> {
    let wait = asked_to_wait(answer);
    let says_so = || String::from_utf8_lossy(&answer.body).contains("rate limit");
    let limited = answer.status == 429 || (answer.status == 403 && (wait.is_some() || says_so()));
    (limited || answer.status >= 500).then(|| Trouble {
        what: format!(
            "the host answers {}{}",
            answer.status,
            if limited { ", too many requests" } else { "" }
        ),
        wait,
        perhaps_done: !limited,
    })
}

/// How long the host says to wait: `retry-after` in seconds, or until `x-ratelimit-reset` (GitHub) when nothing is left.
fn asked_to_wait(answer: &Answer) -> Option<Duration> {
    let number = |name: &str| -> Option<u64> { answer.header(name)?.trim().parse().ok() };
    let after = number("retry-after").map(Duration::from_secs);
    after.or_else(|| {
        let spent =
            number("x-ratelimit-remaining") == Some(0) && matches!(answer.status, 403 | 429);
        let reset = UNIX_EPOCH.checked_add(Duration::from_secs(
            number("x-ratelimit-reset").filter(|_| spent)?,
        ))?;
        // Clocks differ by a second.
        Some(reset.duration_since(SystemTime::now()).unwrap_or_default() + Duration::from_secs(1))
    })
}
