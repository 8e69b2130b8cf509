//! Measures from logs of `terraform apply -json` how long objects take.

use super::event::{Said, is_cut, read};
use super::lines::{Line, Lines};
use super::pairs::Pairs;
use super::samples::Samples;
use crate::error::Error;
use crate::input::open::{decode, open, shown, unreadable};
use crate::safe::safe;
use memchr::memmem::find;
use std::io::{self, Read};

/// How a log is made and named.
const MAKE: &str = "log an apply with: terraform apply -json tfplan > apply.jsonl";
const NAME: &str = "give the path of a log of terraform apply -json, or - for standard input";

/// What logs tell, united.
#[derive(Debug, Default)]
pub struct Calibration {
    samples: Samples,
    /// Whether any log is of an apply.
    applies: bool,
    logs: Vec<String>,
    notes: Vec<String>,
    /// Logs that apply nothing.
    idle: Vec<String>,
}

/// What one log holds.
#[derive(Debug, Default)]
struct Log {
    pairs: Pairs,
    /// Lines of Terraform's log.
    lines: u64,
    /// Whether it ends within a line.
    cut: bool,
    /// What it is when it is no log.
    other: Option<Other>,
}

/// What people take for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Blank,
    Plan,
    Text,
    Unknown,
}

impl Calibration {
    /// Takes the log of a file, or of standard input for `-`.
    ///
    /// # Errors
    /// It cannot be read, or is no log of `terraform apply -json`.
    pub fn read(&mut self, path: &str) -> Result<(), Error> {
        self.take(path, open(path, MAKE, NAME)?)
    }

    fn take(&mut self, path: &str, reader: Box<dyn Read + Send>) -> Result<(), Error> {
        let name = shown(path);
        let log = decode(reader)
            .and_then(|reader| scan(reader, &mut self.samples))
            .map_err(|error| unreadable(path, &error, NAME))?;
        if log.lines == 0 {
            return Err(no_log(name, log.other.unwrap_or(Other::Blank)));
        }
        self.note(name, &log);
        self.applies |= log.pairs.applies;
        self.logs.push(name.to_owned());
        Ok(())
    }

    fn note(&mut self, name: &str, log: &Log) {
        let name = safe(name);
        if log.cut {
            self.notes.push(format!(
                "{name} ends within a line, as when a run is killed: what is there is used"
            ));
        }
        if let Some(words) = log.pairs.left_out.in_words() {
            self.notes
                .push(format!("{name}: steps that do not count: {words}"));
        }
        if !log.pairs.applies {
            self.idle.push(format!(
                "{name} applies nothing: no object is created, updated or deleted in it"
            ));
        }
    }

    /// What the logs lack. That none applies anything is the error of [`Self::toml`].
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        let idle = self.idle.iter().filter(|_| self.applies);
        self.notes.iter().chain(idle).map(String::as_str)
    }

    /// The medians by type and step, as TOML, as [`super::Durations::load`] reads it.
    ///
    /// # Errors
    /// The logs hold no step that came to its end.
    pub fn toml(self) -> Result<String, Error> {
        if self.samples.changes() > 0 {
            return Ok(self.samples.toml());
        }
        let logs = self.logs.join(", ");
        Err(if self.applies {
            Error::new(format!("nothing came to its end in {logs}"))
                .help("measure an apply that succeeds")
        } else {
            Error::new(format!("no object is created, updated or deleted in {logs}")).help(
                format!("logs of terraform plan and refresh, or of an apply without changes, tell no times: {MAKE}"),
            )
        })
    }
}

fn scan(reader: impl Read, samples: &mut Samples) -> io::Result<Log> {
    let (mut lines, mut log) = (Lines::new(reader), Log::default());
    while let Some(line) = lines.next()? {
        log.take(line, samples);
        if log.lines == 0 && log.other == Some(Other::Plan) {
            // A plan document can be a gigabyte.
            break;
        }
    }
    log.pairs.finish();
    Ok(log)
}

impl Log {
    fn take(&mut self, line: Line<'_>, samples: &mut Samples) {
        let said = read(line.text);
        let before = self.lines;
        self.lines += u64::from(said != Said::Noise);
        if !line.ended && self.lines > 0 && is_cut(line.text) {
            self.cut = true;
            return;
        }
        match said {
            Said::Event(event) => self.pairs.take(&event, samples),
            Said::Unreadable => self.pairs.left_out.unreadable += 1,
            Said::Noise if before == 0 => self.other = what_else(self.other, line.text),
            Said::Noise | Said::Other => {}
        }
    }
}

/// What a text is that holds no line of a log, with one more line of it.
fn what_else(before: Option<Other>, line: &[u8]) -> Option<Other> {
    const TEXT: [&[u8]; 5] = [
        b": Creating...",
        b": Modifying...",
        b": Destroying...",
        b" complete after ",
        b"Apply complete! Resources:",
    ];
    let head = &line[..line.len().min(1000)];
    if find(head, b"\"format_version\"").is_some() {
        return Some(Other::Plan);
    }
    if TEXT.iter().any(|text| find(head, text).is_some()) {
        return Some(Other::Text);
    }
    let blank = head.iter().all(u8::is_ascii_whitespace);
    before.or((!blank).then_some(Other::Unknown))
}

fn no_log(name: &str, other: Other) -> Error {
    let (what, help) = match other {
        Other::Blank => ("is empty", MAKE),
        Other::Plan => (
            "is a document of terraform show -json: it says what to do, not how long it took",
            MAKE,
        ),
        Other::Text => (
            "is what terraform apply prints for people: it holds no timestamps",
            "log the next apply with -json: terraform apply -json tfplan > apply.jsonl",
        ),
        Other::Unknown => ("is no log of terraform apply -json", MAKE),
    };
    Error::new(format!("{name} {what}")).help(help)
}

#[cfg(test)]
mod tests;
