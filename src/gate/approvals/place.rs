//! Where the approvals are, and reading them from there.

use crate::error::Error;
use crate::input::path;
use crate::safe::safe;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Where the file is from the configuration or the top of the repository.
const NAME: &str = ".tfguard/approvals.toml";
/// A larger file is nobody's list of approvals.
const LARGEST: u64 = 8 << 20;

/// Where the approvals are.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The file.
    pub(super) path: PathBuf,
    /// The same as reports name it, wherever the run takes place.
    pub(super) shown: String,
}

impl Place {
    pub(super) fn find(named: Option<&Path>, configuration: Option<&Path>) -> Self {
        if let Some(path) = named {
            let shown = safe(&path.to_string_lossy());
            return Self {
                path: path.to_owned(),
                shown,
            };
        }
        let above = configuration.map(Path::to_owned).or_else(repository);
        Self {
            path: above.unwrap_or_default().join(NAME),
            shown: NAME.to_owned(),
        }
    }

    /// A directory from the folder that holds `.tfguard`, or from the top of the repository; nothing for one elsewhere.
    pub(super) fn directory(&self, of: &Path) -> Option<String> {
        let top = std::fs::canonicalize(self.top()?).ok()?;
        let of = std::fs::canonicalize(of).ok()?;
        Some(safe(&path::below(&top, &of)?))
    }

    fn top(&self) -> Option<PathBuf> {
        let here = std::env::current_dir().ok()?;
        let folder = Path::new(NAME).parent()?;
        let path = here.join(&self.path);
        let above = path.parent().filter(|above| above.ends_with(folder));
        above
            .and_then(Path::parent)
            .map_or_else(repository, |top| Some(top.to_owned()))
    }

    /// The text of the file; nothing when there is none. No link is followed: whoever opens a pull request could let it
    /// point at anything, or at what no reviewer is asked about.
    pub(super) fn read(&self) -> Result<Option<String>, Error> {
        let folder = self.path.parent().filter(|_| self.shown == NAME);
        let linked = |path: &Path| {
            path.symlink_metadata()
                .is_ok_and(|found| found.is_symlink())
        };
        if linked(&self.path) || folder.is_some_and(linked) {
            return Err(self
                .refused("is a symbolic link")
                .help("approvals are a file of the repository: put it there"));
        }
        match self.path.symlink_metadata() {
            Err(error) if absent(&error) => return Ok(None),
            Err(error) => return Err(self.unreadable(&error)),
            Ok(found) if !found.is_file() => {
                return Err(self
                    .refused("is no file")
                    .help("name a file with --approvals"));
            }
            Ok(_) => {}
        }
        self.text().map(Some)
    }

    fn text(&self) -> Result<String, Error> {
        let open = std::fs::File::open(&self.path);
        let file = open.map_err(|error| self.unreadable(&error))?;
        let mut bytes = Vec::new();
        let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(&error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(self
                .refused("is larger than 8 MiB")
                .help("take out what has expired"));
        }
        String::from_utf8(bytes).map_err(|_| {
            self.refused("is no UTF-8")
                .help("restore it from git: tfguard writes it as UTF-8")
        })
    }

    fn refused(&self, what: &str) -> Error {
        Error::new(format!(
            "{} {what}: nothing is approved by it",
            self.path.display()
        ))
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::new(format!("cannot read {}: {error}", self.path.display()))
            .help("name a file that can be read with --approvals")
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The top of the repository around the working directory.
fn repository() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    path::repository(&here).map(Path::to_owned)
}
