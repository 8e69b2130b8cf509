//! Lines that are no command to a CI system, whatever stands in them.

use crate::safe::inert;
use std::io::{self, Write};

/// Passes text on line by line.
pub(super) struct Page<'o> {
    out: &'o mut dyn Write,
    line: Vec<u8>,
}

impl<'o> Page<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        let line = Vec::new();
        Self { out, line }
    }

    fn end(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out
            .write_all(inert(&String::from_utf8_lossy(&line)).as_bytes())
    }
}

impl Write for Page<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::Page;
    use std::io::Write as _;

    #[test]
    fn a_command_that_is_written_in_pieces_is_none() {
        let mut out = Vec::new();
        let mut page = Page::new(&mut out);
        for piece in ["a\n  :", ":error::b #", "#[c]\nd ##v", "so[e]"] {
            page.write_all(piece.as_bytes()).expect("written");
        }
        page.flush().expect("written");
        assert_eq!(out, b"a\n  : :error::b # #[c]\nd # #vso[e]");
    }
}
