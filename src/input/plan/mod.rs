//! The plan: what `terraform show -json` says, as facts.
//!
//! Objects belong to blocks, blocks to module instances. Attribute values are not kept: what a rule needs of
//! them (which attributes changed, which are unknown, the owner's tag) is taken while the document streams by.

pub(crate) mod action;
mod attributes;
mod border;
mod builder;
mod called;
mod checks;
mod collect;
pub mod configuration;
mod differing;
mod drift;
mod element;
mod events;
mod expand;
mod forced;
mod hide;
mod home;
mod identity;
mod index;
mod kept;
mod leaves;
mod mention;
mod naming;
mod object;
mod partly;
mod place;
#[cfg(test)]
mod plain;
mod prune;
mod reading;
pub mod references;
mod rewording;
mod secrets;
mod shape;
mod state;
mod streaming;
mod told;
mod unmarked;
mod values;

pub use action::{Action, Counts};
pub use border::{OutputChange, OwnName, RemoteState, Selves, StatePlace};
pub use called::Called;
pub use checks::{Check, Checkable, Failure};
pub use configuration::Configuration;
pub use drift::{Drifted, Fate, Outside, Subject};
pub(crate) use events::PlanEvents;
pub use events::ReadOptions;
pub use home::{Home, agree};
pub use identity::{IdHash, source_of};
pub use kept::{Kept, Label, Protection};
pub use leaves::{Leaves, PathId, Print};
pub use mention::{How, Mention, Mentions, Written};
pub(crate) use mention::{is_region, wants_another};
pub use naming::{attribute_of, block_name, call_address, inside, join};
pub use object::{Change, Forced, Key, ListId, Object};
pub(crate) use prune::identity_paths;
pub use reading::OutputsRead;
pub use rewording::Rewording;
pub use secrets::HIDDEN;
pub use shape::{Part, Reshaped};
pub use state::State;
pub(crate) use streaming::{Outcome, read};

use super::address::Mode;
use super::json::parts::Malformed;
use super::names::Name;
use configuration::{ConfigModuleId, Resource};
use smallvec::SmallVec;
use state::Head;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Index into [`Plan::modules`]; 0 is the root module.
pub type ModuleId = usize;
/// Index into [`Plan::blocks`].
pub type BlockId = usize;
/// Index into [`Plan::objects`].
pub type ObjectId = usize;

/// A plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// `format_version` of the document.
    pub format_version: Option<Name>,
    /// Version of the program that wrote the document, Terraform's or `OpenTofu`'s.
    pub terraform_version: Option<Name>,
    /// Whether there is a plan at all: without one, sources or a printed graph tell what is configured.
    pub planned: bool,
    /// Whether applying leads to the configured state; absent before Terraform 1.8 and in `OpenTofu`.
    pub complete: Option<bool>,
    /// Whether planning failed; absent before Terraform 1.6.
    pub errored: Option<bool>,
    /// When the plan was made, in seconds since 1970; absent before Terraform 1.5.
    pub made: Option<i64>,
    /// Whether the plan leaves nothing: no planned values at all.
    pub leaves_nothing: bool,
    /// Changes by kind.
    pub counts: Counts,
    /// Module instances. A call without instances that the plan knows of has one, without a key.
    pub modules: Vec<ModuleInstance>,
    /// Blocks of a module instance: configured, or of objects whose configuration is gone.
    pub blocks: Vec<Block>,
    /// Blocks without configuration in module instances that have one.
    pub unconfigured: BTreeMap<ModuleId, Vec<BlockId>>,
    index: index::BlockIndex,
    /// Objects of the changes and of the prior state.
    pub objects: Vec<Object>,
    /// Lists of config addresses an object of the prior state depends on: the transitive closure at the last apply.
    pub dependency_lists: Vec<Vec<Name>>,
    /// Lists of the top-level attributes that changes give values that are known.
    pub attribute_lists: Vec<Arc<[PathId]>>,
    /// Prints of the texts that data sources of a few types have returned, which change by themselves and hardly ever.
    pub returned: BTreeMap<ObjectId, Vec<u64>>,
    /// What the prior state holds for damaged: replaced under whatever address, unless somebody says it is fine.
    pub tainted: BTreeSet<ObjectId>,
    /// Changes put off to a later plan.
    pub deferred: Vec<Deferred>,
    /// What is not as the last apply left it.
    pub drift: Vec<Drifted>,
    /// Whether the plan changes nothing but the state: made with `-refresh-only`.
    pub refresh_only: bool,
    /// The root variables that are `true`.
    pub switched_on: BTreeSet<Name>,
    /// Where objects were before a `moved` block, of those that are destroyed.
    pub moved_from: BTreeMap<ObjectId, Name>,
    /// What failed its checks, conditions or validations.
    pub checks: Vec<Check>,
    /// Modules, by address without keys, that have a `check` block (Terraform 1.5 and later).
    pub check_modules: BTreeSet<Name>,
    /// Which blocks there are and what they refer to.
    pub configuration: Configuration,
    /// Texts that may name objects that stay as they are, beside elements of a `count` that change.
    pub labels: BTreeMap<ObjectId, Vec<Label>>,
    /// The paths of values, by [`PathId`].
    pub paths: Vec<Name>,
    /// The prints of all kept values: see [`Leaves`].
    pub prints: Vec<u64>,
    /// Changes of the root module's outputs.
    pub outputs: Vec<OutputChange>,
    /// Objects that read the outputs of another state, and the state they have read.
    pub states_read: Vec<(ObjectId, StatePlace)>,
    /// What objects are called, for other stacks of the same run.
    pub selves: Selves,
    /// What objects call each other by id or name.
    pub mentions: Mentions,
    /// What tells objects from others at their addresses, in the order of objects; only where it was asked for.
    pub id_hashes: Vec<(ObjectId, IdHash)>,
    /// Whether sources were given and belong to this plan.
    pub told_by_sources: Option<bool>,
    /// Of a state, which stands beside plans and has no changes: what it says of itself.
    pub state: Option<Box<State>>,
}

impl Plan {
    /// A plan of nothing: what there is without one, from sources alone.
    pub fn of_sources(configuration: Configuration) -> Self {
        let mut plan = builder::Builder::new(&ReadOptions::default())
            .with(configuration.from_sources())
            .finish();
        plan.told_by_sources = Some(true);
        plan.planned = false;
        plan
    }
}

/// One instance of a module.
#[derive(Debug)]
pub struct ModuleInstance {
    /// The instance it lives in; nothing for the root.
    pub parent: Option<ModuleId>,
    /// The name of the call.
    pub call: Name,
    /// Its key.
    pub key: Option<Key>,
    /// Its address, `""` for the root.
    pub address: Name,
    /// Its address without any key.
    pub config_address: Name,
    /// Its configuration; nothing when the call is gone.
    pub config: Option<ConfigModuleId>,
    /// Its configured blocks, in the order of [`configuration::ConfigModule::resources`].
    pub configured: Box<[BlockId]>,
}

impl ModuleInstance {
    /// The call it is an instance of: the instance that the call stands in, and its name.
    pub fn call_site(&self) -> (Option<ModuleId>, &Name) {
        (self.parent, &self.call)
    }
}

/// A resource block in one module instance.
#[derive(Debug)]
pub struct Block {
    /// The module instance.
    pub module: ModuleId,
    /// The mode.
    pub mode: Mode,
    /// The resource type; empty when the address could not be taken apart.
    pub kind: Name,
    /// The name.
    pub name: Name,
    /// The provider's address, as the change says it.
    pub provider: Option<Name>,
    /// Its objects, mostly one.
    pub objects: SmallVec<[ObjectId; 2]>,
}

impl Block {
    /// Its address in a module; in one piece, for there are as many as objects.
    fn address_in(&self, module: &str) -> String {
        let dot = if module.is_empty() { "" } else { "." };
        if self.kind.is_empty() {
            [module, dot, &*self.name].concat()
        } else {
            [module, dot, self.mode.prefix(), &self.kind, ".", &self.name].concat()
        }
    }
}

/// A change put off to a later plan.
#[derive(Debug)]
pub struct Deferred {
    /// The address, which may end in `[*]`.
    pub address: Name,
    /// Why.
    pub reason: Name,
}

impl Plan {
    /// The block of an object.
    pub fn block(&self, id: ObjectId) -> &Block {
        &self.blocks[self.objects[id].block]
    }

    /// The top-level attributes that an update, or what replaces a tainted object, gives other values that are known.
    pub fn changed(&self, id: ObjectId) -> impl Iterator<Item = &Name> {
        let list = self.objects[id].change().changed;
        let list = list.map_or(&[][..], |list| &self.attribute_lists[list.index()]);
        list.iter().map(|path| &self.paths[*path as usize])
    }

    /// The top-level attributes of an object that are not known before apply, as far as they are kept.
    pub fn unknown(&self, id: ObjectId) -> impl Iterator<Item = &Name> {
        let kept = self.objects[id].change().kept.as_deref();
        let list = kept.map_or(&[][..], |kept| &kept.unknown);
        list.iter().map(|path| &self.paths[*path as usize])
    }

    /// Whether it is a plan that leaves nothing: what is written in the configuration is not what it is about.
    pub fn destroys_all(&self) -> bool {
        self.planned
            && self.leaves_nothing
            && self.managed().all(|(_, object)| object.action().removes())
    }

    /// The block of a name in a module instance.
    pub fn find_block(
        &self,
        module: ModuleId,
        mode: Mode,
        kind: &str,
        name: &str,
    ) -> Option<BlockId> {
        self.index.find(&self.blocks, module, mode, kind, name)
    }

    /// Whether blocks are one in the configuration, in two instances of a module.
    pub fn is_same_block(&self, one: BlockId, other: BlockId) -> bool {
        let module = |block: &Block| self.config_module_address(block.module);
        let (one, other) = (&self.blocks[one], &self.blocks[other]);
        (one.mode, &one.kind, &one.name) == (other.mode, &other.kind, &other.name)
            && module(one) == module(other)
    }

    /// Whether nothing is left of a block: all of its objects go, or it has none.
    pub fn goes(&self, id: BlockId) -> bool {
        let mut objects = self.blocks[id].objects.iter();
        objects.all(|id| self.objects[*id].action().removes())
    }

    /// The configuration of a block; nothing when the block is gone.
    pub fn resource(&self, id: BlockId) -> Option<&Resource> {
        let block = &self.blocks[id];
        let module = self
            .configuration
            .modules
            .get(self.modules[block.module].config?)?;
        let key = (
            block.mode,
            Name::clone(&block.kind),
            Name::clone(&block.name),
        );
        module.resources.get(&key).map(|resource| &**resource)
    }

    /// A module instance and the instances it lives in, innermost first.
    pub fn enclosing(&self, id: ModuleId) -> impl Iterator<Item = ModuleId> {
        std::iter::successors(Some(id), |id| self.modules[*id].parent)
    }

    /// Whether a module instance is another one, or lives in it.
    pub fn is_within(&self, id: ModuleId, around: ModuleId) -> bool {
        self.enclosing(id).any(|module| module == around)
    }

    /// The call of a module instance; nothing for the root module and for what is configured no more.
    pub fn call(&self, module: ModuleId) -> Option<&configuration::Call> {
        let config = self.modules[module].config?;
        self.configuration.modules[config].call.as_ref()
    }

    /// Whether the provider of a block is known to work elsewhere than where an object was that goes: a name there is none here.
    pub fn works_elsewhere(&self, block: BlockId, gone: ObjectId) -> bool {
        let kept = self.objects[gone].change().kept.as_deref();
        let home = kept.and_then(|kept| kept.home.as_deref());
        let provider = self.resource(block).map(|resource| &resource.provider);
        let provider = provider.and_then(|key| self.configuration.providers.get(key));
        home.zip(provider)
            .is_some_and(|(home, provider)| home.differs(&provider.places, |_| false).is_some())
    }

    /// The managed objects.
    pub fn managed(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects
            .iter()
            .enumerate()
            .filter(|(id, _)| self.block(*id).mode == Mode::Managed)
    }
}
