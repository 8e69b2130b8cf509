//! What a repository says about all its directories: CODEOWNERS, read where the forges look for it.

use super::tree::{Archive, Tree, shown};
use crate::input::path::repository;
use std::fs;
use std::path::{Path, PathBuf};

/// GitHub does not load a larger one.
const LARGEST: u64 = 3 << 20;
/// GitHub takes the first of the first three, GitLab of the last three.
const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// A CODEOWNERS file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersFile {
    /// Its path in the repository.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The directory its paths are relative to, as names of source files have it: `""`, or `stacks/app/`.
    pub base: String,
    /// Whether the repository is one of GitLab's rather than GitHub's, as far as its files tell.
    pub on_gitlab: bool,
}

/// The CODEOWNERS file of a tree; if it is there and cannot be used, why.
pub(super) fn owners_file(tree: &Tree) -> Option<Result<OwnersFile, String>> {
    let (tops, base) = match tree {
        // The same directory in a repository; without one, an export may lie in the working directory.
        Tree::Directory { top, base, .. } => ([top.clone(), base.clone()], base.clone()),
        Tree::Archive(archive) => {
            let top = top_of(archive)?;
            ([top.clone(), top.clone()], top)
        }
    };
    let mut places = tops
        .iter()
        .flat_map(|top| PLACES.iter().map(move |place| (top, *place)));
    places.find_map(|(top, place)| read(top, &base, place))
}

/// The repository that the modules of a plan file come from, or the directory of their run.
fn top_of(archive: &Archive) -> Option<PathBuf> {
    let root = archive.directories.get("").map_or(".", String::as_str);
    let root = fs::canonicalize(root).ok()?;
    Some(repository(&root).unwrap_or(&root).to_path_buf())
}

/// Reads a regular file; links are not followed, on the way neither.
fn read(top: &Path, base: &Path, place: &str) -> Option<Result<OwnersFile, String>> {
    let path = top.join(place);
    let meta = fs::symlink_metadata(&path).ok()?;
    let failed = |why: &str| Some(Err(format!("{place} was not read: {why}")));
    if fs::canonicalize(&path).ok()? != path {
        return failed("it is a link, and links are not followed");
    }
    if !meta.is_file() {
        return failed("it is no file");
    }
    if meta.len() > LARGEST {
        return failed("it is larger than 3 MB, and no forge loads it");
    }
    let Ok(text) = fs::read(&path) else {
        return failed("it cannot be opened");
    };
    let inside = shown(base, top);
    Some(Ok(OwnersFile {
        name: place.to_owned(),
        text: String::from_utf8_lossy(&text).replacen('\u{feff}', "", 1),
        base: if inside.is_empty() {
            inside
        } else {
            inside + "/"
        },
        on_gitlab: place.starts_with(".gitlab")
            || !top.join(".github").exists() && top.join(".gitlab-ci.yml").exists(),
    }))
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, OwnersFile, owners_file};
    use crate::input::source::tree::Tree;
    use std::fs;
    use std::path::Path;

    fn found(root: &Path) -> Option<Result<OwnersFile, String>> {
        owners_file(&Tree::around(root).expect("a tree"))
    }

    fn repository() -> tempfile::TempDir {
        let top = tempfile::tempdir().expect("a folder");
        for dir in [".git", "stacks/app", "docs", ".github"] {
            fs::create_dir_all(top.path().join(dir)).expect("a folder");
        }
        top
    }

    #[test]
    fn the_file_of_the_repository_is_found_where_forges_look_for_it() {
        let top = repository();
        let root = top.path().join("stacks/app");
        assert_eq!(found(&root), None);
        // No forge looks beside the sources.
        fs::write(root.join("CODEOWNERS"), "* @beside").expect("a file");
        assert_eq!(found(&root), None);
        for (place, text) in [
            ("docs/CODEOWNERS", "* @docs"),
            ("CODEOWNERS", "* @top"),
            (".github/CODEOWNERS", "\u{feff}* @github"),
        ] {
            fs::write(top.path().join(place), text).expect("a file");
            let file = found(&root).expect("there").expect("readable");
            assert_eq!(
                (&*file.name, &*file.text),
                (place, text.trim_start_matches('\u{feff}'))
            );
            assert_eq!(file.base, "");
        }
    }

    #[test]
    fn without_a_repository_it_stands_beside_the_sources() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("CODEOWNERS"), "* @a").expect("a file");
        let file = found(root.path()).expect("there").expect("readable");
        assert_eq!(file.base, "");
    }

    #[test]
    fn what_is_too_large_or_no_file_is_told() {
        let top = repository();
        let path = top.path().join("CODEOWNERS");
        let file = fs::File::create(&path).expect("a file");
        file.set_len(LARGEST + 1).expect("grown");
        let why = found(top.path()).expect("there").expect_err("too large");
        assert!(why.contains("3 MB"), "{why}");
        fs::remove_file(&path).expect("gone");
        fs::create_dir(&path).expect("a folder");
        let why = found(top.path()).expect("there").expect_err("a folder");
        assert!(why.contains("no file"), "{why}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("CODEOWNERS"), "* @evil").expect("a file");
        let top = repository();
        fs::remove_dir(top.path().join(".github")).expect("gone");
        std::os::unix::fs::symlink(outside.path(), top.path().join(".github")).expect("a link");
        let why = found(top.path()).expect("there").expect_err("a link");
        assert!(why.contains("link"), "{why}");
    }
}
