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
mod drift;
mod element;
mod expand;
mod hide;
mod home;
mod identity;
mod index;
mod kept;
mod mention;
mod place;
#[cfg(test)]
mod plain;
mod prune;
mod reading;
pub mod references;
mod secrets;
mod state;
mod streaming;
mod values;

pub use action::{Action, Counts};
pub use border::{OutputChange, RemoteState, Selves, StatePlace};
pub use called::Called;
pub use checks::{Check, Checkable, Failure};
pub use configuration::Configuration;
pub use drift::{Drifted, Fate, Outside, Subject};
pub use home::Home;
pub use identity::{IdHash, source_of};
pub use kept::{Kept, Label, Leaves, PathId, Print, Protection};
pub use mention::{How, Mention, Mentions, Written};
pub(crate) use prune::{NAMES, identity_paths};
pub use reading::OutputsRead;
pub use secrets::HIDDEN;
pub use state::State;
pub(crate) use streaming::{Outcome, read};

use super::address::Mode;
use super::json::parts::Malformed;
use super::names::Name;
use configuration::{ConfigModuleId, Resource};
use smallvec::SmallVec;
use state::Head;
use std::collections::BTreeSet;
use std::fmt;
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
    index: index::BlockIndex,
    /// Objects of the changes and of the prior state.
    pub objects: Vec<Object>,
    /// Lists of config addresses an object of the prior state depends on: the transitive closure at the
    /// last apply.
    pub dependency_lists: Vec<Vec<Name>>,
    /// Changes put off to a later plan.
    pub deferred: Vec<Deferred>,
    /// What is not as the last apply left it.
    pub drift: Vec<Drifted>,
    /// Whether the plan changes nothing but the state: made with `-refresh-only`.
    pub refresh_only: bool,
    /// What failed its checks, conditions or validations.
    pub checks: Vec<Check>,
    /// Modules, by address without keys, that have a `check` block (Terraform 1.5 and later).
    pub check_modules: BTreeSet<Name>,
    /// Which blocks there are and what they refer to.
    pub configuration: Configuration,
    /// The paths of values, by [`PathId`].
    pub paths: Vec<Name>,
    /// The prints of all kept values: see [`Leaves`].
    pub prints: Vec<u64>,
    /// Changes of the root module's outputs.
    pub outputs: Vec<OutputChange>,
    /// Blocks that read the outputs of another state, and the state they have read.
    pub states_read: Vec<(BlockId, StatePlace)>,
    /// What objects are called, for other stacks of the same run.
    pub selves: Selves,
    /// What objects call each other by id or name.
    pub mentions: Mentions,
    /// Hashes of the ids of objects that change, in order; only where they were asked for and are unguessable.
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

/// A resource instance object: of the prior state, of the changes, or both.
#[derive(Debug)]
pub struct Object {
    /// Its block.
    pub block: BlockId,
    /// Its instance key.
    pub key: Option<Key>,
    /// The deposed key: such an object shares its address with the current one.
    pub deposed: Option<Box<Name>>,
    /// Whether `resource_changes` has it: `-target` leaves objects out, and data read while planning.
    pub listed: bool,
    /// What is planned; nothing when it is nothing.
    pub change: Option<Box<Change>>,
    /// Value of the tag that names the owner, when the configuration asks for one.
    pub tag: Option<Box<Name>>,
    /// What its values say of its environment.
    pub called: Called,
    /// Whether the prior state has it.
    pub prior: bool,
    /// What it depended on at the last apply: index into [`Plan::dependency_lists`].
    pub dependencies: Option<u32>,
}

/// A planned change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is planned.
    pub action: Action,
    /// `action_reason`.
    pub reason: Option<Name>,
    /// Whether the object is imported.
    pub importing: bool,
    /// Attributes that force a replacement.
    pub forced_by: Vec<Forced>,
    /// Whether an update changes anything to a value that is known.
    pub to_known: bool,
    /// Whether an update changes anything to a value that is not known before apply.
    pub to_unknown: bool,
    /// The tag that named the owner before, when the plan changes it.
    pub tag_before: Option<Box<Name>>,
    /// Top-level attributes that drifted since the last apply, and that the plan changes back as far as is known.
    pub drifted: Vec<Name>,
    /// Where the object was, when it is created because it could not be found any more.
    pub vanished: Option<Box<Home>>,
    /// What is kept of the values of an object that comes, goes or shifts.
    pub kept: Option<Box<Kept>>,
}

/// One of the `replace_paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forced {
    /// The path as a reader writes it: `ingress[0].cidr`.
    pub path: Name,
    /// The top-level attribute.
    pub attribute: Name,
    /// Whether the new value is not known before apply.
    pub unknown: bool,
}

/// A change put off to a later plan.
#[derive(Debug)]
pub struct Deferred {
    /// The address, which may end in `[*]`.
    pub address: Name,
    /// Why.
    pub reason: Name,
}

/// An instance key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// From `count`.
    Index(u64),
    /// From `for_each`: the escaped text as it stands in addresses.
    Text(Name),
    /// Not known yet.
    Unknown,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(n) => write!(f, "[{n}]"),
            Self::Text(text) => write!(f, "[\"{text}\"]"),
            Self::Unknown => f.write_str("[*]"),
        }
    }
}

static UNPLANNED: Change = Change {
    action: Action::NoOp,
    reason: None,
    importing: false,
    forced_by: Vec::new(),
    to_known: false,
    to_unknown: false,
    tag_before: None,
    drifted: Vec::new(),
    vanished: None,
    kept: None,
};

impl Object {
    /// What is planned for it.
    pub fn action(&self) -> Action {
        self.change().action
    }

    /// The planned change.
    pub fn change(&self) -> &Change {
        self.change.as_deref().unwrap_or(&UNPLANNED)
    }

    /// The reason of the change, `""` for none.
    pub fn reason(&self) -> &str {
        self.change().reason.as_deref().unwrap_or_default()
    }
}

impl Plan {
    /// The block of an object.
    pub fn block(&self, id: ObjectId) -> &Block {
        &self.blocks[self.objects[id].block]
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

    /// The address of an object, as Terraform writes it.
    pub fn address(&self, id: ObjectId) -> String {
        let object = &self.objects[id];
        let mut address = self.block_address(object.block);
        match &object.key {
            None => {}
            Some(Key::Text(text)) => {
                address.reserve_exact(text.len() + r#"[""]"#.len());
                address.extend(["[\"", text, "\"]"]);
            }
            Some(key) => address += &key.to_string(),
        }
        address
    }

    /// The address of a block in its module instance: that of its objects without their own key.
    pub fn block_address(&self, id: BlockId) -> String {
        let block = &self.blocks[id];
        block.address_in(&self.modules[block.module].address)
    }

    /// The address of a block without any key.
    pub fn config_address(&self, id: BlockId) -> String {
        let block = &self.blocks[id];
        block.address_in(self.config_module_address(block.module))
    }

    /// The address of a module instance without any key.
    pub fn config_module_address(&self, id: ModuleId) -> &str {
        &self.modules[id].config_address
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

    /// The managed objects.
    pub fn managed(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects
            .iter()
            .enumerate()
            .filter(|(id, _)| self.block(*id).mode == Mode::Managed)
    }
}

/// The attribute that the path of a value begins with.
pub fn attribute_of(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// An address in a module.
pub fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        [module, ".", name].concat()
    }
}

/// `data.aws_ami.x`.
pub fn block_name(mode: Mode, kind: &str, name: &str) -> String {
    if kind.is_empty() {
        name.to_owned()
    } else {
        [mode.prefix(), kind, ".", name].concat()
    }
}

/// What the reader of a plan document is asked for beside the facts every rule needs.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The tag or label that names an object's owner.
    pub owner_tag: Option<String>,
    /// The configuration as the sources have it.
    pub sources: Option<Arc<Configuration>>,
    /// The hasher that all plans of a run share, so that what stands in one can be found in another.
    pub hasher: foldhash::fast::RandomState,
    /// The blocks that the printed graph names.
    pub printed: Option<Arc<Configuration>>,
    /// Whether objects that change are to be known again in another plan.
    pub identify: bool,
}

/// What a reader of plan documents tells, in the order of the document.
pub(crate) trait PlanEvents {
    /// A top-level value begins. It replaces an earlier one of the same key: the last one counts.
    fn begin(&mut self, key: &str);
    /// A top-level value that is small, or wanted whole.
    fn whole(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// `raw` begins with an element of a list like `resource_changes`; more may follow. Returns its length; after an error nothing has been taken in.
    fn element(&mut self, key: &str, raw: &[u8]) -> Result<usize, Malformed>;
    /// Whether `planned_values` holds resources.
    fn planned(&mut self, anything: bool);
    /// `raw` begins with a resource of `prior_state`, as above.
    fn state_resource(&mut self, raw: &[u8]) -> Result<usize, Malformed>;
    /// The configuration has a root module.
    fn root_module(&mut self);
    /// A member of the configuration's root module other than its calls.
    fn root_field(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// A module call of the configuration's root module.
    fn root_call(&mut self, name: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// The outputs of `prior_state`, or of a state.
    fn state_outputs(&mut self, raw: &[u8]) -> Result<(), Malformed>;
    /// `raw` begins with an instance of a raw state, as above.
    fn raw_instance(&mut self, head: &Head, raw: &[u8]) -> Result<usize, Malformed>;
}
