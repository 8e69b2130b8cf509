//! Who is at the keyboard, as git knows them.

use crate::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

/// `Name <email>` of the repository around a file that need not be there yet.
pub(super) fn who(file: &Path) -> Result<String, Error> {
    let above = file.ancestors().skip(1).find(|dir| dir.is_dir());
    let dir = above.unwrap_or(Path::new("."));
    let (name, email) = (setting(dir, "user.name"), setting(dir, "user.email"));
    match (name, email) {
        (Some(name), Some(email)) => Ok(format!("{name} <{email}>")),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => Err(Error::new(
            "nobody knows who approves: git has no user.name or user.email here",
        )
        .help("say it with --by, or set it with git config")),
    }
}

fn setting(dir: &Path, name: &str) -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(dir).args(["config", "--get", name]);
    let output = git
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
