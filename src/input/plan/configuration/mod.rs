//! The `configuration` of a plan: which blocks there are and what they refer to.
//!
//! What it lacks (Terraform 1.11, checked against its source): locals' expressions, dynamic blocks,
//! lifecycle, and blocks that were removed. Nobody may take absence here for absence in the sources.

mod each;
mod inherit;
mod provider;
mod read;
mod unite;
mod written;

pub use each::Each;
pub use provider::ProviderKey;
pub(super) use read::{Reader, mode_of};

use super::Key;
use super::references::Reference;
use super::secrets::HIDDEN;
use super::{StatePlace, Written};
use crate::input::address::Mode;
use crate::input::names::Name;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Index into [`Configuration::modules`]; 0 is the root module.
pub type ConfigModuleId = usize;

/// The configuration.
#[derive(Debug, Default, Clone)]
pub struct Configuration {
    /// Every module call, flattened; a module called twice stands here twice. Empty when the plan has none.
    pub modules: Vec<ConfigModule>,
    /// Provider configurations by key, `aws.west` or `module.m:aws`.
    pub providers: BTreeMap<Name, Provider>,
}

/// What tells the resource blocks of a module apart: mode, type and name.
pub type ResourceKey = (Mode, Name, Name);

/// A module as one call sees it.
#[derive(Debug, Default, Clone)]
pub struct ConfigModule {
    /// Who calls it; nothing for the root module.
    pub parent: Option<ConfigModuleId>,
    /// How it is called; nothing for the root module.
    pub call: Option<Call>,
    /// The modules it calls.
    pub children: BTreeMap<Name, ConfigModuleId>,
    /// Its resource blocks, data sources included. Boxed, as the outputs: a map holds room for eleven, most modules have
    /// fewer.
    pub resources: BTreeMap<ResourceKey, Box<Resource>>,
    /// Its outputs.
    pub outputs: BTreeMap<Name, Box<Output>>,
    /// What its local values refer to: known from sources alone.
    pub locals: BTreeMap<Name, Vec<Reference>>,
    /// What the validations of its variables refer to: known from sources alone.
    pub variables: BTreeMap<Name, Vec<Reference>>,
    /// What its `removed` blocks name: known from sources alone.
    pub removed: Vec<Name>,
    /// From where to where its `moved` blocks lead: known from sources alone.
    pub moved: Vec<[Name; 2]>,
}

/// A `module` block.
#[derive(Debug, Clone)]
pub struct Call {
    /// The label of the block.
    pub name: Name,
    /// The `source` as written.
    pub source: Name,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// The arguments: variable and what is referred to.
    pub inputs: BTreeMap<Name, Vec<Reference>>,
    /// The arguments that are made of `each.key` or `each.value`, as the plan tells.
    pub each: BTreeMap<Name, Each>,
    /// The words in the arguments that are literal, as prints: see [`super::Rewording`].
    pub words: Box<[(Name, u64)]>,
    /// The entries of `depends_on`.
    pub depends_on: Vec<Entry>,
}

/// A `resource` or `data` block.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Key into [`Configuration::providers`].
    pub provider: Name,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// References by top-level argument or block; those of provisioners under `provisioner`. The calls of a module share
    /// them.
    pub references: Arc<[(Name, Reference)]>,
    /// The entries of `depends_on`.
    pub depends_on: Vec<Entry>,
    /// The top-level arguments and blocks that are set, sorted; nothing when nobody tells, as a graph does not.
    pub arguments: Option<Arc<[Name]>>,
    /// Prints of the literal texts in the arguments, as [`super::Kept::identities`] has them.
    pub literals: Vec<(Name, u64)>,
    /// What a data source looks for literally: paths in the object, and prints of what it has there.
    pub criteria: Vec<(Name, u64)>,
    /// The state whose outputs a data source reads, as far as that is literal.
    pub remote_state: Option<Box<StatePlace>>,
    /// Literal texts that may name other objects.
    pub written: Vec<Written>,
}

impl Resource {
    /// Whether a top-level argument or block is known to be set.
    pub fn has_argument(&self, name: impl AsRef<[u8]>) -> bool {
        let order = |own: &Name| own.as_bytes().cmp(name.as_ref());
        let known = self.arguments.as_ref();
        known.is_some_and(|all| all.binary_search_by(order).is_ok())
    }

    /// What a top-level argument or block refers to.
    pub fn references_of(&self, argument: &str) -> impl Iterator<Item = &Reference> {
        let own = self.references.iter();
        let own = own.filter(move |(name, _)| **name == *argument);
        own.map(|(_, reference)| reference)
    }

    /// Prints of the literal texts in a top-level argument or block.
    pub fn literals_of(&self, argument: &str) -> impl Iterator<Item = u64> {
        let own = self.literals.iter();
        let own = own.filter(move |(name, _)| **name == *argument);
        own.map(|(_, print)| *print)
    }
}

/// An output.
#[derive(Debug, Default, Clone)]
pub struct Output {
    /// What its value refers to.
    pub references: Vec<Reference>,
    /// The entries of `depends_on`.
    pub depends_on: Vec<Entry>,
}

/// A provider configuration.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The module it stands in, without keys, `""` for the root.
    pub module: Name,
    /// What its arguments refer to.
    pub references: Vec<Reference>,
    /// Arguments that say where it works, and their literal values.
    pub places: Vec<(Name, Name)>,
    /// Whether it has no arguments at all.
    pub is_bare: bool,
}

/// An entry of a `depends_on` list.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As written.
    pub text: Name,
    /// What it means; nothing when it is no reference.
    pub reference: Option<Reference>,
}

/// How a block is repeated, as far as the plan tells: `count = max(0, 1)` leaves no trace in it.
#[derive(Debug, Default, Clone)]
pub enum Repetition {
    /// Not, or by an expression without references that is no literal.
    #[default]
    None,
    /// By `count`.
    Count(Vec<Reference>),
    /// By `for_each`.
    ForEach(Vec<Reference>),
}

impl Repetition {
    /// What the expression refers to.
    pub fn references(&self) -> &[Reference] {
        match self {
            Self::None => &[],
            Self::Count(references) | Self::ForEach(references) => references,
        }
    }
}

impl Repetition {
    fn references_mut(&mut self) -> &mut [Reference] {
        match self {
            Self::None => &mut [],
            Self::Count(references) | Self::ForEach(references) => references,
        }
    }
}

impl Entry {
    fn each_key(&mut self, visit: &mut impl FnMut(&mut Key)) {
        let Some(reference) = &mut self.reference else {
            return;
        };
        let before = reference.target.clone();
        reference.each_key(visit);
        if reference.target != before {
            self.text = HIDDEN.into();
        }
    }
}

/// Where a reference may stand.
enum Spot<'a> {
    Reference(&'a mut Reference),
    Entry(&'a mut Entry),
}

fn references(references: &mut [Reference], visit: &mut impl FnMut(Spot<'_>)) {
    for reference in references {
        visit(Spot::Reference(reference));
    }
}

fn entries(entries: &mut [Entry], visit: &mut impl FnMut(Spot<'_>)) {
    for entry in entries {
        visit(Spot::Entry(entry));
    }
}

impl ConfigModule {
    /// Visits all of it but shared lists in which no reference is `wanted`: those stay shared.
    fn each(&mut self, wanted: fn(&Reference) -> bool, visit: &mut impl FnMut(Spot<'_>)) {
        for resource in self.resources.values_mut() {
            if resource.references.iter().any(|(_, own)| wanted(own)) {
                let arguments = Arc::make_mut(&mut resource.references).iter_mut();
                arguments.for_each(|(_, reference)| visit(Spot::Reference(reference)));
            }
            references(resource.repetition.references_mut(), visit);
            entries(&mut resource.depends_on, visit);
        }
        for output in self.outputs.values_mut() {
            references(&mut output.references, visit);
            entries(&mut output.depends_on, visit);
        }
        for values in [&mut self.locals, &mut self.variables] {
            for value in values.values_mut() {
                references(value, visit);
            }
        }
        if let Some(call) = &mut self.call {
            call.inputs
                .values_mut()
                .for_each(|input| references(input, visit));
            references(call.repetition.references_mut(), visit);
            entries(&mut call.depends_on, visit);
        }
    }
}

impl Configuration {
    /// The module at a path of calls, keys left out.
    pub fn module<'n>(&self, calls: impl IntoIterator<Item = &'n str>) -> Option<ConfigModuleId> {
        calls.into_iter().try_fold(0, |id, call| {
            self.modules.get(id)?.children.get(call).copied()
        })
    }

    /// Visits every literal key of a reference.
    pub(in crate::input::plan) fn each_key(&mut self, visit: &mut impl FnMut(&mut Key)) {
        self.each(Reference::has_key, &mut |spot| match spot {
            Spot::Reference(reference) => reference.each_key(visit),
            Spot::Entry(entry) => entry.each_key(visit),
        });
    }

    /// Visits every reference.
    fn each_reference(&mut self, visit: &mut impl FnMut(&mut Reference)) {
        self.each(|_| true, &mut |spot| match spot {
            Spot::Reference(reference) => visit(reference),
            Spot::Entry(entry) => entry.reference.iter_mut().for_each(&mut *visit),
        });
    }

    fn each(&mut self, wanted: fn(&Reference) -> bool, visit: &mut impl FnMut(Spot<'_>)) {
        for module in &mut self.modules {
            module.each(wanted, visit);
        }
        for provider in self.providers.values_mut() {
            references(&mut provider.references, visit);
        }
    }

    /// The calls that lead to a module, outermost first.
    pub fn path(&self, mut id: ConfigModuleId) -> Vec<&Name> {
        let mut calls = Vec::new();
        while let Some(module) = self.modules.get(id)
            && let (Some(parent), Some(call)) = (module.parent, &module.call)
        {
            calls.push(&call.name);
            id = parent;
        }
        calls.reverse();
        calls
    }

    /// The address of a module, without keys: `module.a.module.b`, `""` for the root.
    pub fn module_address(&self, id: ConfigModuleId) -> String {
        self.path(id)
            .iter()
            .map(|name| format!("module.{name}"))
            .collect::<Vec<_>>()
            .join(".")
    }
}
