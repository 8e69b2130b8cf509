//! Paths of plans and states, and what stands around them.

use std::path::{Component, Path, PathBuf};

/// The workspace of who has chosen none.
pub(crate) const DEFAULT_WORKSPACE: &str = "default";
/// Where Terraform keeps the local states of workspaces.
pub(crate) const WORKSPACES: &str = "terraform.tfstate.d";

/// Whether what is read there comes through a pipe: standard input, or what a shell makes of `<(...)`.
pub(crate) fn is_piped(path: &str) -> bool {
    let is_pipe = |meta: std::fs::Metadata| !meta.is_file() && !meta.is_dir();
    let is_device = path.starts_with("/dev/") || path.starts_with("/proc/");
    path == "-" || is_device || std::fs::metadata(path).is_ok_and(is_pipe)
}

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

/// The path of a directory below another one, both without links: `envs/dev/app`, and `.` for the other one itself;
/// nothing when it is elsewhere.
pub(crate) fn below(top: &Path, directory: &Path) -> Option<String> {
    let steps = directory.strip_prefix(top).ok()?.components();
    let steps: Vec<_> = steps
        .map(|step| step.as_os_str().to_string_lossy())
        .collect();
    Some(if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    })
}

/// The path of a directory from the top of its repository; nothing outside of one.
pub(crate) fn in_repository(directory: &Path) -> Option<String> {
    let directory = std::fs::canonicalize(directory).ok()?;
    below(repository(&directory)?, &directory)
}

#[cfg(test)]
mod tests {
    use super::{clean, in_repository};
    use std::path::Path;

    #[test]
    fn paths_are_told_by_their_text() {
        assert_eq!(clean(Path::new("/x/app/../net/./s")), Path::new("/x/net/s"));
    }

    #[test]
    fn a_directory_has_its_whole_path_in_a_repository_and_none_outside() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = folder.path().join("envs/dev/app");
        std::fs::create_dir_all(&app).expect("a folder");
        assert_eq!(in_repository(&app), None);
        std::fs::create_dir(folder.path().join(".git")).expect("a folder");
        assert_eq!(in_repository(&app).as_deref(), Some("envs/dev/app"));
        let top = in_repository(folder.path());
        assert_eq!(top.as_deref(), Some("."));
    }
}
