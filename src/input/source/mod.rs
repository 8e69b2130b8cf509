//! The `.tf` sources: what a plan does not hold (locals, dynamic blocks, lifecycle, positions, comments).
//!
//! Blocks are found by a tolerant scan and parsed one by one: a block that no parser takes is a note, the rest
//! goes on. Modules are followed as Terraform does, within the tree the root module is in.

mod allow;
mod backend;
pub mod block;
mod calls;
mod configure;
mod merge;
mod repository;
mod scan;
mod scope;
mod tfjson;
mod tree;

pub use allow::{Allowance, Beside, Said};
pub use block::{Argument, Block, Constant};
pub use configure::configuration;
pub use repository::OwnersFile;
pub use tree::Archive;

use super::backend::Backend;
use crate::error::Error;
use scan::Header;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use tree::{Text, Tree};

/// Sources of a root module and all it calls, as far as they are there.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files, each once, also when several calls share it.
    pub files: Vec<File>,
    /// Modules, one for each call; 0 is the root module.
    pub modules: Vec<Module>,
    /// What could not be read.
    pub notes: Vec<String>,
    /// The repository's CODEOWNERS; if it is there and cannot be used, why.
    pub codeowners: Option<Result<OwnersFile, String>>,
    /// Where the state is kept, as far as that is known.
    pub backend: Option<Backend>,
    /// Where the block stands that says so.
    pub backend_at: Option<(usize, Range<usize>)>,
}

/// A source file.
#[derive(Debug)]
pub struct File {
    /// Its path, relative to the repository or the working directory.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// Whether it belongs to a module that is written elsewhere: a registry, another repository.
    pub remote: bool,
}

/// A module as one call sees it.
#[derive(Debug, Default)]
pub struct Module {
    /// Who calls it; nothing for the root module.
    pub parent: Option<usize>,
    /// The names of the calls that lead here.
    pub path: Vec<String>,
    /// Its directory, named as its files are; `""` for the top.
    pub directory: String,
    /// Its blocks, overrides merged.
    pub blocks: Vec<Block>,
    /// The modules it calls, as far as their sources are there.
    pub children: BTreeMap<String, usize>,
    /// Whether it is written elsewhere.
    pub remote: bool,
}

impl Module {
    /// The blocks of a keyword.
    pub fn of<'m>(&'m self, keyword: &'m str) -> impl Iterator<Item = &'m Block> {
        self.blocks
            .iter()
            .filter(move |block| block.keyword == keyword)
    }
}

impl Sources {
    /// Reads the sources of a directory.
    ///
    /// # Errors
    /// The directory is not there, or holds no configuration.
    pub fn of_directory(path: &Path) -> Result<Self, Error> {
        let shown = path.display();
        let help = "give the directory of the root module, the one terraform plan runs in";
        let tree = Tree::around(path)
            .map_err(|error| Error::new(format!("cannot read {shown}: {error}")).help(help))?;
        if !path.is_dir() {
            return Err(Error::new(format!("{shown} is no directory")).help(help));
        }
        let sources = calls::load(&tree);
        if sources.files.is_empty() {
            return Err(Error::new(format!("{shown} holds no .tf files")).help(help));
        }
        Ok(sources)
    }

    /// Reads the sources that a binary plan file holds.
    pub fn of_archive(archive: Archive) -> Self {
        calls::load(&Tree::Archive(archive))
    }

    /// Whether anything written here asks for the name of the workspace.
    pub fn uses_workspace(&self) -> bool {
        let mut here = self.files.iter().filter(|file| !file.remote);
        here.any(|file| file.text.contains("terraform.workspace"))
    }

    /// The module at a path of calls.
    pub fn module<'n>(&self, calls: impl IntoIterator<Item = &'n str>) -> Option<usize> {
        calls.into_iter().try_fold(0, |id, call| {
            self.modules.get(id)?.children.get(call).copied()
        })
    }
}

/// The blocks of one file; what does not parse goes to the notes.
fn blocks_of(text: &Text, file: usize, notes: &mut Vec<String>) -> Vec<Block> {
    if Path::new(&text.name)
        .extension()
        .is_some_and(|ending| ending == "json")
    {
        return tfjson::blocks(&text.text, file).unwrap_or_else(|| {
            notes.push(format!("{} is no JSON and was not read", text.name));
            Vec::new()
        });
    }
    let (headers, broken) = scan::headers(&text.text);
    if broken > 0 {
        notes.push(format!("{}: what is no block was passed over", text.name));
    }
    let mut blocks = Vec::new();
    for header in headers {
        if header.keyword == "check" {
            blocks.extend(in_check(text, &header, file, notes));
        }
        blocks.push(block(text, header, file, notes));
    }
    blocks
}

fn block(text: &Text, header: Header, file: usize, notes: &mut Vec<String>) -> Block {
    let arguments = block::arguments(&text.text[header.whole.clone()], header.whole.start, file);
    let arguments = arguments.unwrap_or_else(|(message, at)| {
        let (line, _) = line_and_column(&text.text, at);
        notes.push(format!(
            "{}:{line}: a block was not understood: {message}",
            text.name
        ));
        Vec::new()
    });
    Block {
        keyword: header.keyword,
        labels: header.labels,
        file,
        head: header.head,
        whole: header.whole,
        arguments,
    }
}

/// A data source in a `check` is one of the module's.
fn in_check(text: &Text, check: &Header, file: usize, notes: &mut Vec<String>) -> Vec<Block> {
    let inside = check.head.end + 1..check.whole.end - 1;
    let (mut found, _) = scan::headers(&text.text[inside.clone()]);
    found.retain(|header| header.keyword == "data");
    for header in &mut found {
        header.head = header.head.start + inside.start..header.head.end + inside.start;
        header.whole = header.whole.start + inside.start..header.whole.end + inside.start;
    }
    found
        .into_iter()
        .map(|header| block(text, header, file, notes))
        .collect()
}

/// Line and column of a byte, both from 1; columns count characters.
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..at.min(text.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    (
        line,
        String::from_utf8_lossy(&before[start..]).chars().count() + 1,
    )
}
