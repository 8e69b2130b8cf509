//! Finds blocks by name. The names are kept in the blocks alone.

use super::{Block, BlockId, ModuleId};
use crate::input::address::Mode;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// An index over the blocks of a plan.
#[derive(Debug, Default)]
pub(super) struct BlockIndex {
    table: HashTable<u32>,
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
        let same = |id: &u32| {
            let block = &blocks[*id as usize];
            block.module == module
                && *block.name == *name
                && *block.kind == *kind
                && block.mode == mode
        };
        let hash = self.hash(module, mode, kind, name);
        self.table.find(hash, same).map(|id| *id as usize)
    }

    /// Takes up the block that was added last.
    pub(super) fn add(&mut self, blocks: &[Block]) {
        let hasher = &self.hasher;
        let hash = |id: &u32| {
            let block = &blocks[*id as usize];
            hasher.hash_one((block.module, block.mode, &*block.kind, &*block.name))
        };
        let id = u32::try_from(blocks.len() - 1).expect("fewer than four billion blocks");
        self.table.insert_unique(hash(&id), id, hash);
    }
}
