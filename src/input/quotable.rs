//! Whose lines an error may show. Whoever opens a pull request says what `tfguard.toml` is and which files it names: a
//! link to a key, or the path of one, is not to put a line of it into the log.

use super::path::repository;
use std::ffi::OsStr;
use std::path::Path;

/// Whether a file is one that people write for tfguard: it is called `*.toml` and is no link.
pub fn is_quotable(path: &Path) -> bool {
    let link = path
        .symlink_metadata()
        .is_ok_and(|found| found.is_symlink());
    path.extension() == Some(OsStr::new("toml")) && !link
}

/// Whether a file stands in the repository around a directory, or in that directory where there is none; after all links.
pub fn is_in_repository(file: &Path, directory: &Path) -> bool {
    let inside = || {
        let directory = std::fs::canonicalize(directory).ok()?;
        let top = repository(&directory).unwrap_or(&directory);
        Some(std::fs::canonicalize(file).ok()?.starts_with(top))
    };
    inside().unwrap_or(false)
}
