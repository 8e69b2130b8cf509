//! Which outputs of another state are read. All of them may get another name on the way, by a local, a variable or an
//! output of a module.

use super::configuration::{ConfigModuleId, Configuration};
use super::references::{REMOTE_STATE, Reference, Target};
use crate::input::address::Mode;
use crate::input::names::Name;
use std::collections::BTreeSet;

/// What is read of the outputs of another state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputsRead {
    /// Those that are referred to by name.
    pub named: BTreeSet<Name>,
    /// Attributes of what is made of all outputs: mostly outputs.
    pub likely: BTreeSet<Name>,
    /// Whether any others may be read in a way that does not tell which.
    pub maybe_others: bool,
}

/// What holds all outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Data(Name),
    Local(Name),
    Variable(Name),
    Output(Name, Name),
}

/// A holder in its module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    module: ConfigModuleId,
    by: Holder,
    /// Whether it is the data source, which has the outputs as an attribute.
    within: bool,
    /// Whether it holds just that, and not something made of it.
    exact: bool,
}

/// Where a reference stands.
#[derive(Debug, Clone, Copy)]
enum Place<'c> {
    Local(&'c Name),
    Input(ConfigModuleId, &'c Name),
    Output(&'c Name),
    Elsewhere,
}

/// What is read of the remote state that a data source of a module is.
pub(super) fn outputs_read(
    configuration: &Configuration,
    module: ConfigModuleId,
    name: &Name,
) -> OutputsRead {
    let mut follower = Follower {
        configuration,
        found: OutputsRead::default(),
        left: Vec::new(),
        seen: BTreeSet::new(),
    };
    follower.push(Held {
        module,
        by: Holder::Data(Name::clone(name)),
        within: true,
        exact: true,
    });
    while let Some(held) = follower.left.pop() {
        follower.follow(&held);
    }
    follower.found
}

struct Follower<'c> {
    configuration: &'c Configuration,
    found: OutputsRead,
    left: Vec<Held>,
    seen: BTreeSet<Held>,
}

impl<'c> Follower<'c> {
    fn push(&mut self, held: Held) {
        if self.seen.insert(held.clone()) {
            self.left.push(held);
        }
    }

    fn follow(&mut self, held: &Held) {
        let Some(module) = self.configuration.modules.get(held.module) else {
            return;
        };
        each(self.configuration, held.module, &mut |place, reference| {
            if is_to(&held.by, &reference.target) {
                self.read(held, place, reference);
            } else if let Target::Local(name) = &reference.target {
                // Only sources tell what a local is.
                self.found.maybe_others |= !module.locals.contains_key(name);
            }
        });
    }

    fn read(&mut self, held: &Held, place: Place<'c>, reference: &Reference) {
        let attribute = reference.attribute.as_deref();
        let output = if held.within {
            match attribute.map(|attribute| attribute.strip_prefix("outputs.")) {
                Some(Some(output)) => Some(output).filter(|output| !output.is_empty()),
                // Its backend, or its workspace.
                Some(None) if attribute != Some("outputs") => return,
                _ => None,
            }
        } else {
            attribute.map(|attribute| attribute.split('.').next().unwrap_or(attribute))
        };
        match output {
            Some(output) if held.exact => self.found.named.insert(output.into()),
            Some(output) => self.found.likely.insert(output.into()),
            None => {
                self.hand_on(held, place, reference);
                return;
            }
        };
    }

    /// All outputs go on to somewhere.
    fn hand_on(&mut self, held: &Held, place: Place<'c>, reference: &Reference) {
        let parent = || self.configuration.modules[held.module].parent;
        let call = || self.configuration.modules[held.module].call.as_ref();
        let to = match place {
            Place::Local(name) => Some((held.module, Holder::Local(Name::clone(name)))),
            Place::Input(child, name) => Some((child, Holder::Variable(Name::clone(name)))),
            Place::Output(name) => parent().zip(call()).map(|(parent, call)| {
                let (call, name) = (Name::clone(&call.name), Name::clone(name));
                (parent, Holder::Output(call, name))
            }),
            Place::Elsewhere => None,
        };
        self.found.maybe_others |= to.is_none() || !reference.alone;
        if let Some((module, by)) = to {
            self.push(Held {
                module,
                by,
                within: held.within && reference.attribute.is_none(),
                exact: held.exact && reference.alone,
            });
        }
    }
}

fn is_to(holder: &Holder, target: &Target) -> bool {
    match (holder, target) {
        (
            Holder::Data(mine),
            Target::Resource {
                mode, kind, name, ..
            },
        ) => *mode == Mode::Data && &**kind == REMOTE_STATE && mine == name,
        (Holder::Local(mine), Target::Local(name))
        | (Holder::Variable(mine), Target::Variable(name)) => mine == name,
        (Holder::Output(mine, name), Target::Output { call, output, .. }) => {
            mine == call && name == output
        }
        _ => false,
    }
}

/// Visits every reference of a module, and those of provider configurations in it.
fn each<'c>(
    configuration: &'c Configuration,
    id: ConfigModuleId,
    visit: &mut impl FnMut(Place<'c>, &'c Reference),
) {
    let module = &configuration.modules[id];
    let mut all = |place, references: &'c [Reference]| {
        references.iter().for_each(|found| visit(place, found));
    };
    for block in module.resources.values() {
        all(Place::Elsewhere, block.repetition.references());
        for (_, reference) in &block.references {
            all(Place::Elsewhere, std::slice::from_ref(reference));
        }
    }
    for (name, output) in &module.outputs {
        all(Place::Output(name), &output.references);
    }
    for (name, references) in &module.locals {
        all(Place::Local(name), references);
    }
    for references in module.variables.values() {
        all(Place::Elsewhere, references);
    }
    for child in module.children.values() {
        let Some(call) = &configuration.modules[*child].call else {
            continue;
        };
        all(Place::Elsewhere, call.repetition.references());
        for (name, references) in &call.inputs {
            all(Place::Input(*child, name), references);
        }
    }
    let around = configuration.module_address(id);
    for provider in configuration.providers.values() {
        if *provider.module == *around {
            all(Place::Elsewhere, &provider.references);
        }
    }
}
