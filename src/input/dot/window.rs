//! The part of a text that is in memory: one reused window over a reader, which remembers lines for errors.

use std::io::{self, Read};

/// The window at its start, in bytes. It doubles only for a single token that does not fit.
const WINDOW: usize = 256 * 1024;

/// Bytes kept behind the reading point, for excerpts.
const BEHIND: usize = 256;

/// Bytes of a line shown on each side of a mistake.
const SHOWN: usize = 60;

/// Where something stands in a text; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A byte of a text, as an error shows it.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) place: Place,
    /// The line the byte stands in, as far as it is near and in the window.
    pub(super) text: String,
    /// Where in `text` it stands.
    pub(super) at: usize,
}

/// Unread text, and a little of what was read.
pub(super) struct Window<R> {
    reader: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of the window's first byte in the text.
    base: u64,
    /// Lines that ended before the window, and where the last of them did.
    lines: u64,
    line_start: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Self::with_size(reader, WINDOW)
    }

    /// A window of `size` bytes, at least 16: tests use small ones.
    pub(super) fn with_size(reader: R, size: usize) -> Self {
        Self {
            reader,
            bytes: vec![0; size.max(16)],
            start: 0,
            end: 0,
            base: 0,
            lines: 0,
            line_start: 0,
        }
    }

    /// What is in the window and not read yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Passes over `n` unread bytes.
    pub(super) fn advance(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    /// Where the next byte stands in the text.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Where the next byte stands in the window: good for [`Self::span`] until [`Self::more`] is called.
    pub(super) fn mark(&self) -> usize {
        self.start
    }

    /// Bytes of the window, read or not.
    pub(super) fn span(&self, span: std::ops::Range<usize>) -> &[u8] {
        &self.bytes[span]
    }

    /// Fills the window behind what is unread, in twice the room if there is none. False at the end of the
    /// text. The window is full then: a token that is looked for anew each time costs linear time.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        self.compact();
        if self.end == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        let before = self.end;
        while self.end < self.bytes.len() {
            match self.reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => break,
                Ok(n) => self.end += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end > before)
    }

    fn compact(&mut self) {
        let drop = self.start.saturating_sub(BEHIND.min(self.bytes.len() / 4));
        let dropped = &self.bytes[..drop];
        self.lines += memchr::memchr_iter(b'\n', dropped).count() as u64;
        if let Some(last) = memchr::memrchr(b'\n', dropped) {
            self.line_start = self.base + last as u64 + 1;
        }
        self.bytes.copy_within(drop..self.end, 0);
        self.base += drop as u64;
        self.start -= drop;
        self.end -= drop;
    }

    /// Line and column of a byte that is in the window.
    pub(super) fn place(&self, offset: u64) -> Place {
        let before = &self.bytes[..self.within(offset)];
        let lines = memchr::memchr_iter(b'\n', before).count() as u64;
        let (far, near) = match memchr::memrchr(b'\n', before) {
            Some(last) => (0, &before[last + 1..]),
            None => (self.base - self.line_start, before),
        };
        Place {
            line: self.lines + lines + 1,
            column: far + String::from_utf8_lossy(near).chars().count() as u64 + 1,
        }
    }

    fn within(&self, offset: u64) -> usize {
        usize::try_from(offset.saturating_sub(self.base)).map_or(self.end, |at| at.min(self.end))
    }

    /// A byte that is in the window.
    pub(super) fn spot(&self, offset: u64) -> Spot {
        let at = self.within(offset);
        let before = &self.bytes[at.saturating_sub(SHOWN)..at];
        let after = &self.bytes[at..self.end.min(at + SHOWN)];
        let from = memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
        let to = memchr::memchr2(b'\n', b'\r', after).unwrap_or(after.len());
        let mut text = String::from_utf8_lossy(&before[from..]).into_owned();
        let marked = text.len();
        text.push_str(&String::from_utf8_lossy(&after[..to]));
        Spot {
            place: self.place(offset),
            text,
            at: marked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Window};

    #[test]
    fn lines_and_columns_count_what_left_the_window_too() {
        let text = "ab\ncöd\n".repeat(40) + "last";
        let mut window = Window::with_size(text.as_bytes(), 16);
        while !window.rest().is_empty() || window.more().expect("memory") {
            window.advance(1);
        }
        let end = window.place(window.offset());
        assert_eq!(
            end,
            Place {
                line: 81,
                column: 5
            }
        );
        assert_eq!(window.spot(window.offset()).text, "last");
        assert_eq!(window.bytes.len(), 16, "the window did not grow");
    }

    #[test]
    fn columns_of_a_line_longer_than_the_window_go_on_counting() {
        let text = "\n".to_owned() + &"x".repeat(100);
        let mut window = Window::with_size(text.as_bytes(), 16);
        while !window.rest().is_empty() || window.more().expect("memory") {
            window.advance(1);
        }
        let end = window.place(window.offset());
        assert_eq!(
            end,
            Place {
                line: 2,
                column: 101
            }
        );
    }
}
