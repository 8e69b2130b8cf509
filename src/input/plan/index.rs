//! Finds blocks by name. The names are kept in the blocks alone.

use super::{Block, BlockId, ModuleId};
use crate::input::address::Mode;
use crate::input::ids::Ids;
use foldhash::fast::RandomState;
use std::hash::BuildHasher as _;

/// An index over the blocks of a plan.
#[derive(Debug, Default)]
pub(super) struct BlockIndex {
    ids: Ids,
    hasher: RandomState,
}

impl BlockIndex {
    fn hash(&self, module: ModuleId, mode: Mode, kind: &str, name: &str) -> u64 {
        self.hasher.hash_one((module, mode, kind, name))
    }

    /// The block of a name in a module instance.
    pub(super) fn find(
        &self,
        blocks: &[Block],
        module: ModuleId,
        mode: Mode,
        kind: &str,
        name: &str,
    ) -> Option<BlockId> {
        let same = |id: usize| {
            let block = &blocks[id];
            block.module == module
                && *block.name == *name
                && *block.kind == *kind
                && block.mode == mode
        };
        let hash = self.hash(module, mode, kind, name);
        self.ids.find(hash, same)
    }

    /// Takes up the block that was added last.
    pub(super) fn add(&mut self, blocks: &[Block]) {
        let id = blocks.len() - 1;
        let block = &blocks[id];
        let hash = self.hash(block.module, block.mode, &block.kind, &block.name);
        self.ids.insert(hash, id);
    }
}
