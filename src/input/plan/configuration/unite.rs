//! Unites what the plan says of its configuration with what the sources say.
//!
//! The plan is the authority on what there is; the sources add what it lacks: locals, dynamic blocks,
//! lifecycle, conditions, validations, imports.

use super::{ConfigModule, Configuration, Entry, Output, Repetition, Resource};
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::references::{Reference, Tellers};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Configuration {
    /// Whether sources belong to this configuration: half of the root module's blocks and calls are in them.
    pub fn is_told_by(&self, sources: &Self) -> bool {
        let (Some(mine), Some(theirs)) = (self.modules.first(), sources.modules.first()) else {
            return false;
        };
        let blocks = mine
            .resources
            .keys()
            .filter(|key| theirs.resources.contains_key(*key))
            .count();
        let calls = mine
            .children
            .keys()
            .filter(|name| theirs.children.contains_key(*name))
            .count();
        let all = mine.resources.len() + mine.children.len();
        if all == 0 {
            // Nothing to know it by: only sources of nothing are those of nothing.
            return theirs.resources.is_empty() && theirs.children.is_empty();
        }
        2 * (blocks + calls) >= all
    }

    /// Takes in the blocks that only Terraform's printed graph names.
    pub fn unite_blocks(&mut self, told: &Self) {
        let mut left = vec![(0, 0)];
        while let Some((mine, theirs)) = left.pop() {
            let (Some(module), Some(told)) = (self.modules.get_mut(mine), told.modules.get(theirs))
            else {
                continue;
            };
            add_ephemeral(module, told);
            let same = |(name, id): (&Name, &usize)| Some((*id, *told.children.get(name)?));
            left.extend(module.children.iter().filter_map(same));
        }
    }

    /// Takes in what sources say of the modules both know.
    pub fn unite(&mut self, sources: &Self) {
        let mut left = vec![(0, 0)];
        while let Some((mine, theirs)) = left.pop() {
            let (Some(module), Some(told)) =
                (self.modules.get_mut(mine), sources.modules.get(theirs))
            else {
                continue;
            };
            unite_module(module, told);
            let same = |(name, id): (&Name, &usize)| Some((*id, *told.children.get(name)?));
            left.extend(module.children.iter().filter_map(same));
        }
    }

    /// A configuration that only sources tell of.
    #[must_use]
    pub fn from_sources(mut self) -> Self {
        self.each_reference(&mut |reference| reference.told_by = Tellers::SOURCE);
        self
    }
}

fn unite_module(module: &mut ConfigModule, told: &ConfigModule) {
    add_ephemeral(module, told);
    module.removed.clone_from(&told.removed);
    module.moved.clone_from(&told.moved);
    for (name, references) in &told.locals {
        module
            .locals
            .insert(Name::clone(name), from_source(references));
    }
    for (name, references) in &told.variables {
        module
            .variables
            .insert(Name::clone(name), from_source(references));
    }
    for (key, resource) in &mut module.resources {
        if let Some(told) = told.resources.get(key) {
            unite_arguments(&mut resource.references, &told.references);
            unite_repetition(&mut resource.repetition, &told.repetition);
            unite_entries(&mut resource.depends_on, &told.depends_on);
            match (&mut resource.arguments, &told.arguments) {
                (Some(names), Some(told)) => unite_names(names, told),
                (Some(_), None) => {}
                (nothing, told) => nothing.clone_from(told),
            }
        }
    }
    for (name, output) in &mut module.outputs {
        if let Some(told) = told.outputs.get(name) {
            unite_output(output, told);
        }
    }
    if let (Some(call), Some(told)) = (&mut module.call, &told.call) {
        unite_inputs(&mut call.inputs, &told.inputs);
        unite_repetition(&mut call.repetition, &told.repetition);
        unite_entries(&mut call.depends_on, &told.depends_on);
    }
}

fn unite_names(names: &mut Arc<[Name]>, told: &[Name]) {
    if told.iter().all(|name| names.contains(name)) {
        return;
    }
    let mut all: Vec<_> = names.iter().chain(told).cloned().collect();
    all.sort_unstable();
    all.dedup();
    *names = all.into();
}

/// Terraform leaves ephemeral resources out of plans.
fn add_ephemeral(module: &mut ConfigModule, told: &ConfigModule) {
    let ephemeral = told
        .resources
        .iter()
        .filter(|((mode, ..), _)| *mode == Mode::Ephemeral);
    for (key, resource) in ephemeral {
        module.resources.entry(key.clone()).or_insert_with(|| {
            Box::new(Resource {
                references: [].into(),
                ..Resource::clone(resource)
            })
        });
    }
}

fn from_source(references: &[Reference]) -> Vec<Reference> {
    let told = |reference: &Reference| Reference {
        told_by: Tellers::SOURCE,
        ..reference.clone()
    };
    references.iter().map(told).collect()
}

/// Adds the references that are new, and remembers of the others that the sources have them, too.
fn unite_references(mine: &mut Vec<Reference>, told: &[Reference]) {
    let more = mine
        .iter_mut()
        .flat_map(|mine| sharpen(mine, told.iter()))
        .collect::<Vec<_>>();
    mine.extend(more);
    for reference in told {
        match mine.iter_mut().find(|mine| mine.target == reference.target) {
            Some(mine) => {
                mine.told_by = mine.told_by.with(Tellers::SOURCE);
                mine.alone = reference.alone;
            }
            None => mine.extend(from_source(std::slice::from_ref(reference))),
        }
    }
    for mine in mine {
        guard(mine, told.iter());
    }
}

/// Gives a reference that ends at an index the attribute that the sources have behind it. Of `m[each.value].a` and
/// `m[each.value].b` Terraform tells alike: the others are returned.
fn sharpen<'r>(mine: &mut Reference, told: impl Iterator<Item = &'r Reference>) -> Vec<Reference> {
    if !mine.ends_at_index() {
        return Vec::new();
    }
    let same = told.filter(|told| told.target == mine.target);
    let attributes: Option<BTreeSet<_>> = same.map(|told| told.attribute.as_ref()).collect();
    let mut attributes = attributes.unwrap_or_default().into_iter();
    mine.attribute = attributes.next().cloned();
    let of = |attribute: &Name| Reference {
        attribute: Some(Name::clone(attribute)),
        ..mine.clone()
    };
    attributes.map(of).collect()
}

/// What stands in a `try` wherever the sources have it does so.
fn guard<'r>(mine: &mut Reference, told: impl Iterator<Item = &'r Reference>) {
    let is_it = |told: &&Reference| told.target == mine.target && told.attribute == mine.attribute;
    let mut same = told.filter(is_it).peekable();
    mine.guarded = same.peek().is_some() && same.all(|told| told.guarded);
}

fn unite_arguments(shared: &mut Arc<[(Name, Reference)]>, told: &[(Name, Reference)]) {
    let mut mine = shared.to_vec();
    let more = mine.iter_mut().flat_map(|(argument, mine)| {
        let own = told.iter().filter(|(name, _)| name == argument);
        let more = sharpen(mine, own.map(|(_, told)| told));
        let argument = Name::clone(argument);
        more.into_iter()
            .map(move |more| (Name::clone(&argument), more))
    });
    let more: Vec<_> = more.collect();
    mine.extend(more);
    for (argument, reference) in told {
        let same = |(name, mine): &&mut (Name, Reference)| {
            name == argument && mine.target == reference.target
        };
        if let Some((_, mine)) = mine.iter_mut().find(same) {
            mine.told_by = mine.told_by.with(Tellers::SOURCE);
        } else {
            let told = Reference {
                told_by: Tellers::SOURCE,
                ..reference.clone()
            };
            mine.push((Name::clone(argument), told));
        }
    }
    for (argument, mine) in &mut mine {
        let own = told.iter().filter(|(name, _)| name == argument);
        guard(mine, own.map(|(_, told)| told));
    }
    *shared = mine.into();
}

fn unite_repetition(mine: &mut Repetition, told: &Repetition) {
    if let (Repetition::Count(mine), Repetition::Count(told))
    | (Repetition::ForEach(mine), Repetition::ForEach(told)) = (&mut *mine, told)
    {
        unite_references(mine, told);
    } else if let Repetition::None = mine {
        // The plan shows nothing of `count = length(local.x)` but an empty expression.
        let mut told = told.clone();
        told.references_mut()
            .iter_mut()
            .for_each(|reference| reference.told_by = Tellers::SOURCE);
        *mine = told;
    }
}

fn unite_entries(mine: &mut [Entry], told: &[Entry]) {
    for entry in mine {
        if let Some(reference) = &mut entry.reference
            && told.iter().any(|told| told.text == entry.text)
        {
            reference.told_by = reference.told_by.with(Tellers::SOURCE);
        }
    }
}

fn unite_output(mine: &mut Output, told: &Output) {
    unite_references(&mut mine.references, &told.references);
    unite_entries(&mut mine.depends_on, &told.depends_on);
}

fn unite_inputs(mine: &mut BTreeMap<Name, Vec<Reference>>, told: &BTreeMap<Name, Vec<Reference>>) {
    for (name, references) in told {
        unite_references(mine.entry(Name::clone(name)).or_default(), references);
    }
}

#[cfg(test)]
mod tests {
    use super::Configuration;
    use crate::input::address::Mode;
    use crate::input::names::Names;
    use crate::input::plan::configuration::{ConfigModule, Repetition, Resource};
    use crate::input::plan::references::{Tellers, single};
    use std::sync::Arc;

    fn configuration(references: &[(&str, &str)], names: &mut Names) -> Configuration {
        let mut module = ConfigModule::default();
        let references = references.iter().map(|(argument, text)| {
            (
                names.intern(argument),
                single(text, names).expect("a reference"),
            )
        });
        let resource = Resource {
            provider: "x".into(),
            references: references.collect(),
            repetition: Repetition::None,
            depends_on: Vec::new(),
            arguments: Some([].into()),
            literals: Vec::new(),
            criteria: Vec::new(),
            written: Vec::new(),
            remote_state: None,
        };
        module.resources.insert(
            (Mode::Managed, names.intern("x_y"), names.intern("a")),
            Box::new(resource),
        );
        Configuration {
            modules: vec![module],
            ..Configuration::default()
        }
    }

    #[test]
    fn sources_add_what_the_plan_lacks_and_confirm_the_rest() {
        let mut names = Names::default();
        let mut plan = configuration(&[("v", "var.one")], &mut names);
        let sources = configuration(&[("v", "var.one"), ("rule", "local.two")], &mut names);
        assert!(plan.is_told_by(&sources));
        plan.unite(&sources);
        let resource = plan.modules[0].resources.values().next().expect("one");
        let told: Vec<_> = resource
            .references
            .iter()
            .map(|(name, r)| (&**name, r.told_by))
            .collect();
        assert_eq!(
            told,
            [
                ("v", Tellers::PLAN.with(Tellers::SOURCE)),
                ("rule", Tellers::SOURCE)
            ]
        );
    }

    #[test]
    fn sources_tell_what_stands_behind_an_index() {
        let mut names = Names::default();
        let mut plan = configuration(&[("v", "module.m"), ("w", "module.m")], &mut names);
        let mut sources = configuration(
            &[
                ("v", "module.m"),
                ("v", "module.m"),
                ("w", "module.m"),
                ("w", "module.m"),
            ],
            &mut names,
        );
        let behind = [Some("id"), Some("arn"), Some("id"), None];
        for resource in sources.modules[0].resources.values_mut() {
            let references = Arc::make_mut(&mut resource.references);
            for ((_, reference), behind) in references.iter_mut().zip(behind) {
                reference.attribute = behind.map(Into::into);
            }
        }
        plan.unite(&sources);
        let resource = plan.modules[0].resources.values().next().expect("one");
        let shown = resource.references.iter();
        let shown: Vec<_> = shown
            .map(|(name, reference)| (&**name, reference.attribute.as_deref()))
            .collect();
        // The whole module is handed over in `w`, whatever else is.
        assert_eq!(shown, [("v", Some("arn")), ("w", None), ("v", Some("id"))]);
    }

    #[test]
    fn sources_of_another_configuration_are_told_apart() {
        let mut names = Names::default();
        let plan = configuration(&[], &mut names);
        let other = Configuration {
            modules: vec![ConfigModule::default()],
            ..Configuration::default()
        };
        assert!(!plan.is_told_by(&other));
        let nothing = Configuration {
            modules: vec![ConfigModule::default()],
            ..Configuration::default()
        };
        assert!(!nothing.is_told_by(&plan) && nothing.is_told_by(&other));
    }
}
