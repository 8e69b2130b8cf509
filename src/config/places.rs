//! Which source file holds the block of an object, and which directory a module is in.

use crate::input::address::Mode;
use crate::input::plan::{BlockId, ModuleId, Plan};
use crate::input::source::{Block, Module, Sources};
use std::collections::HashMap;

/// Where the sources tell of a module instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// A module of the sources, written here.
    Local(usize),
    /// Written elsewhere, or not there: the file of the block that calls it.
    Call(usize),
}

/// Looks blocks up in sources.
pub(super) struct Places<'s> {
    pub(super) sources: &'s Sources,
    /// Of each module, the file of each of its resource blocks.
    files: HashMap<usize, HashMap<(&'s str, &'s str, &'s str), usize>>,
}

impl<'s> Places<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            files: HashMap::new(),
        }
    }

    /// Where a module instance is written; of one whose call is gone, where the call was.
    pub(super) fn home(&self, plan: &Plan, module: ModuleId) -> Home {
        let mut calls: Vec<_> = plan.enclosing(module).map(|id| &plan.modules[id]).collect();
        calls.pop();
        let mut at = 0;
        for instance in calls.iter().rev() {
            let here = &self.sources.modules[at];
            match here.children.get(&*instance.call) {
                Some(child) if !self.sources.modules[*child].remote => at = *child,
                _ => {
                    return call_of(here, &instance.call)
                        .map_or(Home::Local(at), |call| Home::Call(call.file));
                }
            }
        }
        Home::Local(at)
    }

    /// The file of a block, when it is still there.
    pub(super) fn file(&mut self, plan: &Plan, block: BlockId, module: usize) -> Option<usize> {
        let block = &plan.blocks[block];
        let keyword = match block.mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        let sources = self.sources;
        let files = self
            .files
            .entry(module)
            .or_insert_with(|| files(&sources.modules[module]));
        files.get(&(keyword, &*block.kind, &*block.name)).copied()
    }

    /// The names of the files of a module that hold a block.
    pub(super) fn files_of(&self, module: usize) -> impl Iterator<Item = &'s str> {
        let sources = self.sources;
        let mut files: Vec<_> = sources.modules[module]
            .blocks
            .iter()
            .map(|block| block.file)
            .collect();
        files.sort_unstable();
        files.dedup();
        files
            .into_iter()
            .map(|file| sources.files[file].name.as_str())
    }
}

fn call_of<'m>(module: &'m Module, name: &str) -> Option<&'m Block> {
    module
        .of("module")
        .find(|block| block.labels.first().is_some_and(|label| label == name))
}

fn files(module: &Module) -> HashMap<(&str, &str, &str), usize> {
    let named = module
        .blocks
        .iter()
        .filter_map(|block| match block.labels.as_slice() {
            [kind, name] => Some(((&*block.keyword, &**kind, &**name), block.file)),
            _ => None,
        });
    named.collect()
}
