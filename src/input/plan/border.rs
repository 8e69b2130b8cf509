//! What a plan shows to other stacks and reads of them: outputs, remote states, and what objects are called.

use super::reading::{OutputsRead, outputs_read};
use super::references::REMOTE_STATE;
use super::shape::{Part, Reshaped};
use super::state::unwrapped;
use super::{Action, Name, ObjectId, Plan};
use crate::catalog;
use crate::catalog::attributes::is_whereabouts;
use crate::input::address::Mode;
use crate::input::json::parts::{get, members, text_or_none};
use crate::input::names::Names;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A change of an output of the root module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputChange {
    /// The output.
    pub name: Name,
    /// What happens to its value.
    pub action: Action,
    /// What becomes of its shape.
    pub reshaped: Reshaped,
    /// Of an object that changes and stays one, what becomes of each attribute or key that it had.
    pub parts: BTreeMap<Name, Part>,
}

/// Where a state is kept, as a data source says it: the backend, and its settings that tell one state from another.
/// Settings are compared and never shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatePlace {
    settings: BTreeMap<String, String>,
    /// The outputs that were found there; nothing when it has not been read yet.
    pub seen: Option<BTreeSet<Name>>,
    /// The outputs that have a value for when they are not there.
    pub defaults: BTreeSet<Name>,
}

impl StatePlace {
    /// A setting: `path`, `key`, `workspaces.name`; the type of the backend is `backend`.
    pub fn get(&self, setting: &str) -> Option<&str> {
        self.settings.get(setting).map(String::as_str)
    }

    /// The settings.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// Reads it off the values of a data source.
    pub(super) fn of_values(values: &[u8], names: &mut Names) -> Self {
        let mut found = Self::default();
        found.add("backend", get(values, "backend").unwrap_or_default());
        found.add("workspace", get(values, "workspace").unwrap_or_default());
        found.add_all("", unwrapped(get(values, "config").unwrap_or_default()));
        let outputs = get(values, "outputs").map(unwrapped);
        let outputs = outputs.filter(|outputs| outputs.first() == Some(&b'{'));
        found.seen = outputs.map(|outputs| keys(outputs, names));
        found.defaults = keys(
            unwrapped(get(values, "defaults").unwrap_or_default()),
            names,
        );
        found
    }

    /// Reads what is literal in the expressions of a data source.
    pub(super) fn of_expressions(expressions: &[u8], names: &mut Names) -> Self {
        let constant = |name| {
            let expression = get(expressions, name).unwrap_or_default();
            get(expression, "constant_value").unwrap_or_default()
        };
        let mut found = Self::default();
        found.add("backend", constant("backend"));
        found.add("workspace", constant("workspace"));
        found.add_all("", constant("config"));
        found.defaults = keys(constant("defaults"), names);
        found
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        if let Some(text) = text_or_none(value) {
            self.settings.insert(name.to_owned(), text.into_owned());
        }
    }

    fn add_all(&mut self, before: &str, object: &[u8]) {
        for (key, value) in members(object).flatten() {
            let name = format!("{before}{}", String::from_utf8_lossy(&key));
            // `workspaces` holds a name or a prefix.
            if value.first() == Some(&b'{') && before.is_empty() {
                self.add_all(&format!("{name}."), value);
            } else {
                self.add(&name, value);
            }
        }
    }
}

fn keys(object: &[u8], names: &mut Names) -> BTreeSet<Name> {
    let keys = members(object).flatten().map(|(key, _)| key);
    keys.map(|key| names.intern(&String::from_utf8_lossy(&key)))
        .collect()
}

/// A block that reads the outputs of another state.
#[derive(Debug, Clone)]
pub struct RemoteState {
    /// The address of the block, without keys.
    pub address: String,
    /// The state it reads.
    pub place: StatePlace,
    /// What is read of its outputs.
    pub outputs: OutputsRead,
}

/// A hash of what names an object. In sixteen bytes: a plan of 100,000 objects has 300,000 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnName {
    /// The hash.
    pub call: u64,
    object: u32,
    /// Whether it names the object for good, not only within its account and region.
    pub sure: bool,
    /// Whether that is what the object was called before it goes.
    pub was: bool,
}

impl OwnName {
    /// A name of an object.
    ///
    /// # Panics
    ///
    /// Panics when there are more objects than four bytes can count: no document of so many can be read.
    pub fn new(call: u64, object: ObjectId, sure: bool, was: bool) -> Self {
        let object = u32::try_from(object).expect("fewer than 2^32 objects");
        Self {
            call,
            object,
            sure,
            was,
        }
    }

    /// The object.
    pub fn object(self) -> ObjectId {
        self.object as ObjectId
    }
}

/// What objects are called, for comparison with those of other stacks of the same run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selves {
    /// What names objects.
    pub called: Vec<OwnName>,
    /// What those are part of that only a name names, sorted: hashes of the attribute and of what it names.
    pub(super) parts: Vec<(ObjectId, u64, u64)>,
    /// Who has an id in its values, where it stands there, and its hash.
    pub texts: Vec<(ObjectId, Name, u64)>,
    /// Hashes of the ids of objects.
    pub ids: Vec<(u64, ObjectId)>,
    /// Hashes of the accounts that the objects live in, sorted.
    pub accounts: Vec<u64>,
    /// Hashes of the addresses that objects are moved from.
    pub(super) moved: Vec<(u64, ObjectId)>,
}

impl Selves {
    /// Whether an object is part of something else than one of another stack, by an attribute that both have.
    pub fn is_apart(&self, id: ObjectId, others: &Self, other: ObjectId) -> bool {
        let there = others.parts_of(other);
        let mut here = self.parts_of(id).iter();
        here.any(|(_, key, text)| {
            let same = there.iter().find(|(_, other, _)| other == key);
            same.is_some_and(|(_, _, other)| other != text)
        })
    }

    /// What an object that a name names is known to be part of: hashes of the attributes, and of their values.
    pub fn parts_of(&self, id: ObjectId) -> &[(ObjectId, u64, u64)] {
        let start = self.parts.partition_point(|part| part.0 < id);
        let end = self.parts.partition_point(|part| part.0 <= id);
        &self.parts[start..end]
    }

    /// Whether an object is moved from an address.
    pub fn was_at(&self, id: ObjectId, address: &str) -> bool {
        let mut moved = self.moved.iter();
        moved.any(|(from, moved)| *moved == id && *from == print(address))
    }

    /// Whether any object is moved from an address.
    pub fn moves_from(&self, address: &str) -> bool {
        self.moved.iter().any(|(from, _)| *from == print(address))
    }
}

/// A hash that needs no secret and is the same in every run.
pub(super) fn print(address: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish()
}

impl Plan {
    /// Every block that reads the outputs of another state, each of its instances.
    pub fn remote_states(&self) -> Vec<RemoteState> {
        let mut found = Vec::new();
        for (id, block) in self.blocks.iter().enumerate() {
            if block.mode != Mode::Data || &*block.kind != REMOTE_STATE {
                continue;
            }
            let written = self
                .resource(id)
                .and_then(|data| data.remote_state.as_deref());
            let read = self.states_read.iter();
            let read = read.filter(|(object, _)| self.objects[*object].block == id);
            let mut read: Vec<_> = read
                .map(|(object, place)| (self.objects[*object].key.as_ref(), Some(place)))
                .collect();
            if read.is_empty() {
                read.push((None, written));
            }
            for (key, place) in read {
                let outputs = match self.modules[block.module].config {
                    Some(config) => outputs_read(&self.configuration, config, (&block.name, key)),
                    // A state tells that it was read, and not what for.
                    None if self.state.is_some() => OutputsRead {
                        maybe_others: true,
                        ..OutputsRead::default()
                    },
                    None => continue,
                };
                found.push(RemoteState {
                    address: self.config_address(id),
                    place: place.cloned().unwrap_or_default(),
                    outputs,
                });
            }
        }
        found
    }

    /// Whether the state has an object by a name: what is created or imported is not in it yet, nor is a name that a
    /// replacement gives.
    pub fn has_by(&self, name: &OwnName) -> bool {
        let object = &self.objects[name.object()];
        let change = object.change();
        object.prior && !change.importing && (name.was || !change.action.replaces())
    }

    /// Whether two objects are, or may be, parts of different things: a name names one of each.
    pub fn is_apart(&self, one: ObjectId, others: &Self, other: ObjectId) -> bool {
        self.is_somewhere_new(one)
            || others.is_somewhere_new(other)
            || self.selves.is_apart(one, &others.selves, other)
    }

    /// Whether an object is created in something that another block names, and that is not known yet.
    fn is_somewhere_new(&self, id: ObjectId) -> bool {
        let object = &self.objects[id];
        let resource = self.resource(object.block);
        let names = catalog::facts(&self.block(id).kind).identity;
        let is_name = |argument: &[u8]| names.iter().any(|name| name.as_bytes() == argument);
        let tells = |argument: &[u8]| is_whereabouts(argument) && !is_name(argument);
        let references = resource.map_or(&[][..], |resource| &resource.references);
        let mut referring = references.iter().map(|(argument, _)| argument.as_bytes());
        let arguments = resource.and_then(|resource| resource.arguments.as_deref());
        let arguments = arguments.unwrap_or_default().iter();
        let set = arguments.filter(|argument| is_whereabouts(argument.as_bytes()));
        object.action() == Action::Create
            && referring.any(tells)
            && self.selves.parts_of(id).len() < set.count()
    }
}
