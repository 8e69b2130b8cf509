//! One writer of a file at a time.

use crate::error::Error;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Another one writes in less, or is gone.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a file is read, changed and written: a file beside it that only one can make.
pub(super) struct Lock(PathBuf);

impl Lock {
    /// Waits until nobody else holds it.
    pub(super) fn of(file: &Path) -> Result<Self, Error> {
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        let (lock, begun) = (PathBuf::from(name), Instant::now());
        loop {
            let made = OpenOptions::new().write(true).create_new(true).open(&lock);
            match made {
                Ok(_) => return Ok(Self(lock)),
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    let what = format!("cannot write beside {}: {error}", file.display());
                    return Err(Error::new(what).help("name another file with --approvals"));
                }
                Err(_) if begun.elapsed() > PATIENCE => return Err(held(file, &lock)),
                Err(_) => sleep(PAUSE),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever comes next is told what to do about a file that cannot be removed.
        let _ = fs::remove_file(&self.0);
    }
}

fn held(file: &Path, lock: &Path) -> Error {
    let (file, lock) = (file.display(), lock.display());
    Error::new(format!(
        "another tfguard approve is writing {file}: nothing was recorded"
    ))
    .help(format!(
        "try again; if none is at work any more, one was ended half way: delete {lock}"
    ))
}
