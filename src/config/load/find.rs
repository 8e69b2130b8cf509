//! Which files are read, and what errors may show of them.

use crate::error::Error;
use crate::input::quotable::{is_in_repository, is_quotable};
use std::path::{Path, PathBuf};

const NAME: &str = "tfguard.toml";

/// The file found upward from the working directory. A link that leaves the repository is not followed: its owner is
/// somebody else, or it is no configuration at all.
pub(super) fn find() -> Result<Option<PathBuf>, Error> {
    let here = std::env::current_dir().unwrap_or_default();
    let mut paths = here.ancestors().map(|dir| dir.join(NAME));
    let Some(path) = paths.find(|path| path.is_file() || path.is_symlink()) else {
        return Ok(None);
    };
    let directory = path.parent().unwrap_or(Path::new("."));
    if path.is_symlink() && !is_in_repository(&path, directory) {
        let what = format!("{} is a link that leaves the repository", path.display());
        return Err(Error::new(what).help("put the file there, or name it with --config"));
    }
    Ok(Some(path))
}

/// An error about what is in a file, without any of it where that may be no file of ours.
pub(super) fn unquoted(error: Error, path: &Path, is_ours: bool) -> Error {
    if !path.is_file() || is_ours && is_quotable(path) {
        return error;
    }
    let what = format!("{} says something tfguard does not know", path.display());
    Error::new(what).help(
        "no line of it is shown, as it is a link, outside of the repository, or not called *.toml: name the file itself",
    )
}
