//! Lines of a log of any size, in bounded memory.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// What is kept of a line. Terraform's lines on single objects take hundreds of bytes; what is longer (the
/// values of outputs, a plan) is of no interest.
const LONGEST: usize = 1 << 20;

/// Reads lines.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

/// One line, without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    /// Whether its end is there. Only the last may lack it.
    pub(super) ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            line: Vec::new(),
        }
    }

    /// The next line, cut off where it is too long.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut begun = false;
        loop {
            let chunk = match self.reader.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            let end = memchr::memchr(b'\n', chunk);
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST - self.line.len();
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            let (used, over) = (piece.len() + usize::from(end.is_some()), chunk.is_empty());
            self.reader.consume(used);
            if end.is_some() || over {
                let line = Line {
                    text: &self.line,
                    ended: end.is_some(),
                };
                return Ok((begun || line.ended).then_some(line));
            }
            begun = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Lines};

    fn lines(text: &[u8]) -> Vec<(usize, bool)> {
        let mut lines = Lines::new(text);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("readable") {
            found.push((line.text.len(), line.ended));
        }
        found
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), [(0, true)]);
        assert_eq!(lines(b"ab\n\ncd"), [(2, true), (0, true), (2, false)]);
    }

    #[test]
    fn a_line_of_any_length_takes_bounded_memory() {
        let text = [vec![b'x'; 3 * LONGEST], b"\nab\n".to_vec()].concat();
        assert_eq!(lines(&text), [(LONGEST, true), (2, true)]);
    }
}
