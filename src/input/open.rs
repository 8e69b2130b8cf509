//! Opens what tfguard reads, from a file or standard input, in any encoding a shell writes.

use crate::error::Error;
use encoding_rs::{UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a file, or standard input for `-`. `make` helps who named a directory, `name` who named nothing.
pub(crate) fn open(path: &str, make: &str, name: &str) -> Result<Box<dyn Read + Send>, Error> {
    if path == "-" {
        return Ok(Box::new(io::stdin()));
    }
    if Path::new(path).is_dir() {
        return Err(Error::new(format!("{path} is a directory")).help(make));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error, name))?;
    Ok(Box::new(file))
}

/// The error for an input that cannot be opened or read on.
pub(crate) fn unreadable(path: &str, error: &io::Error, name: &str) -> Error {
    Error::new(format!("cannot read {}: {error}", shown(path))).help(name)
}

/// The name of an input in messages.
pub(crate) fn shown(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// Undoes UTF-16, which PowerShell's `>` writes, and a byte order mark.
pub(crate) fn decode(mut reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = [0; 4];
    let mut filled = 0;
    while filled < head.len() {
        match reader.read(&mut head[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    let head = head[..filled].to_vec();
    // Without a mark the zero bytes beside the first ASCII character give UTF-16 away.
    let encoding = match *head.as_slice() {
        [0xff, 0xfe, ..] | [1..=0x7f, 0, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] => Some(UTF_16BE),
        _ => None,
    };
    let mark = if head.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let whole = io::Cursor::new(head[mark..].to_vec()).chain(reader);
    let Some(encoding) = encoding else {
        return Ok(Box::new(whole));
    };
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(whole);
    Ok(Box::new(decoder))
}
