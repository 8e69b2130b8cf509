//! Finds or makes the place of an element: its module instance, its block, its object.

use super::builder::Builder;
use super::element::Element;
use super::{Block, BlockId, Called, Key, ModuleId, ModuleInstance, Object, ObjectId};
use crate::input::address::{Address, KeyText, Mode, config_address, key_alone, module_steps};
use crate::input::json::parts::text_or_none;
use crate::input::names::Name;
use smallvec::SmallVec;
use std::hash::BuildHasher as _;

/// Where the element before was: the next one is mostly in the same module, often of the same block.
#[derive(Default)]
pub(super) struct Near {
    module_address: String,
    module: ModuleId,
    /// The whole address of the block; empty before the first.
    block_address: String,
    block: BlockId,
    object: ObjectId,
}

impl Near {
    /// Block and key of an address that is of the same block.
    fn same_block<'a>(&self, address: &'a str) -> Option<(BlockId, Option<KeyText<'a>>)> {
        let rest = address.strip_prefix(&*self.block_address)?;
        match rest {
            _ if self.block_address.is_empty() => None,
            "" => Some((self.block, None)),
            key => key_alone(key).map(|key| (self.block, Some(key))),
        }
    }

    /// An address that is in the same module, its `module` left out.
    fn same_module<'a>(&self, address: &'a str) -> Option<Address<'a>> {
        let rest = address.strip_prefix(&*self.module_address)?;
        let rest = match &*self.module_address {
            "" => rest,
            _ => rest.strip_prefix('.')?,
        };
        if rest.starts_with("module.") {
            return None;
        }
        let within = Address::parse(rest)?;
        let block = &address[..address.len() - rest.len() + within.block.len()];
        Some(Address { block, ..within })
    }

    fn move_to(&mut self, block: &str, id: BlockId) {
        block.clone_into(&mut self.block_address);
        self.block = id;
    }
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
        let config_address = self.names.intern(&config_address(address));
        let address_name = self.names.intern(address);
        self.plan.modules.push(ModuleInstance {
            parent,
            call,
            key,
            address: address_name,
            config_address,
            config: None,
            configured: Box::default(),
        });
        self.modules.insert(address.into(), id);
        id
    }

    /// The block of a name in a module instance, made now if it is new.
    pub(super) fn block(
        &mut self,
        module: ModuleId,
        mode: Mode,
        kind: &str,
        name: &str,
    ) -> BlockId {
        if let Some(id) = self.plan.find_block(module, mode, kind, name) {
            return id;
        }
        let (kind, name) = (self.names.intern(kind), self.names.intern(name));
        self.plan.blocks.push(Block {
            module,
            mode,
            kind,
            name,
            provider: None,
            objects: SmallVec::new(),
        });
        self.plan.index.add(&self.plan.blocks);
        self.plan.blocks.len() - 1
    }

    /// Finds or makes the object that an element names.
    pub(super) fn object(&mut self, element: &Element<'_>) -> ObjectId {
        let (block, key) = self.place(element);
        let deposed = element
            .deposed
            .as_deref()
            .map(|deposed| self.names.intern(deposed));
        let id = self.find_or_add(block, key, deposed);
        self.near.object = id;
        id
    }

    fn find_or_add(&mut self, block: BlockId, key: Option<Key>, deposed: Option<Name>) -> ObjectId {
        let objects = &self.plan.objects;
        let same = |id: usize| {
            objects.get(id).is_some_and(|object| {
                object.block == block
                    && object.key == key
                    && object.deposed.as_deref() == deposed.as_ref()
            })
        };
        // The state lists objects in the order of the changes.
        let next = self.near.object + 1;
        if same(next) {
            return next;
        }
        let hash = self.hasher.hash_one((block, &key, &deposed));
        if let Some(id) = self.objects.find(hash, same) {
            return id;
        }
        let id = self.add(block, key, deposed);
        self.objects.insert(hash, id);
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
            deposed: deposed.map(Box::new),
            listed: false,
            change: None,
            tag: None,
            called: Called::default(),
            prior: false,
            dependencies: None,
        };
        self.plan.objects.push(object);
        self.plan.blocks[block].objects.push(id);
        id
    }

    /// Block and key of an element, from its address, or from its parts where that one is missing or odd.
    fn place(&mut self, element: &Element<'_>) -> (BlockId, Option<Key>) {
        let text = &*element.address;
        if let Some((block, key)) = self.near.same_block(text) {
            return (block, key.map(|key| Key::of(key, &mut self.names)));
        }
        let within = self.near.same_module(text);
        if let Some(address) = within.or_else(|| Address::parse(text)) {
            if within.is_none() {
                self.near.module = self.module(address.module);
                address.module.clone_into(&mut self.near.module_address);
            }
            let module = self.near.module;
            let key = address.key.map(|key| Key::of(key, &mut self.names));
            let block = self.block(module, address.mode, address.kind, address.name);
            self.near.move_to(address.block, block);
            return (block, key);
        }
        let text_of = |raw: Option<&[u8]>| {
            let text = raw.and_then(text_or_none).unwrap_or_default();
            text.into_owned()
        };
        let module = self.module(&text_of(element.module));
        let (kind, name) = (text_of(element.kind), text_of(element.name));
        if kind.is_empty() || name.is_empty() {
            return (self.block(module, element.mode, "", &element.address), None);
        }
        let key = element.index.and_then(|index| self.index(index));
        (self.block(module, element.mode, &kind, &name), key)
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
