//! Files that are written whole or not at all.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, bytes).map_err(|error| {
        Error::new(format!("cannot write {}: {error}", path.display()))
            .help("name a file in a directory that exists and can be written to")
    })
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let done = beside(path, bytes).and_then(|file| Ok(file.persist_noclobber(path)?));
    done.map(drop).map_err(|error| {
        Error::new(format!("cannot write {}: {error}", path.display()))
            .help("name another file with -o; -o - prints it")
    })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a pipe is written to: a file in the place of /dev/null would break the machine.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let mut there = File::options().write(true).open(path)?;
        return there.write_all(bytes);
    }
    // A link stays one: what it leads to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    beside(&path, bytes)?.persist(&path)?;
    Ok(())
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
