//! Passes over what wrappers print around plan documents.

use super::json::stream::{Stop, Stream};
use super::sniff;
use std::io::Read;

/// What plan documents are read from.
pub(super) type Input = Stream<Box<dyn Read + Send>>;

/// Passes over what wrappers print before the document; returns the number of bytes.
pub(super) fn skip_to_document(stream: &mut Input) -> usize {
    let skipped = sniff::document_start(stream.unread()).unwrap_or(0);
    stream.advance(skipped);
    skipped
}

/// Passes over noise up to the next document or the end of the input; whether there is another. What a wrapper says once
/// more in a command to its runner is none: `::debug::stdout: {...}`, of hashicorp/setup-terraform.
pub(super) fn next_document(stream: &mut Input) -> Result<(usize, bool), Stop> {
    let mut skipped = 0;
    let mut line = Line::default();
    loop {
        stream.fill()?;
        let unread = stream.unread();
        let start = sniff::another_plan(unread);
        // The start of a plan may be cut by the window's end: keep as much as it takes to know.
        let most = unread.len().saturating_sub(sniff::PLAN_START.len());
        let passed = start.unwrap_or(most);
        let ended = start.is_none() && most == 0;
        if ended {
            return Ok((skipped + unread.len(), false));
        }
        line.pass(&unread[..passed]);
        stream.advance(passed);
        skipped += passed;
        if start.is_some() {
            if !line.is_command() {
                return Ok((skipped, true));
            }
            skipped += line_end(stream)?;
            line = Line::default();
        }
    }
}

/// Passes over the rest of a line; returns the number of bytes.
fn line_end(stream: &mut Input) -> Result<usize, Stop> {
    let mut skipped = 0;
    loop {
        stream.fill()?;
        let unread = stream.unread();
        let end = memchr::memchr(b'\n', unread);
        let passed = end.unwrap_or(unread.len());
        let ended = end.is_some() || passed == 0;
        stream.advance(passed);
        skipped += passed;
        if ended {
            return Ok(skipped);
        }
    }
}

/// The last line of what was passed over, as far as it takes to know what it is.
#[derive(Default)]
struct Line(Vec<u8>);

impl Line {
    /// Times stand before the commands of a log.
    const MOST: usize = 200;

    fn pass(&mut self, text: &[u8]) {
        let mut text = text;
        if let Some(end) = memchr::memrchr(b'\n', text) {
            self.0.clear();
            text = &text[end + 1..];
        }
        let room = Self::MOST.saturating_sub(self.0.len());
        self.0.extend_from_slice(&text[..text.len().min(room)]);
    }

    /// Whether it speaks to the runner of GitHub, or is what that prints of it.
    fn is_command(&self) -> bool {
        let marks = [&b"::debug::"[..], b"::set-output ", b"##[debug]"];
        let mut marks = marks.iter();
        marks.any(|mark| memchr::memmem::find(&self.0, mark).is_some())
    }
}
