//! Which outputs of another state are read. All of them may get another name on the way, by a local, a variable or an
//! output of a module.

use super::Key;
use super::configuration::{ConfigModuleId, Configuration};
use super::references::{REMOTE_STATE, Reference, Target};
use crate::input::address::Mode;
use crate::input::names::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What is read of the outputs of another state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputsRead {
    /// Those that are referred to by name.
    pub named: BTreeSet<Name>,
    /// Attributes of what is made of all outputs: mostly outputs.
    pub likely: BTreeSet<Name>,
    /// Those that are read in a `try` or a `can`, maybe beside others.
    pub guarded: BTreeSet<Name>,
    /// What is taken of each: attributes or keys, or nothing where it is the whole value.
    pub taken: BTreeMap<Name, BTreeSet<Option<Name>>>,
    /// Whether any others may be read in a way that does not tell which.
    pub maybe_others: bool,
}

/// What holds all outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    /// A data source, or its instance of a key.
    Data(Name, Option<Key>),
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

/// What is read of the remote state that a data source of a module is, or its instance of a key.
pub(super) fn outputs_read(
    configuration: &Configuration,
    module: ConfigModuleId,
    (name, key): (&Name, Option<&Key>),
) -> OutputsRead {
    let mut follower = Follower {
        configuration,
        found: OutputsRead::default(),
        left: Vec::new(),
        seen: BTreeSet::new(),
    };
    follower.push(Held {
        module,
        by: Holder::Data(Name::clone(name), key.cloned()),
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
                // `this[each.key]` may be any of several instances.
                let exact = held.exact && !is_any(&held.by, &reference.target);
                let held = Held {
                    exact,
                    ..held.clone()
                };
                self.read(&held, place, reference);
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
        let Some(output) = output else {
            return self.hand_on(held, place, reference);
        };
        let names = if reference.guarded {
            &mut self.found.guarded
        } else if held.exact {
            &mut self.found.named
        } else {
            &mut self.found.likely
        };
        let (output, part) = match output.split_once('.') {
            Some((output, part)) => (Name::from(output), Some(Name::from(part))),
            None => (Name::from(output), None),
        };
        let taken = self.found.taken.entry(Name::clone(&output));
        taken.or_default().insert(part);
        names.insert(output);
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
            Holder::Data(mine, instance),
            Target::Resource {
                mode,
                kind,
                name,
                key,
            },
        ) => {
            let is_block = *mode == Mode::Data && &**kind == REMOTE_STATE && mine == name;
            let own = instance.as_ref().zip(key.as_deref());
            is_block && own.is_none_or(|(instance, key)| instance == key)
        }
        (Holder::Local(mine), Target::Local(name))
        | (Holder::Variable(mine), Target::Variable(name)) => mine == name,
        (Holder::Output(mine, name), Target::Output { call, output, .. }) => {
            mine == call && name == output
        }
        _ => false,
    }
}

/// Whether a reference to one instance of a data source does not say which.
fn is_any(holder: &Holder, target: &Target) -> bool {
    matches!(
        (holder, target),
        (Holder::Data(_, Some(_)), Target::Resource { key: None, .. })
    )
}

/// Visits every reference of a module, and those of provider configurations in it.
fn each<'c>(
    configuration: &'c Configuration,
    id: ConfigModuleId,
    visit: &mut impl FnMut(Place<'c>, &'c Reference),
) {
    let module = &configuration.modules[id];
    let mut all = |place, references: &'c [Reference]| {
        for found in references {
            visit(place, found);
        }
    };
    for block in module.resources.values() {
        all(Place::Elsewhere, block.repetition.references());
        for (_, reference) in &*block.references {
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

#[cfg(test)]
mod tests {
    use super::OutputsRead;
    use crate::input::names::Names;
    use crate::input::plan::Plan;
    use crate::input::source::{Sources, configuration};
    use std::fs;

    /// What the sources read of a remote state that the root module has as `data.terraform_remote_state.net`.
    fn read(files: &[(&str, &str)]) -> OutputsRead {
        let top = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = top.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        let sources = Sources::of_directory(top.path()).expect("sources");
        let plan = Plan::of_sources(configuration(&sources, &mut Names::default()));
        plan.remote_states().remove(0).outputs
    }

    fn of_root(text: &str) -> OutputsRead {
        read(&[(
            "main.tf",
            &format!("data \"terraform_remote_state\" \"net\" {{\n}}\n{text}"),
        )])
    }

    fn shown(read: &OutputsRead) -> String {
        let join = |names: &std::collections::BTreeSet<crate::input::names::Name>| {
            names
                .iter()
                .map(|name| &**name)
                .collect::<Vec<_>>()
                .join(",")
        };
        let more = if read.maybe_others { " more" } else { "" };
        let guarded = join(&read.guarded);
        let mark = if guarded.is_empty() { "" } else { "?" };
        format!(
            "{}|{}{mark}{guarded}{more}",
            join(&read.named),
            join(&read.likely)
        )
    }

    #[test]
    fn outputs_are_followed_through_locals_as_far_as_they_go() {
        let state = "data.terraform_remote_state.net";
        let table = [
            (format!("locals {{\n a = {state}.outputs.vpc\n}}"), "vpc|"),
            (
                format!("locals {{\n a = {state}.outputs[\"vpc\"]\n}}"),
                "vpc|",
            ),
            (
                format!("locals {{\n a = {state}.outputs\n b = local.a\n c = local.b.vpc\n}}"),
                "vpc|",
            ),
            (
                format!("locals {{\n a = {state}\n b = \"x-${{local.a.outputs.vpc}}\"\n}}"),
                "vpc|",
            ),
            (
                format!("locals {{\n a = merge({state}.outputs, {{}})\n b = local.a.vpc\n}}"),
                "|vpc more",
            ),
            (
                format!("locals {{\n a = {state}.outputs[var.k]\n b = local.a.id\n}}"),
                "|id more",
            ),
            (
                format!("output \"a\" {{\n value = {state}.outputs\n}}"),
                "| more",
            ),
            (format!("locals {{\n a = {state}.backend\n}}"), "|"),
            (
                format!("resource \"a_b\" \"c\" {{\n for_each = {state}.outputs.all\n}}"),
                "all|",
            ),
            (
                format!(
                    "locals {{\n a = try({state}.outputs.new, {state}.outputs.old)\n b = {state}.outputs.new\n}}"
                ),
                "new|?new,old",
            ),
            (
                format!("locals {{\n a = try({state}.outputs.vpc)\n}}"),
                "vpc|",
            ),
        ];
        for (text, want) in table {
            assert_eq!(shown(&of_root(&text)), want, "{text}");
        }
    }

    #[test]
    fn outputs_are_followed_into_modules_and_out_of_them() {
        let inside = "data \"terraform_remote_state\" \"net\" {\n}\noutput \"all\" {\n value = data.terraform_remote_state.net.outputs\n}\n";
        let leaf = "variable \"net\" {\n}\nlocals {\n a = var.net.zone\n}\n";
        let root = "module \"state\" {\n source = \"./state\"\n}\nmodule \"leaf\" {\n source = \"./leaf\"\n net = module.state.all\n}\nlocals {\n a = module.state.all.vpc\n}\n";
        let found = read(&[
            ("main.tf", root),
            ("state/main.tf", inside),
            ("leaf/main.tf", leaf),
        ]);
        assert_eq!(shown(&found), "vpc,zone|");
    }
}
