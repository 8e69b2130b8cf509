//! Puts a [`Plan`] together from what a reader tells.

use super::OutputChange;
use super::action::Action;
use super::checks::{self, Told};
use super::configuration;
use super::drift::Drifts;
use super::element::Element;
use super::hide::hide;
use super::identity;
use super::leaves::{PathId, Paths};
use super::mention::Book;
use super::place::Near;
use super::prune::prune;
use super::references::Reference;
use super::secrets::Secrets;
use super::shape::{Reshaped, parts};
use super::values::RawChange;
use super::{
    BlockId, Change, Configuration, Deferred, ListId, ModuleId, Object, ObjectId, Plan, ReadOptions,
};
use crate::input::ids::Ids;
use crate::input::json::parts::{
    Malformed, Parts, fields, get, members, text_or_none, texts, value_len,
};
use crate::input::names::{Lists, Name, Names};
use foldhash::HashMap;
use foldhash::fast::RandomState;
use std::collections::BTreeSet;
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// The keys by which anything is known to be a plan.
const PLAN_KEYS: [&str; 5] = [
    "planned_values",
    "resource_changes",
    "configuration",
    "output_changes",
    "resource_drift",
];

/// Of a larger state the environments of the first objects are known: more of them tell nothing new.
pub(super) const MOST_CALLED: usize = 5_000;

/// A plan in the making.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) options: ReadOptions,
    pub(super) names: Names,
    pub(super) secrets: Secrets,
    pub(super) plan: Plan,
    pub(super) keys: BTreeSet<String>,
    pub(super) modules: HashMap<Box<str>, ModuleId>,
    pub(super) objects: Ids,
    pub(super) hasher: RandomState,
    /// By two hashes of the raw list: half a kilobyte of text for each would outweigh the lists.
    dependency_lists: HashMap<(u64, u64), ListId>,
    second: RandomState,
    pub(super) attribute_lists: HashMap<Arc<[PathId]>, ListId>,
    pub(super) paths: Paths,
    pub(super) book: Book,
    lists: Lists<Name>,
    references: Lists<(Name, Reference)>,
    pub(super) drifts: Drifts,
    pub(super) checks: Vec<Told>,
    pub(super) variables: Vec<u8>,
    /// What objects are called, to be hashed; only where it was asked for.
    pub(super) ids: Vec<(ObjectId, Box<str>)>,
    /// The blocks of which instances of `count` change; nothing until the changes are told.
    pub(super) counted: Option<BTreeSet<BlockId>>,
    /// Where the element before this one was.
    pub(super) near: Near,
    /// Whether a state is being read, and not the one in a plan.
    pub(super) standing: bool,
    pub(super) outputs_of_state: Vec<OutputChange>,
}

impl Builder {
    pub(super) fn new(options: &ReadOptions) -> Self {
        let mut builder = Self {
            options: options.clone(),
            ..Self::default()
        };
        builder.hasher = options.hasher.clone();
        builder.book = Book::new(builder.hasher.clone());
        builder.plan.planned = true;
        builder.module("");
        builder
    }

    /// The same with a configuration that no document tells of.
    pub(super) fn with(mut self, configuration: Configuration) -> Self {
        self.plan.configuration = configuration;
        self
    }

    /// The top-level keys seen.
    pub(super) fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// Whether what was read is a plan.
    pub(super) fn is_plan(&self) -> bool {
        PLAN_KEYS.iter().any(|key| self.has_begun(key))
    }

    /// Whether a top-level key was seen.
    pub(super) fn has_begun(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn change(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let (element, used) = Element::read(raw)?;
        // Passed over, it would be a change that nobody checked.
        if !element.has_change {
            return Err(Malformed::new(raw, "expected an object with a change"));
        }
        let values = &element.change;
        self.plan.counts.add(values.action);
        self.plan.counts.import += usize::from(values.importing);
        self.plan.counts.moved += usize::from(element.previous_address.is_some());
        self.mark(values);
        self.keep_after(&element);
        let mut id = self.object(&element);
        if self.plan.objects[id].listed {
            // The same address twice: an edited file. Neither may hide the other.
            let Object {
                block,
                ref key,
                ref deposed,
                ..
            } = self.plan.objects[id];
            id = self.add(block, key.clone(), deposed.as_deref().cloned());
        }
        if self.options.identify
            && let Some(text) = identity::id_of(values)
        {
            self.ids.push((id, text));
        }
        if let Some(from) = &element.previous_address {
            self.book.moved(id, from);
            if values.action.destroys() {
                let from = self.names.intern(from);
                self.plan.moved_from.insert(id, from);
            }
        }
        let (tag, tag_before) = self.tags(values);
        let change = Change {
            tag_before,
            ..self.read_change(id, &element)
        };
        self.mention(id, &element.change);
        let object = &mut self.plan.objects[id];
        object.tag = tag;
        object.listed = true;
        object.change = (change != Change::default()).then(|| Box::new(change));
        let block = object.block;
        if self.plan.blocks[block].provider.is_none() {
            let provider = element.provider.and_then(text_or_none);
            self.plan.blocks[block].provider = provider.map(|text| self.names.intern(&text));
        }
        Ok(used)
    }

    pub(super) fn mark(&mut self, values: &RawChange<'_>) {
        if let (Some(after), Some(marks)) = (values.after, values.after_sensitive) {
            self.secrets.add_marked(after, marks);
        }
        // Nothing changes: before is after, and the marks are mostly the same.
        let same =
            values.action == Action::NoOp && values.before_sensitive == values.after_sensitive;
        if !same && let (Some(before), Some(marks)) = (values.before, values.before_sensitive) {
            self.secrets.add_marked(before, marks);
        }
    }

    pub(super) fn deferred(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let used = value_len(raw).ok_or_else(|| Malformed::new(raw, "expected a value"))?;
        let text_of = |raw, key| get(raw, key).and_then(text_or_none).unwrap_or_default();
        let reason = self.names.intern(&text_of(raw, "reason"));
        let change = get(raw, "resource_change").unwrap_or_default();
        let address = self.names.intern(&text_of(change, "address"));
        self.plan.deferred.push(Deferred { address, reason });
        Ok(used)
    }

    pub(super) fn configuration(&mut self) -> configuration::Reader<'_> {
        configuration::Reader {
            names: &mut self.names,
            secrets: &mut self.secrets,
            configuration: &mut self.plan.configuration,
            hasher: &self.hasher,
            book: &mut self.book,
            lists: &mut self.lists,
            references: &mut self.references,
            variables: &self.variables,
        }
    }

    pub(super) fn dependencies(&mut self, raw: &[u8]) -> ListId {
        let key = (self.hasher.hash_one(raw), self.second.hash_one(raw));
        if let Some(id) = self.dependency_lists.get(&key) {
            return *id;
        }
        let mut list: Vec<Name> = texts(raw).map(|text| self.names.intern(&text)).collect();
        list.shrink_to_fit();
        let id = ListId::of(self.plan.dependency_lists.len());
        self.plan.dependency_lists.push(list);
        self.dependency_lists.insert(key, id);
        id
    }

    pub(super) fn outputs(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (name, change) = field?;
            let change = RawChange::read(&mut Parts::object(change))?;
            self.mark(&change);
            let name = self.names.intern(&name);
            self.plan.counts.output += usize::from(change.action.changes());
            // Terraform calls it an update when an output only becomes sensitive (1.11).
            let action = match change.action {
                Action::Update if change.keeps_value() => Action::NoOp,
                action => action,
            };
            let (reshaped, parts) = match action {
                Action::NoOp => Default::default(),
                _ => (Reshaped::by(&change), parts(&change, &mut self.names)),
            };
            self.plan.outputs.push(OutputChange {
                name,
                action,
                reshaped,
                parts,
            });
        }
        Ok(())
    }

    /// The finished state: what a plan of nothing leaves.
    pub(super) fn finish_state(mut self) -> Plan {
        self.state();
        self.options.sources = None;
        self.options.printed = None;
        self.plan.planned = false;
        self.plan.outputs = std::mem::take(&mut self.outputs_of_state);
        self.finish()
    }

    /// The finished plan: secrets hidden, configuration found for every module instance.
    pub(super) fn finish(mut self) -> Plan {
        self.secrets.add_variables(&self.variables);
        self.switched_on();
        self.plan.paths = std::mem::take(&mut self.paths.names);
        prune(&mut self.plan);
        self.find_drifted();
        self.plan.refresh_only = self.has_begun("resource_drift")
            && !self.has_begun("resource_changes")
            && self.plan.leaves_nothing
            && self.plan.errored != Some(true);
        self.plan.configuration.inherit_providers(&mut self.names);
        self.unite();
        self.expand();
        self.settle_environments();
        (self.plan.mentions, self.plan.selves) = self.book.settle(&self.plan);
        let mut mask = self.secrets.mask();
        self.plan.checks =
            checks::finish(std::mem::take(&mut self.checks), &mut mask, &mut self.names);
        self.plan.id_hashes = identity::hashes(std::mem::take(&mut self.ids), &self.plan, &mask);
        if !mask.is_empty() {
            hide(&mut self.plan, &mut mask, &mut self.names);
        }
        self.plan
    }

    /// Takes down the root variables that are `true`: those did not switch anything off.
    fn switched_on(&mut self) {
        for (name, variable) in members(&self.variables).flatten() {
            if get(variable, "value") == Some(b"true") {
                let name = self.names.intern(&String::from_utf8_lossy(&name));
                self.plan.switched_on.insert(name);
            }
        }
    }

    /// Takes in what the objects of the changes say of their environment.
    pub(super) fn settle_environments(&mut self) {
        for (id, called) in self.book.environments() {
            self.plan.objects[id].called = called;
        }
    }

    /// Takes in what the sources say, when they are those of this plan.
    fn unite(&mut self) {
        if let Some(printed) = self.options.printed.take()
            && self.plan.configuration.is_told_by(&printed)
        {
            self.plan.configuration.unite_blocks(&printed);
        }
        let Some(sources) = self.options.sources.take() else {
            return;
        };
        let belong = self.plan.configuration.is_told_by(&sources);
        self.plan.told_by_sources = Some(belong);
        if belong {
            self.plan.configuration.unite(&sources);
        }
    }
}
