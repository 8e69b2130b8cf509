//! Files that are written whole or not at all.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Staged::new(path, bytes)?.put()
}

/// What is to stand in a file, written as far as that can be done without a trace.
pub(super) enum Staged {
    /// Beside the file, to be renamed.
    File(NamedTempFile, PathBuf),
    /// A device or a pipe is written to: a file in the place of /dev/null would break the machine.
    Stream(Vec<u8>, PathBuf),
}

impl Staged {
    /// # Errors
    /// The file cannot be written.
    pub(super) fn new(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Ok(Self::Stream(bytes.to_owned(), path.to_owned()));
        }
        // A link stays one: what it leads to is replaced.
        let to = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let staged = beside(&to, bytes).map_err(|error| unwritten(path, &error))?;
        Ok(Self::File(staged, to))
    }

    pub(super) const fn is_file(&self) -> bool {
        matches!(self, Self::File(..))
    }

    /// Lets it be seen.
    ///
    /// # Errors
    /// The file cannot be replaced, the device not be written to.
    pub(super) fn put(self) -> Result<(), Error> {
        match self {
            Self::File(staged, to) => {
                let done = staged.persist(&to);
                done.map(drop).map_err(|error| unwritten(&to, &error.error))
            }
            Self::Stream(bytes, to) => {
                let there = File::options().write(true).open(&to);
                let done = there.and_then(|mut there| there.write_all(&bytes));
                done.map_err(|error| unwritten(&to, &error))
            }
        }
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write {}: {error}", path.display()))
        .help("name a file in a directory that exists and can be written to")
}

/// Whether two paths name one file, which need not be there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        let name = path.file_name()?;
        let directory = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(path.canonicalize().unwrap_or_else(|_| directory.join(name)))
    };
    let is_file = fs::metadata(one).map_or(true, |there| there.is_file());
    is_file && real(one).is_some_and(|one| real(other) == Some(one))
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let done = beside(path, bytes).and_then(|file| Ok(file.persist_noclobber(path)?));
    done.map(drop).map_err(|error| {
        Error::new(format!("cannot write {}: {error}", path.display()))
            .help("name another file with -o; -o - prints it")
    })
}

/// A file in the same directory, to be renamed.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(bytes)?;
    Ok(file)
}
