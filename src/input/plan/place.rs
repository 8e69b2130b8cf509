//! Finds or makes the place of an element: its module instance, its block, its object.

use super::builder::Builder;
use super::element::Element;
use super::{Block, BlockId, Key, ModuleId, ModuleInstance, Object, ObjectId, block_name, join};
use crate::input::address::{Address, Mode, module_steps};
use crate::input::json::parts::text_or_none;
use crate::input::names::Name;
use std::hash::BuildHasher as _;

/// What names a block.
pub(super) struct BlockParts<'a> {
    pub(super) module: &'a str,
    pub(super) mode: Mode,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
}

impl Builder {
    /// The module instance of an address like `module.a["k"]`; one that cannot be taken apart becomes a
    /// call of that name in the root module.
    pub(super) fn module(&mut self, address: &str) -> ModuleId {
        if let Some(id) = self.modules.get(address) {
            return *id;
        }
        let steps = module_steps(address).unwrap_or_else(|| vec![(address, None)]);
        let (call, key) = steps.last().copied().unwrap_or(("", None));
        let parent = (!address.is_empty()).then(|| {
            let cut = key.map_or(0, |key| key.to_string().len()) + call.len() + "module.".len();
            let parent = address
                .get(..address.len().saturating_sub(cut))
                .unwrap_or_default();
            self.module(parent.strip_suffix('.').unwrap_or(parent))
        });
        let id = self.plan.modules.len();
        let key = key.map(|key| Key::of(key, &mut self.names));
        let call = self.names.intern(call);
        let address_name = self.names.intern(address);
        self.plan.modules.push(ModuleInstance {
            parent,
            call,
            key,
            address: address_name,
            config: None,
        });
        self.modules.insert(address.into(), id);
        id
    }

    fn block(&mut self, address: &str, parts: &BlockParts<'_>) -> BlockId {
        self.block_in(address, parts, |builder| builder.module(parts.module))
    }

    pub(super) fn block_in(
        &mut self,
        address: &str,
        parts: &BlockParts<'_>,
        module: impl FnOnce(&mut Self) -> ModuleId,
    ) -> BlockId {
        if let Some(id) = self.blocks.get(address) {
            return *id;
        }
        let module = module(self);
        let (kind, name) = (self.names.intern(parts.kind), self.names.intern(parts.name));
        let id = self.plan.blocks.len();
        self.plan.blocks.push(Block {
            module,
            mode: parts.mode,
            kind,
            name,
            provider: None,
            objects: Vec::new(),
        });
        self.blocks.insert(address.into(), id);
        id
    }

    /// Finds or makes the object that an element names.
    pub(super) fn object(&mut self, element: &Element<'_>) -> ObjectId {
        let (block, key) = self.place(element);
        let deposed = element
            .deposed
            .as_deref()
            .map(|deposed| self.names.intern(deposed));
        let hash = self.hasher.hash_one((block, &key, &deposed));
        let objects = &self.plan.objects;
        let same = |id: &u32| {
            let object = &objects[*id as usize];
            object.block == block && object.key == key && object.deposed == deposed
        };
        if let Some(id) = self.objects.find(hash, same) {
            return *id as usize;
        }
        let id = self.add(block, key, deposed);
        let (objects, hasher) = (&self.plan.objects, &self.hasher);
        self.objects.insert_unique(
            hash,
            u32::try_from(id).expect("fewer than 4 billion objects"),
            |id| {
                let object = &objects[*id as usize];
                hasher.hash_one((object.block, &object.key, &object.deposed))
            },
        );
        id
    }

    pub(super) fn add(
        &mut self,
        block: BlockId,
        key: Option<Key>,
        deposed: Option<Name>,
    ) -> ObjectId {
        let id = self.plan.objects.len();
        let object = Object {
            block,
            key,
            deposed,
            listed: false,
            change: None,
            tag: None,
            prior: false,
            dependencies: None,
        };
        self.plan.objects.push(object);
        self.plan.blocks[block].objects.push(id);
        id
    }

    /// Block and key of an element, from its address, or from its parts where that one is missing or odd.
    fn place(&mut self, element: &Element<'_>) -> (BlockId, Option<Key>) {
        if let Some(address) = Address::parse(&element.address) {
            let key = address.key.map(|key| Key::of(key, &mut self.names));
            let own = key.as_ref().map_or(0, |key| key.to_string().len());
            let bare = &element.address[..element.address.len() - own];
            let parts = BlockParts {
                module: address.module,
                mode: address.mode,
                kind: address.kind,
                name: address.name,
            };
            return (self.block(bare, &parts), key);
        }
        let named = !element.kind.is_empty() && !element.name.is_empty();
        let (kind, name) = if named {
            (&*element.kind, &*element.name)
        } else {
            ("", &*element.address)
        };
        let parts = BlockParts {
            module: &element.module,
            mode: element.mode,
            kind,
            name,
        };
        let bare = join(parts.module, &block_name(parts.mode, kind, name));
        let key = element
            .index
            .filter(|_| named)
            .and_then(|index| self.index(index));
        (self.block(&bare, &parts), key)
    }

    fn index(&mut self, raw: &[u8]) -> Option<Key> {
        match text_or_none(raw) {
            Some(text) => Some(Key::Text(
                self.names
                    .intern(&text.replace('\\', "\\\\").replace('"', "\\\"")),
            )),
            None => std::str::from_utf8(raw).ok()?.parse().ok().map(Key::Index),
        }
    }
}
