//! Reads a JSON document of any size through one reused window.

use super::parts::{Malformed, is_scalar, is_space, text};
use super::skip::{Fed, Skipper};
use std::io::{self, Read};

/// The window at its start, in bytes. It doubles only for a single value that does not fit.
const WINDOW: usize = 64 * 1024;

/// Why a document could not be read on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The reader under the window failed.
    Io(io::Error),
    /// The text is not JSON at this byte of the document.
    Syntax {
        /// Counted from 0 from the start of the reader.
        offset: u64,
        /// What was expected or found.
        what: &'static str,
    },
    /// The text ended too early.
    End,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where the caller is in a container it walks through.
#[derive(Default)]
pub(crate) struct Members {
    begun: bool,
}

/// A pull reader: the caller opens containers, asks for keys and elements, and takes or skips values.
pub(crate) struct Stream<R> {
    reader: R,
    window: Vec<u8>,
    /// The unread part of the window.
    start: usize,
    end: usize,
    /// Document offset of the window's first byte.
    base: u64,
}

impl<R: Read> Stream<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self::with_window(reader, WINDOW)
    }

    /// A window of `size` bytes, at least 64: tests use small ones.
    pub(crate) fn with_window(reader: R, size: usize) -> Self {
        Self {
            reader,
            window: vec![0; size.max(64)],
            start: 0,
            end: 0,
            base: 0,
        }
    }

    /// Offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// What is in the window and not read yet; after [`Stream::fill`] as much as there is.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.window[self.start..self.end]
    }

    /// Drops `n` unread bytes.
    pub(crate) fn advance(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    /// Reads until the window is full or the input ends.
    pub(crate) fn fill(&mut self) -> Result<(), Stop> {
        self.compact();
        while self.end < self.window.len() && self.read_once()? > 0 {}
        Ok(())
    }

    fn compact(&mut self) {
        if self.start > 0 {
            self.window.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
    }

    fn read_once(&mut self) -> Result<usize, Stop> {
        loop {
            match self.reader.read(&mut self.window[self.end..]) {
                Ok(n) => {
                    self.end += n;
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gets more bytes behind the unread ones, in a window twice as long if need be. False at the end.
    fn more(&mut self) -> Result<bool, Stop> {
        self.compact();
        if self.end == self.window.len() {
            self.window.resize(self.window.len() * 2, 0);
        }
        Ok(self.read_once()? > 0)
    }

    /// The next byte that is no white space, left unread; nothing at the end of the input.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let spaces = self.unread().iter().take_while(|b| is_space(**b)).count();
            self.start += spaces;
            if self.start < self.end {
                return Ok(Some(self.window[self.start]));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    fn syntax<T>(&self, what: &'static str) -> Result<T, Stop> {
        Err(Stop::Syntax {
            offset: self.offset(),
            what,
        })
    }

    /// Enters an object or array; false, with nothing read, when the next value is something else.
    pub(crate) fn open(&mut self, bracket: u8) -> Result<bool, Stop> {
        let opens = self.peek()?.ok_or(Stop::End)? == bracket;
        self.start += usize::from(opens);
        Ok(opens)
    }

    /// Moves to the next member; false when the container has been left.
    fn member(&mut self, members: &mut Members, close: u8) -> Result<bool, Stop> {
        let mut next = self.peek()?.ok_or(Stop::End)?;
        if next == close {
            self.start += 1;
            return Ok(false);
        }
        if members.begun {
            if next != b',' {
                return self.syntax("expected a comma or the end of the container");
            }
            self.start += 1;
            next = self.peek()?.ok_or(Stop::End)?;
        }
        members.begun = true;
        if matches!(next, b'}' | b']' | b',') {
            return self.syntax("expected a value");
        }
        Ok(true)
    }

    /// The next key of the object that was opened; the value is to be taken, opened or skipped then.
    pub(crate) fn key(&mut self, members: &mut Members) -> Result<Option<String>, Stop> {
        if !self.member(members, b'}')? {
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return self.syntax("expected a key");
        }
        let offset = self.offset();
        let raw = self.take()?;
        let key = text(raw)
            .map_err(|wrong| Stop::Syntax {
                offset,
                what: wrong.what,
            })?
            .into_owned();
        if self.peek()? != Some(b':') {
            return self.syntax("expected a colon");
        }
        self.start += 1;
        Ok(Some(key))
    }

    /// Whether the array that was opened has another element.
    pub(crate) fn element(&mut self, members: &mut Members) -> Result<bool, Stop> {
        self.member(members, b']')
    }

    /// The next value, whole.
    pub(crate) fn take(&mut self) -> Result<&[u8], Stop> {
        self.peek()?.ok_or(Stop::End)?;
        let length = self.measure(true)?;
        self.start += length;
        Ok(&self.window[self.start - length..self.start])
    }

    /// Hands the next value over with whatever follows it; `read` returns its length. Only when that fails,
    /// be it for want of the value's end, the value is measured first and handed over alone.
    pub(crate) fn parse(
        &mut self,
        mut read: impl FnMut(&[u8]) -> Result<usize, Malformed>,
    ) -> Result<(), Stop> {
        if self.peek()?.ok_or(Stop::End)? == b'{'
            && let Ok(used) = read(self.unread())
        {
            self.start += used;
            return Ok(());
        }
        let length = self.measure(true)?;
        let value = &self.window[self.start..self.start + length];
        read(value).map_err(|wrong| self.place(wrong))?;
        self.start += length;
        Ok(())
    }

    /// Passes over the next value, of any size, in the window there is.
    pub(crate) fn skip(&mut self) -> Result<(), Stop> {
        self.peek()?.ok_or(Stop::End)?;
        let length = self.measure(false)?;
        self.start += length;
        Ok(())
    }

    /// The length of the next value from `start` on; with `keep` all of it stands in the window then.
    fn measure(&mut self, keep: bool) -> Result<usize, Stop> {
        match self.window[self.start] {
            b'{' | b'[' => self.container(keep),
            b'"' => self.string(keep),
            _ => self.scalar(),
        }
    }

    /// Drops what has been looked at already, unless the caller wants it.
    fn forget(&mut self, looked: &mut usize, keep: bool) {
        if !keep {
            self.start += *looked;
            *looked = 0;
        }
    }

    fn container(&mut self, keep: bool) -> Result<usize, Stop> {
        let (mut skipper, mut looked) = (Skipper::default(), 0);
        loop {
            match skipper.feed(&self.window[self.start + looked..self.end]) {
                Fed::End(n) => return Ok(looked + n),
                Fed::Broken => return self.syntax("a backslash outside a string in this value"),
                Fed::More(n) => looked += n,
            }
            self.forget(&mut looked, keep);
            if !self.more()? {
                let tail = &self.window[self.start + looked..self.end];
                return match skipper.finish(tail) {
                    Fed::End(n) if n <= tail.len() => Ok(looked + n),
                    _ => Err(Stop::End),
                };
            }
        }
    }

    fn string(&mut self, keep: bool) -> Result<usize, Stop> {
        let mut looked = 1;
        loop {
            let ahead = &self.window[self.start + looked..self.end];
            match memchr::memchr2(b'"', b'\\', ahead) {
                Some(n) if ahead[n] == b'"' => return Ok(looked + n + 1),
                Some(n) if n + 1 < ahead.len() => looked += n + 2,
                found => {
                    looked += found.unwrap_or(ahead.len());
                    self.forget(&mut looked, keep);
                    if !self.more()? {
                        return Err(Stop::End);
                    }
                }
            }
        }
    }

    fn scalar(&mut self) -> Result<usize, Stop> {
        let ends = |b: &u8| is_space(*b) || matches!(b, b',' | b']' | b'}' | b':');
        loop {
            if let Some(n) = self.unread().iter().position(ends) {
                return if is_scalar(&self.unread()[..n]) {
                    Ok(n)
                } else {
                    self.syntax("expected a value")
                };
            }
            if !self.more()? {
                return if is_scalar(self.unread()) {
                    Ok(self.unread().len())
                } else {
                    Err(Stop::End)
                };
            }
        }
    }

    /// Offset of the end of what was read so far.
    pub(crate) fn end_offset(&self) -> u64 {
        self.base + self.end as u64
    }

    /// The bytes around an offset, as far as they are in the window, and where in them it is.
    pub(crate) fn around(&self, offset: u64, width: usize) -> (&[u8], usize) {
        let at = usize::try_from(offset.saturating_sub(self.base))
            .unwrap_or(self.end)
            .min(self.end);
        let from = at.saturating_sub(width);
        (&self.window[from..(at + width).min(self.end)], at - from)
    }

    /// The place of something wrong inside the value that was taken last.
    pub(crate) fn place(&self, wrong: Malformed) -> Stop {
        let window = self.window.as_ptr() as usize;
        let inside = wrong.at.saturating_sub(window).min(self.end);
        Stop::Syntax {
            offset: self.base + inside as u64,
            what: wrong.what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Members, Stop, Stream};
    use std::io::Read;

    /// Gives one byte at a time, as the worst pipe would.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.len().min(buf.len()).min(1);
            buf[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn walk(text: &str) -> Result<Vec<(String, String)>, Stop> {
        let mut stream = Stream::with_window(Drip(text.as_bytes()), 64);
        let mut seen = Vec::new();
        assert!(stream.open(b'{')?);
        let mut members = Members::default();
        while let Some(key) = stream.key(&mut members)? {
            if key.starts_with("skip") {
                stream.skip()?;
            } else {
                let value = String::from_utf8(stream.take()?.to_vec()).expect("utf-8");
                seen.push((key, value));
            }
        }
        Ok(seen)
    }

    #[test]
    fn values_larger_than_the_window_are_taken_whole_and_skipped_in_place() {
        let big = format!("[{}\"]\\\"\"]", "1,".repeat(500));
        let text = format!(
            r#"{{"skip":{big},"a":{big},"skip2":"{}","b":1e400 , "c" : "x"}}"#,
            "y\\\"".repeat(300)
        );
        let seen = walk(&text).expect("valid");
        assert_eq!(seen[0], ("a".to_owned(), big));
        assert_eq!(seen[1].1, "1e400");
        assert_eq!(seen[2].1, "\"x\"");
    }

    #[test]
    fn a_cut_document_is_told_from_a_wrong_one() {
        assert!(matches!(walk(r#"{"a": [1, 2"#), Err(Stop::End)));
        assert!(matches!(walk(r#"{"a": "x"#), Err(Stop::End)));
        assert!(matches!(
            walk(r#"{"a": 1 "b": 2}"#),
            Err(Stop::Syntax { offset: 8, .. })
        ));
        assert!(matches!(
            walk(r#"{"a": nil}"#),
            Err(Stop::Syntax { offset: 6, .. })
        ));
        assert!(matches!(
            walk(r#"{"a": 1,}"#),
            Err(Stop::Syntax { offset: 8, .. })
        ));
    }

    #[test]
    fn skipping_does_not_grow_the_window() {
        let text = format!(r#"{{"skip": [{}]}}"#, "[[0]],".repeat(10_000) + "1");
        let mut stream = Stream::with_window(text.as_bytes(), 64);
        let mut members = Members::default();
        assert!(stream.open(b'{').expect("object"));
        stream.key(&mut members).expect("key");
        stream.skip().expect("skipped");
        assert!(stream.window.len() <= 256, "{}", stream.window.len());
    }

    #[test]
    fn a_million_brackets_are_skipped_without_recursion() {
        let text = format!(
            "{{\"skip\": {}{}}}",
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        );
        let mut stream = Stream::new(text.as_bytes());
        let mut members = Members::default();
        assert!(stream.open(b'{').expect("object"));
        stream.key(&mut members).expect("key");
        stream.skip().expect("skipped");
        assert_eq!(stream.key(&mut members).expect("end"), None);
    }
}
