//! Flags a state that holds objects of production beside those of another environment.
//!
//! An object's tag for it decides; else what its key, its modules, its provider and its names say, if they agree. A name
//! alone may speak of whom an object serves, so names count where they have a twin: `prod_orders` and `dev_orders`.

use crate::catalog::{self, Holds};
use crate::finding::{Related, Severity};
use crate::input::address::Mode;
use crate::input::environment::Environment::{self, Production};
use crate::input::environment::{Told, in_name, in_tag, without};
use crate::input::plan::configuration::ProviderKey;
use crate::input::plan::{BlockId, Key, ModuleInstance, ObjectId, Plan};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct MixedEnvironments;

static META: Meta = Meta {
    id: "mixed-environments",
    summary: "Flags a state that holds production beside another environment.",
    severity: Severity::Warning,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/mixed-environments.md"),
};

/// Parts of types of objects that one environment has for the sake of another, or that manage all of them.
const SERVING: [&str; 40] = [
    "_access_",
    "_ecr_",
    "_iam_",
    "_kms_grant",
    "_organizations_",
    "_permission",
    "_policy",
    "_ram_",
    "_role_",
    "_route",
    "_ssoadmin_",
    "_transit_gateway",
    "alarm",
    "artifact_registry",
    "azuread_",
    "certificate",
    "cloudflare_",
    "container_registry",
    "dashboard",
    "datadog_",
    "dns_",
    "github_",
    "gitlab_",
    "google_folder",
    "google_project",
    "grafana_",
    "identitystore",
    "management_group",
    "monitor",
    "okta_",
    "organization",
    "pagerduty_",
    "peering",
    "record",
    "route53",
    "security_group_rule",
    "subscription",
    "tfe_",
    "vault_",
    "vpn",
];

/// What an object's environment was told by, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Tag,
    Key,
    Provider,
    Module,
    Name,
}

impl By {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Tag => "its tag",
            Self::Key => "its key",
            Self::Provider => "its provider",
            Self::Module => "its module",
            Self::Name => "its name",
        }
    }
}

/// The environment of one object.
struct Found {
    id: ObjectId,
    environment: Environment,
    by: By,
    /// Whether its name in the configuration and that of the real object say the same.
    twice: bool,
    /// What it would share with the same thing of another environment.
    twins: Vec<Twin>,
    /// What the key that told says beside: `eu` of `prod-eu`.
    beside: Option<String>,
}

/// The kind of a thing, and its name without its environment.
type Twin = (String, String);

impl Rule for MixedEnvironments {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let own = match context.around.environment.as_deref().map(in_tag) {
            Some(Told::One(environment)) => Some(environment),
            // An environment that is none of these is one for all of them.
            Some(_) => return,
            None => None,
        };
        let found = found(context.plan);
        let sure = sure(&found);
        let mut present: BTreeMap<Environment, usize> = BTreeMap::new();
        for environment in found
            .iter()
            .map(|found| found.environment)
            .filter(|one| sure.contains(one))
        {
            *present.entry(environment).or_default() += 1;
        }
        present.extend(
            own.filter(|own| !present.contains_key(own))
                .map(|own| (own, 0)),
        );
        if present.len() < 2 || !present.contains_key(&Production) {
            return;
        }
        let most = present
            .iter()
            .max_by_key(|(environment, objects)| (**objects, **environment == Production));
        let main = own
            .or(most.map(|(environment, _)| *environment))
            .unwrap_or(Production);
        report(context, sink, &found, (main, &present));
    }
}

fn report(
    context: &Context<'_>,
    sink: &mut Sink,
    found: &[Found],
    (main, present): (Environment, &BTreeMap<Environment, usize>),
) {
    let plan = context.plan;
    let others = found
        .iter()
        .filter(|found| found.environment != main && present.contains_key(&found.environment));
    let named: Vec<_> = present
        .iter()
        .filter(|(environment, _)| **environment != main)
        .map(|(environment, objects)| {
            format!(
                "{} of {}",
                count(*objects, "object", "objects"),
                environment.word()
            )
        })
        .collect();
    let message = format!(
        "The state of {} holds {}.",
        main.word(),
        named.join(" and ")
    );
    let example = |environment: &Environment| {
        let first = found
            .iter()
            .filter(|found| found.environment == *environment)
            .min_by_key(|found| found.by)?;
        let why = format!("is of {} by {}", environment.word(), first.by.phrase());
        Some(Related::new(plan.address(first.id), why))
    };
    let counts: serde_json::Map<_, _> = present
        .iter()
        .map(|(environment, objects)| (environment.word().to_owned(), (*objects).into()))
        .collect();
    let finding = sink
        .finding(context.stack(), message)
        .members(others.map(|found| plan.address(found.id)).collect())
        .fact("environment", main.word())
        .fact("environments", counts)
        .related(present.keys().filter_map(example).collect::<Vec<_>>())
        .fix("Give each environment a state of its own. A stack that serves them all says so in tfguard.toml: environment = \"shared\".");
    sink.report(finding);
}

/// The objects that stay and whose environment is told.
fn found(plan: &Plan) -> Vec<Found> {
    let modules = modules(plan);
    let managed = |id: &BlockId| plan.blocks[*id].mode == Mode::Managed;
    let blocks = (0..plan.blocks.len()).filter(managed);
    let mut counted: HashMap<&str, bool> = HashMap::default();
    let found = blocks.flat_map(|block| {
        let tells = tells(plan, block, &modules);
        let objects = plan.blocks[block].objects.iter();
        let stays = objects.filter(|id| !plan.objects[**id].action().removes());
        let found: Vec<_> = stays
            .filter_map(|id| environment_of(plan, *id, &tells))
            .collect();
        let kind = &*plan.blocks[block].kind;
        let counts = !found.is_empty() && *counted.entry(kind).or_insert_with(|| counts(kind));
        found.into_iter().filter(move |_| counts)
    });
    by_full_keys(found.collect())
}

/// Leaves out what was told by keys that say much beside, unless the same is said with another environment: `test-bench` is
/// no environment, `test-orders` is one where there is `prod-orders`.
fn by_full_keys(found: Vec<Found>) -> Vec<Found> {
    let mut said: BTreeMap<&str, BTreeSet<Environment>> = BTreeMap::new();
    for found in &found {
        if let Some(beside) = &found.beside {
            said.entry(beside).or_default().insert(found.environment);
        }
    }
    let is_twin = |beside: &str| is_place(beside) || said[beside].len() > 1;
    let kept: Vec<_> = found
        .iter()
        .map(|found| found.beside.as_deref().is_none_or(is_twin))
        .collect();
    let kept = found.into_iter().zip(kept).filter(|(_, kept)| *kept);
    kept.map(|(found, _)| found).collect()
}

/// Whether the words are none but numbers, and what may be short for a place: `eu-west-1`, `a`.
fn is_place(words: &str) -> bool {
    let directions = ["central", "east", "north", "south", "west"];
    let mut words = words.split('-');
    words.all(|word| {
        word.len() <= 3
            || word.ends_with(|c: char| c.is_ascii_digit())
            || directions.contains(&word)
    })
}

fn counts(kind: &str) -> bool {
    catalog::facts(kind).holds != Holds::Nothing && !SERVING.iter().any(|part| kind.contains(part))
}

/// What a module instance tells of what is in it.
struct OfModule {
    key: Told,
    name: Told,
}

impl OfModule {
    fn new(module: &ModuleInstance) -> Self {
        Self {
            key: key(module.key.as_ref()),
            name: in_name(&module.call),
        }
    }
}

/// What all module instances tell. Where a tag in one says something else, its key or name is that of another thing: a lake
/// has a sandbox.
fn modules(plan: &Plan) -> Vec<OfModule> {
    let mut modules: Vec<_> = plan.modules.iter().map(OfModule::new).collect();
    for object in &plan.objects {
        let Told::One(tagged) = object.called.tag else {
            continue;
        };
        for module in plan.enclosing(plan.blocks[object.block].module) {
            let OfModule { key, name } = &mut modules[module];
            for told in [key, name] {
                if *told != Told::One(tagged) {
                    *told = Told::Nothing;
                }
            }
        }
    }
    modules
}

/// What is told of all objects of a block, the surest first.
fn tells(plan: &Plan, id: BlockId, modules: &[OfModule]) -> Vec<(By, Told)> {
    let block = &plan.blocks[id];
    let around = || plan.enclosing(block.module).map(|id| &modules[id]);
    let provider = plan
        .resource(id)
        .map_or("", |resource| ProviderKey::of(&resource.provider).alias);
    let tells = around()
        .map(|module| (By::Key, module.key))
        .chain([(By::Provider, in_name(provider))])
        .chain(around().map(|module| (By::Module, module.name)))
        .chain([(By::Name, in_name(&block.name))]);
    tells.filter(|(_, told)| *told != Told::Nothing).collect()
}

fn environment_of(plan: &Plan, id: ObjectId, of_block: &[(By, Told)]) -> Option<Found> {
    let object = &plan.objects[id];
    let found = |environment, by| Found {
        id,
        environment,
        by,
        twice: in_name(&plan.block(id).name) == object.called.name,
        twins: twins(plan, id),
        beside: (by == By::Key).then(|| beside(plan, id)).flatten(),
    };
    match object.called.tag {
        Told::One(environment) => return Some(found(environment, By::Tag)),
        Told::Several => return None,
        Told::Nothing => {}
    }
    let own = [(By::Key, key(object.key.as_ref()))];
    let name = [(By::Name, object.called.name)];
    let tells = own.iter().chain(of_block).chain(&name);
    let mut tells = tells.filter(|(_, told)| *told != Told::Nothing);
    let (by, first) = tells.next()?;
    let agree = tells.all(|(_, told)| told == first);
    match first {
        Told::One(environment) if agree => Some(found(*environment, *by)),
        _ => None,
    }
}

/// What the first key that tells an environment says beside.
fn beside(plan: &Plan, id: ObjectId) -> Option<String> {
    let around = plan.enclosing(plan.block(id).module);
    let around = around.map(|module| plan.modules[module].key.as_ref());
    let mut keys = std::iter::once(plan.objects[id].key.as_ref()).chain(around);
    keys.find_map(|one| match one {
        Some(Key::Text(text)) if in_name(text) != Told::Nothing => Some(without(text)),
        _ => None,
    })
}

/// What an object has in common with the same of another environment: by its names, and those of its modules.
fn twins(plan: &Plan, id: ObjectId) -> Vec<Twin> {
    let (called, block) = (plan.objects[id].called, plan.block(id));
    let mut twins = Vec::new();
    if called.twin != 0 {
        twins.push((block.kind.to_string(), format!("#{}", called.twin)));
    }
    let mut add = |kind: &str, name: &str| {
        if in_name(name) != Told::Nothing {
            twins.push((kind.to_owned(), without(name)));
        }
    };
    add(&block.kind, &block.name);
    for module in plan.enclosing(block.module) {
        add("module", &plan.modules[module].call);
    }
    twins
}

fn key(key: Option<&Key>) -> Told {
    match key {
        Some(Key::Text(text)) => in_name(text),
        _ => Told::Nothing,
    }
}

/// The environments that are there for sure: of some object by more than a name, or by a name that has a twin, or of two
/// objects by both of their names.
fn sure(found: &[Found]) -> BTreeSet<Environment> {
    let mut twins: BTreeMap<&Twin, BTreeSet<Environment>> = BTreeMap::new();
    let mut named: BTreeMap<Environment, usize> = BTreeMap::new();
    for found in found {
        for twin in &found.twins {
            twins.entry(twin).or_default().insert(found.environment);
        }
        *named.entry(found.environment).or_default() += usize::from(found.twice);
    }
    let has_twin = |found: &Found| found.twins.iter().any(|twin| twins[twin].len() > 1);
    let sure = found
        .iter()
        .filter(|found| found.by < By::Module || named[&found.environment] > 1 || has_twin(found));
    sure.map(|found| found.environment).collect()
}

#[cfg(test)]
mod tests {
    use super::is_place;

    #[test]
    fn what_may_be_a_region_or_a_number_is_no_name_of_a_thing() {
        for place in ["", "eu", "eu-west-1", "euw1", "2", "a"] {
            assert!(is_place(place), "{place}");
        }
        assert!(!is_place("line-a"));
    }
}
