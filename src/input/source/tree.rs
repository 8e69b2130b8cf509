//! Where sources are: a directory, or the copy in a binary plan file.
//!
//! Nothing outside of the tree is read: not through `..`, not through a link. The tree is the repository
//! around the root module, so that `../modules/vpc` works; without a repository it is the root module itself.

use crate::input::backend::{Backend, initialised};
use crate::input::path::repository;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Larger files are no configuration that anybody wrote.
const LARGEST: u64 = 16 << 20;

/// A place that sources are read from.
pub(super) enum Tree {
    /// Files under a directory; the root module is below or at it.
    Directory {
        /// Nothing outside of this is read; canonical.
        top: PathBuf,
        /// The root module; canonical.
        root: PathBuf,
        /// What names of files are relative to: the repository, or the working directory.
        base: PathBuf,
    },
    /// Files of a plan file.
    Archive(Archive),
}

/// The sources in a plan file.
#[derive(Debug, Default)]
pub struct Archive {
    /// By key of the module (`""`, `net`, `net.leaf`): name and text of its files.
    pub(crate) modules: BTreeMap<String, Vec<(String, String)>>,
    /// Where the modules were, relative to the directory of the run.
    pub(crate) directories: BTreeMap<String, String>,
    /// The backend of the plan.
    pub(crate) backend: Option<Backend>,
}

/// A module in a tree: its directory, or its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Directory(PathBuf),
    Key(String),
}

/// A file: the name a reader knows it by, and its text.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

impl Tree {
    /// The tree around a root module.
    pub(super) fn around(root: &Path) -> std::io::Result<Self> {
        let root = fs::canonicalize(root)?;
        let repository = repository(&root);
        let top = repository.unwrap_or(&root).to_path_buf();
        let here = std::env::current_dir().and_then(fs::canonicalize).ok();
        let here = here.filter(|here| repository.is_none() && root.starts_with(here));
        let base = here.unwrap_or_else(|| top.clone());
        Ok(Self::Directory { top, root, base })
    }

    /// The root module.
    pub(super) fn root(&self) -> Place {
        match self {
            Self::Directory { root, .. } => Place::Directory(root.clone()),
            Self::Archive(_) => Place::Key(String::new()),
        }
    }

    /// What a reader knows the directory of a module by; `""` for the top.
    pub(super) fn name(&self, place: &Place) -> String {
        match (self, place) {
            (Self::Directory { base, .. }, Place::Directory(dir)) => shown(base, dir),
            (Self::Archive(archive), Place::Key(key)) => in_repository(archive.directory(key)),
            _ => String::new(),
        }
    }

    /// A directory of the tree, named relative to the root module; nothing when it is outside or not there.
    pub(super) fn directory(&self, from: &Path, to: &str) -> Option<PathBuf> {
        let Self::Directory { top, .. } = self else {
            return None;
        };
        let found = fs::canonicalize(from.join(to)).ok()?;
        (found.starts_with(top) && found.is_dir()).then_some(found)
    }

    /// The directory that `terraform init` fills.
    pub(super) fn data(&self) -> Option<PathBuf> {
        let Self::Directory { root, .. } = self else {
            return None;
        };
        let named = std::env::var_os("TF_DATA_DIR");
        Some(named.map_or_else(|| root.join(".terraform"), |dir| root.join(dir)))
    }

    /// The backend that is in use, beside what the sources say.
    pub(super) fn backend(&self) -> Option<Backend> {
        match self {
            Self::Directory { .. } => initialised(&self.data()?),
            Self::Archive(archive) => archive.backend.clone(),
        }
    }

    /// The workspace that Terraform is told to use, which it heeds above what `.terraform` says.
    pub(super) fn workspace(&self) -> Option<String> {
        let directory = matches!(self, Self::Directory { .. });
        let named = std::env::var("TF_WORKSPACE").ok();
        named.filter(|name| directory && !name.is_empty())
    }

    /// The configuration files of a module, in the order Terraform loads them, overrides last; of a file that is
    /// not read, why.
    pub(super) fn files(&self, place: &Place) -> Vec<Result<Text, String>> {
        match (self, place) {
            (Self::Directory { top, base, .. }, Place::Directory(dir)) => {
                let names = fs::read_dir(dir).into_iter().flatten().flatten();
                let names = names.filter_map(|entry| entry.file_name().into_string().ok());
                let names = configuration_files(&names.collect::<Vec<_>>());
                names
                    .iter()
                    .map(|name| read(top, base, &dir.join(name)))
                    .collect()
            }
            (Self::Archive(archive), Place::Key(key)) => {
                archive.files(key).into_iter().map(Ok).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Archive {
    fn directory<'a>(&'a self, key: &'a str) -> &'a Path {
        Path::new(self.directories.get(key).map_or(key, String::as_str))
    }

    fn files(&self, key: &str) -> Vec<Text> {
        let files = self.modules.get(key).map(Vec::as_slice).unwrap_or_default();
        let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let directory = self.directory(key);
        let text = |name: &String| files.iter().find(|(other, _)| other == name);
        let found = configuration_files(&names).into_iter().filter_map(|name| {
            let (_, text) = text(&name)?;
            let text = text.clone();
            Some(Text {
                name: in_repository(&directory.join(name)),
                text,
            })
        });
        found.collect()
    }
}

/// A path relative to the working directory as one relative to the repository, if that is where it stands.
fn in_repository(path: &Path) -> String {
    let real = fs::canonicalize(path).ok();
    let top = real.as_deref().and_then(repository);
    match (&real, top) {
        (Some(real), Some(top)) => shown(top, real),
        _ => shown(Path::new(""), path),
    }
}

/// Reads a regular file that is in the tree, links followed.
fn read(top: &Path, base: &Path, path: &Path) -> Result<Text, String> {
    let name = shown(base, path);
    let failed = |why: &str| format!("{name} was not read: {why}");
    let real = fs::canonicalize(path).map_err(|error| failed(&error.to_string()))?;
    if !real.starts_with(top) {
        return Err(failed("it leads out of the repository"));
    }
    let meta = fs::metadata(&real).map_err(|error| failed(&error.to_string()))?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(failed(
            "it is no file, or one too large for a configuration",
        ));
    }
    let text = fs::read_to_string(&real).map_err(|error| failed(&error.to_string()))?;
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(Text { name, text })
}

/// The path from the base, with slashes on every system.
pub(super) fn shown(base: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(base).unwrap_or(path);
    let parts = inside.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Which files of a directory are configuration, in the order of loading (Terraform 1.11; `OpenTofu` 1.8 and
/// later prefers `x.tofu` to `x.tf`).
fn configuration_files(names: &[String]) -> Vec<String> {
    let hidden = |name: &str| name.starts_with(['.', '#']) || name.ends_with('~');
    let mut kept: Vec<String> = names
        .iter()
        .filter(|name| !hidden(name) && stem(name).is_some() && !replaced(name, names))
        .cloned()
        .collect();
    kept.sort_by(|a, b| (is_override(a), a).cmp(&(is_override(b), b)));
    kept
}

/// The name without the endings that make it configuration.
fn stem(name: &str) -> Option<&str> {
    [".tf", ".tf.json", ".tofu", ".tofu.json"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
}

fn replaced(name: &str, all: &[String]) -> bool {
    let twin = match name.strip_suffix(".tf.json") {
        Some(stem) => format!("{stem}.tofu.json"),
        None => match name.strip_suffix(".tf") {
            Some(stem) => format!("{stem}.tofu"),
            None => return false,
        },
    };
    all.contains(&twin)
}

pub(super) fn is_override(name: &str) -> bool {
    let stem = name.rsplit('/').next().and_then(stem).unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

#[cfg(test)]
mod tests {
    use super::{Tree, configuration_files};
    use std::fs;

    #[test]
    fn overrides_come_last_and_what_is_no_configuration_is_left_out() {
        let names = [
            "b.tf",
            "override.tf",
            "a.tf.json",
            ".hidden.tf",
            "x.tf~",
            "a_override.tf.json",
            "t.tftest.hcl",
            "z.tofu",
            "z.tf",
            "v.tfvars",
        ];
        let found = configuration_files(&names.map(str::to_owned));
        assert_eq!(
            found,
            [
                "a.tf.json",
                "b.tf",
                "z.tofu",
                "a_override.tf.json",
                "override.tf"
            ]
        );
    }

    #[test]
    fn nothing_outside_of_the_tree_is_read() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(
            outside.path().join("main.tf"),
            "resource \"x\" \"secret\" {}\n",
        )
        .expect("a file");
        let top = tempfile::tempdir().expect("a folder");
        let root = top.path().join("root");
        fs::create_dir(&root).expect("a folder");
        fs::write(root.join("ok.tf"), "\u{feff}locals {}\n").expect("a file");
        let tree = Tree::around(&root).expect("a tree");
        let up = format!(
            "../../{}",
            outside
                .path()
                .file_name()
                .expect("a name")
                .to_string_lossy()
        );
        assert_eq!(tree.directory(&root, &up), None);
        assert_eq!(tree.directory(&root, ".."), None);
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path().join("main.tf"), root.join("link.tf"))
            .expect("a link");
        fs::write(root.join("latin.tf"), b"# caf\xe9\n").expect("a file");
        let found = tree.files(&tree.root());
        let read: Vec<_> = found
            .iter()
            .flatten()
            .map(|file| (&*file.name, &*file.text))
            .collect();
        assert_eq!(read, [("ok.tf", "locals {}\n")]);
        let why = |part: &str| {
            found
                .iter()
                .any(|file| matches!(file, Err(why) if why.contains(part)))
        };
        assert!(why("latin.tf"));
        #[cfg(unix)]
        assert!(why("out of the repository"));
    }
}
