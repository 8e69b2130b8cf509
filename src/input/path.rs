//! Paths of plans and states, and what stands around them.

use std::path::{Component, Path, PathBuf};

/// Where Terraform keeps the local states of workspaces.
pub(crate) const WORKSPACES: &str = "terraform.tfstate.d";

/// A path without `.` and `..`, as text alone: nothing is looked up.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}

/// The directory of the stack whose plan or local state is in a file, that of a workspace included.
pub(crate) fn home(file: &Path) -> Option<&Path> {
    let directory = file.parent()?;
    let workspaces = directory
        .parent()
        .filter(|above| above.ends_with(WORKSPACES));
    workspaces.and_then(Path::parent).or(Some(directory))
}

/// The top of the repository that a directory, or a file, is in.
pub(crate) fn repository(inside: &Path) -> Option<&Path> {
    let mut above = inside.ancestors();
    above.find(|dir| dir.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use super::clean;
    use std::path::Path;

    #[test]
    fn paths_are_told_by_their_text() {
        assert_eq!(clean(Path::new("/x/app/../net/./s")), Path::new("/x/net/s"));
    }
}
