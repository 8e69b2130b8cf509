//! What a plan shows to other stacks and reads of them: outputs, remote states, and what objects are called.

use super::references::{REMOTE_STATE, Reference, Target};
use super::{Action, Configuration, Name, ObjectId, Plan};
use crate::input::address::Mode;
use crate::input::json::parts::{get, members, text_or_none};
use std::collections::{BTreeMap, BTreeSet};

/// A change of an output of the root module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputChange {
    /// The output.
    pub name: Name,
    /// What happens to its value.
    pub action: Action,
}

/// Where a state is kept, as a data source says it: the backend, and its settings that tell one state from another.
/// Settings are compared and never shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatePlace {
    settings: BTreeMap<String, String>,
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
    pub(super) fn of_values(values: &[u8]) -> Self {
        let mut found = Self::default();
        found.add("backend", get(values, "backend").unwrap_or_default());
        found.add("workspace", get(values, "workspace").unwrap_or_default());
        found.add_all("", get(values, "config").unwrap_or_default());
        found
    }

    /// Reads what is literal in the expressions of a data source.
    pub(super) fn of_expressions(expressions: &[u8]) -> Self {
        let constant = |name| {
            let expression = get(expressions, name).unwrap_or_default();
            get(expression, "constant_value").unwrap_or_default()
        };
        let mut found = Self::default();
        found.add("backend", constant("backend"));
        found.add("workspace", constant("workspace"));
        found.add_all("", constant("config"));
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

/// A block that reads the outputs of another state.
#[derive(Debug, Clone)]
pub struct RemoteState {
    /// The address of the block, without keys.
    pub address: String,
    /// The state it reads.
    pub place: StatePlace,
    /// The outputs that are referred to; empty when they are only referred to as a whole.
    pub outputs: BTreeSet<Name>,
}

/// What objects are called, for comparison with those of other stacks of the same run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selves {
    /// Hashes of what names an object for good, and of what names it within its account and region (`false`).
    pub called: Vec<(u64, ObjectId, bool)>,
    /// Hashes of ids that stand in values, who has them, and where.
    pub texts: Vec<(u64, ObjectId, Name)>,
    /// Hashes of the ids of objects.
    pub ids: Vec<(u64, ObjectId)>,
}

impl Plan {
    /// Every block that reads the outputs of another state.
    pub fn remote_states(&self) -> Vec<RemoteState> {
        let mut found = Vec::new();
        for (id, block) in self.blocks.iter().enumerate() {
            if block.mode != Mode::Data || &*block.kind != REMOTE_STATE {
                continue;
            }
            let written = self
                .resource(id)
                .and_then(|data| data.remote_state.as_deref());
            let read = self.states_read.iter().find(|(other, _)| *other == id);
            let place = read.map(|(_, place)| place).or(written);
            let Some(config) = self.modules[block.module].config else {
                continue;
            };
            found.push(RemoteState {
                address: self.config_address(id),
                place: place.cloned().unwrap_or_default(),
                outputs: outputs_read(&self.configuration, config, &block.name),
            });
        }
        found
    }
}

/// The outputs that a module reads of a remote state.
fn outputs_read(configuration: &Configuration, module: usize, name: &str) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut visit = |reference: &Reference| {
        let is_it = matches!(&reference.target, Target::Resource { mode: Mode::Data, kind, name: other, .. }
            if &**kind == REMOTE_STATE && &**other == name);
        let output = reference.attribute.as_deref().filter(|_| is_it);
        if let Some(output) = output.and_then(|path| path.strip_prefix("outputs.")) {
            found.insert(Name::from(output));
        }
    };
    let Some(here) = configuration.modules.get(module) else {
        return found;
    };
    let blocks = here.resources.values();
    let resources = blocks.flat_map(|block| block.references.iter().map(|(_, found)| found));
    let outputs = here.outputs.values().flat_map(|output| &output.references);
    let locals = here.locals.values().flatten();
    let calls = here.children.values();
    let calls = calls.filter_map(|child| configuration.modules[*child].call.as_ref());
    let inputs = calls.flat_map(|call| call.inputs.values().flatten());
    let around = configuration.module_address(module);
    let providers = configuration.providers.values();
    let providers = providers.filter(|provider| *provider.module == *around);
    let providers = providers.flat_map(|provider| &provider.references);
    let all = resources.chain(outputs).chain(locals).chain(inputs);
    all.chain(providers).for_each(&mut visit);
    found.remove("");
    found
}
