//! Flags modules that need each other's outputs: no circle of objects yet, but one `depends_on` away from it, and
//! never to be applied, moved or owned apart.

use crate::finding::{Related, Severity};
use crate::graph::kernel::{Csr, Order, small};
use crate::input::names::Name;
use crate::input::plan::call_address;
use crate::input::plan::configuration::{ConfigModule, ConfigModuleId, Configuration};
use crate::input::plan::references::{Reference, Target};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct EntangledModules;

static META: Meta = Meta {
    id: "entangled-modules",
    summary: "Flags modules that need each other's outputs.",
    severity: Severity::Warning,
    family: Family::Coupling,
    options: &[],
    page: include_str!("../../../rules/entangled-modules.md"),
};

/// For each module call, the calls beside it whose outputs it needs, each with the input and the output.
type Needs = BTreeMap<Name, BTreeMap<Name, (Name, Name)>>;

impl Rule for EntangledModules {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let configuration = &context.plan.configuration;
        for (id, module) in configuration.modules.iter().enumerate() {
            if module.children.len() > 1 {
                report(configuration, id, &needs(configuration, module), sink);
            }
        }
    }
}

fn report(configuration: &Configuration, id: ConfigModuleId, needs: &Needs, sink: &mut Sink) {
    let around = configuration.module_address(id);
    let address = |call: &Name| call_address(&around, call);
    for knot in knots(needs) {
        let modules: Vec<_> = knot.iter().map(address).collect();
        let inside = |call: &Name| knot.contains(call);
        let related = knot.iter().flat_map(|call| {
            let needed = needs[call].iter().filter(|(other, _)| inside(other));
            needed.map(|(other, (input, output))| {
                let message = format!("needs {}.{output} for {input}", address(other));
                Related::new(address(call), message)
            })
        });
        let message = match modules.as_slice() {
            [one, other] => format!("{one} and {other} need each other's outputs."),
            many => format!(
                "{} modules need each other's outputs in a circle.",
                many.len()
            ),
        };
        let finding = sink
            .finding(&modules[0], message)
            .members(modules.clone())
            .related(related.collect::<Vec<_>>())
            .fact("modules", modules)
            .fix("Move what both need into a module of its own, or make them one module.");
        sink.report(finding);
    }
}

fn needs(configuration: &Configuration, module: &ConfigModule) -> Needs {
    let mut found = Needs::new();
    for (name, child) in &module.children {
        let needed = found.entry(Name::clone(name)).or_default();
        let Some(call) = &configuration.modules[*child].call else {
            continue;
        };
        for (input, references) in &call.inputs {
            for (other, output) in outputs(module, references) {
                if other != *name {
                    needed.entry(other).or_insert((Name::clone(input), output));
                }
            }
        }
    }
    found
}

/// The outputs of module calls that references lead to, through local values as far as they are known.
fn outputs(module: &ConfigModule, references: &[Reference]) -> Vec<(Name, Name)> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut left: Vec<&Reference> = references.iter().collect();
    while let Some(reference) = left.pop() {
        match &reference.target {
            Target::Output { call, output, .. } => {
                found.push((Name::clone(call), Name::clone(output)));
            }
            Target::Module { call, .. } => found.push((Name::clone(call), "*".into())),
            Target::Local(name) if seen.insert(Name::clone(name)) => {
                left.extend(module.locals.get(name).into_iter().flatten());
            }
            _ => {}
        }
    }
    found
}

/// Sets of calls each of which reaches every other of its set, in the order of their first names.
fn knots(needs: &Needs) -> Vec<BTreeSet<Name>> {
    let names: Vec<&Name> = needs.keys().collect();
    let edges = needs.values().enumerate().flat_map(|(from, needed)| {
        let known = needed.keys().filter_map(|to| names.binary_search(&to).ok());
        known.map(move |to| (from, to))
    });
    let edges: Vec<_> = edges.map(|(from, to)| (small(from), small(to))).collect();
    let order = Order::new(&Csr::new(names.len(), edges.into_iter()));
    let sets = (0..order.len()).map(|component| order.members.of(component));
    let knots = sets.filter(|calls| calls.len() > 1);
    let named = knots.map(|calls| {
        let calls = calls.iter().map(|call| Name::clone(names[*call as usize]));
        calls.collect::<BTreeSet<_>>()
    });
    let mut found: Vec<_> = named.collect();
    found.sort_unstable();
    found
}
