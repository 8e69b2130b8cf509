//! Follows module calls to the sources of the modules.

use super::backend::{backend, unite};
use super::block::{Block, Constant};
use super::merge::merge;
use super::repository::owners_file;
use super::tree::{Place, Tree};
use super::{File, Module, Sources, blocks_of};
use crate::input::json::parts::{elements, get, text_or_none};
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

/// More blocks than this come from a directory that calls itself.
const MOST: usize = 100_000;
/// A deeper chain of calls is a circle.
const DEEPEST: usize = 50;

/// Reads a tree, from its root module on.
pub(super) fn load(tree: &Tree) -> Sources {
    let mut loader = Loader {
        tree,
        installed: installed(tree),
        sources: Sources::default(),
        read: BTreeMap::new(),
        places: Vec::new(),
        missing: 0,
        blocks: 0,
    };
    loader.sources.codeowners = owners_file(tree);
    loader.module(Module::default(), &tree.root());
    let mut next = 0;
    while next < loader.sources.modules.len() {
        loader.follow(next);
        next += 1;
    }
    if loader.missing > 0 {
        let modules = if loader.missing == 1 {
            "module"
        } else {
            "modules"
        };
        let note = format!(
            "sources are missing of {} {modules}: terraform init fetches them",
            loader.missing
        );
        loader.sources.notes.push(note);
    }
    let (block, at) = backend(&loader.sources).unzip();
    let mut known = unite(block, tree.backend());
    if let (Some(backend), Some(workspace)) = (&mut known, tree.workspace()) {
        backend.workspace = Some(workspace);
    }
    loader.sources.backend = known;
    loader.sources.backend_at = at;
    loader.sources
}

/// `.terraform/modules/modules.json`: the directory of each module, by its key.
fn installed(tree: &Tree) -> BTreeMap<String, String> {
    let modules = tree.data().map(|data| data.join("modules/modules.json"));
    let Some(raw) = modules.and_then(|path| fs::read(path).ok()) else {
        return BTreeMap::new();
    };
    let entries = elements(get(&raw, "Modules").unwrap_or_default()).flatten();
    let text = |entry, key| {
        get(entry, key)
            .and_then(text_or_none)
            .map(std::borrow::Cow::into_owned)
    };
    entries
        .filter_map(|entry| Some((text(entry, "Key")?, text(entry, "Dir")?)))
        .collect()
}

struct Loader<'t> {
    tree: &'t Tree,
    installed: BTreeMap<String, String>,
    sources: Sources,
    /// The blocks of each place; several calls may share one.
    read: BTreeMap<Place, Rc<Vec<Block>>>,
    /// Where each module is.
    places: Vec<Place>,
    missing: usize,
    /// How many blocks there are in all modules.
    blocks: usize,
}

impl Loader<'_> {
    fn module(&mut self, module: Module, place: &Place) {
        let blocks = match self.read.get(place) {
            Some(blocks) => Rc::clone(blocks),
            None => self.blocks(place, module.remote),
        };
        self.read.insert(place.clone(), Rc::clone(&blocks));
        self.blocks += blocks.len();
        self.sources.modules.push(Module {
            blocks: blocks.to_vec(),
            directory: self.tree.name(place),
            ..module
        });
        self.places.push(place.clone());
    }

    fn blocks(&mut self, place: &Place, remote: bool) -> Rc<Vec<Block>> {
        let mut blocks = Vec::new();
        for text in self.tree.files(place) {
            let text = match text {
                Ok(text) => text,
                Err(why) => {
                    self.sources.notes.push(why);
                    continue;
                }
            };
            let file = self.sources.files.len();
            let found = blocks_of(&text, file, &mut self.sources.notes);
            let name = text.name.clone();
            self.sources.files.push(File {
                name: text.name,
                text: text.text,
                remote,
            });
            merge(&mut blocks, found, super::tree::is_override(&name));
        }
        Rc::new(blocks)
    }

    /// Reads the modules that a module calls.
    fn follow(&mut self, id: usize) {
        let calls: Vec<(String, String)> = self.sources.modules[id]
            .of("module")
            .filter_map(call)
            .collect();
        for (name, source) in calls {
            let path = [&*self.sources.modules[id].path, std::slice::from_ref(&name)].concat();
            if path.len() > DEEPEST || self.blocks >= MOST {
                self.sources.notes.push(format!(
                    "module.{} calls itself and was not followed",
                    path.join(".module.")
                ));
                return;
            }
            let Some(place) = self.place(id, &path, &source) else {
                self.missing += 1;
                continue;
            };
            let remote = self.sources.modules[id].remote || !is_local(&source);
            let child = self.sources.modules.len();
            self.sources.modules[id].children.insert(name, child);
            self.module(
                Module {
                    parent: Some(id),
                    path,
                    remote,
                    ..Module::default()
                },
                &place,
            );
        }
    }

    fn place(&self, caller: usize, path: &[String], source: &str) -> Option<Place> {
        let key = path.join(".");
        match (self.tree, &self.places[caller]) {
            (Tree::Archive(archive), _) => archive
                .modules
                .contains_key(&key)
                .then_some(Place::Key(key)),
            (Tree::Directory { root, .. }, Place::Directory(dir)) => {
                let found = match self.installed.get(&key) {
                    _ if is_local(source) => self.tree.directory(dir, source),
                    Some(installed) => self.tree.directory(root, installed),
                    None => None,
                };
                found.map(Place::Directory)
            }
            _ => None,
        }
    }
}

/// Name and source of a module call.
fn call(block: &Block) -> Option<(String, String)> {
    let Some(Constant::Text(source)) = &block.argument("source")?.constant else {
        return None;
    };
    Some((block.labels.first()?.clone(), source.clone()))
}

fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

#[cfg(test)]
mod tests {
    use super::{Tree, load};
    use std::fs;
    use std::path::Path;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn modules_are_found_where_terraform_put_them() {
        let root = tempfile::tempdir().expect("a folder");
        let dir = root.path();
        write(
            &dir.join("main.tf"),
            "module \"near\" {\n source = \"./near\"\n}\nmodule \"far\" {\n source = \"org/far/aws\"\n}\nmodule \"gone\" {\n source = \"org/gone/aws\"\n}\n",
        );
        write(&dir.join("near/main.tf"), "resource \"a\" \"near\" {}\n");
        write(
            &dir.join(".terraform/modules/far/main.tf"),
            "resource \"a\" \"far\" {}\n",
        );
        write(
            &dir.join(".terraform/modules/modules.json"),
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"far","Source":"registry.terraform.io/org/far/aws","Dir":".terraform/modules/far"}]}"#,
        );
        let sources = load(&Tree::around(dir).expect("a tree"));
        let remote = |name: &str| sources.module([name]).map(|id| sources.modules[id].remote);
        assert_eq!(
            (remote("near"), remote("far"), remote("gone")),
            (Some(false), Some(true), None)
        );
        assert!(
            sources
                .notes
                .iter()
                .any(|note| note.contains("missing of 1 module:"))
        );
    }

    #[test]
    fn a_module_that_calls_itself_comes_to_an_end() {
        let root = tempfile::tempdir().expect("a folder");
        write(
            &root.path().join("main.tf"),
            "module \"a\" {\n source = \"./\"\n}\nmodule \"b\" {\n source = \"./\"\n}\n",
        );
        let sources = load(&Tree::around(root.path()).expect("a tree"));
        assert!(
            sources
                .notes
                .iter()
                .any(|note| note.contains("calls itself"))
        );
        assert!(
            sources
                .modules
                .iter()
                .map(|module| module.blocks.len())
                .sum::<usize>()
                < 110_000
        );
    }
}
