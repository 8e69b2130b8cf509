//! The check of one plan, and what all of them show together.

use crate::config::{self, Config};
use crate::finding::Finding;
use crate::gate::{GraphSize, OwnerChanges, StackReport};
use crate::graph::{self, Graph};
use crate::input::document::Document;
use crate::input::plan::Plan;
use crate::input::source::Sources;
use crate::rules::around::{Around, Ownership};
use crate::safe::safe;
use crate::stacks::One;
use crate::{Request, draw, locate, rules};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a stack was checked from: its plan, and its sources if there are any.
pub(crate) type Origin = (Plan, Option<Arc<Sources>>);

/// A plan that was checked by itself.
pub(crate) struct Checked {
    report: StackReport,
    findings: Vec<Finding>,
    file: PathBuf,
    plan: Plan,
    around: Around,
    sources: Option<Arc<Sources>>,
}

impl Checked {
    /// Checks one plan.
    pub(crate) fn of(one: One, config: &Config, now: Option<i64>, request: &Request) -> Self {
        let One {
            path, file, stack, ..
        } = one;
        let Document {
            plan,
            mut notes,
            sources,
            dot,
        } = one.document;
        let options = config.options(&stack);
        let ownership = config::ownership(config, &stack, &plan, sources.as_deref(), &mut notes);
        let around = around(stack, ownership, sources.as_deref(), request.ci);
        let graph = graph::build(&plan, dot.as_deref());
        let shared = rules::Shared::default();
        let context = rules::Context::new(&plan, &graph, &around, &options, &shared)
            .with_durations(&config.durations)
            .at(now);
        let runs = |rule| config.runs(rule, &around.name, around.environment.as_deref());
        let (mut findings, seen, blind) = rules::check(&context, |meta| runs(meta.id));
        if let Some(sources) = &sources {
            locate::locate(&mut findings, sources);
        }
        notes.extend(seen);
        notes.extend(notes_on(&graph));
        let owners = owners_touched(&context);
        let picture = request.picture.then(|| draw::reached(&plan, &graph));
        let report = StackReport {
            plan: safe(&path),
            terraform_version: plan.terraform_version.as_deref().map(str::to_owned),
            format_version: plan.format_version.as_deref().map(str::to_owned),
            complete: plan.complete,
            errored: plan.errored,
            planned: plan.planned,
            changes: plan.counts.clone(),
            graph: size(&plan, &graph),
            owners,
            notes,
            picture: picture.flatten(),
            directory: file.parent().unwrap_or(Path::new("/")).to_owned(),
            named: around.named,
            name: around.name.clone(),
            environment: around.environment.clone(),
            blind,
        };
        Self {
            report,
            findings,
            file,
            plan,
            around,
            sources,
        }
    }

    fn as_stack(&self) -> rules::Stack<'_> {
        rules::Stack {
            name: &self.report.name,
            file: &self.file,
            directory: &self.report.directory,
            plan: &self.plan,
            around: Some(&self.around),
            sources: self.sources.as_deref(),
        }
    }

    /// What there is to judge, and what it was made from.
    pub(crate) fn judged(self) -> ((StackReport, Vec<Finding>), Origin) {
        ((self.report, self.findings), (self.plan, self.sources))
    }
}

/// Adds what only all stacks together show.
pub(crate) fn together(checked: &mut [Checked], states: &[One], config: &Config) {
    let plans = checked.iter().map(Checked::as_stack);
    let stacks: Vec<_> = plans.chain(states.iter().map(One::as_stack)).collect();
    let (findings, notes) = rules::check_stacks(&stacks, |meta| config.may_run(meta.id));
    for mut finding in findings {
        let mut its = checked.iter_mut();
        if let Some(its) = its.find(|its| its.report.name == finding.stack) {
            if let Some(sources) = &its.sources {
                locate::locate(std::slice::from_mut(&mut finding), sources);
            }
            its.findings.push(finding);
        }
    }
    if let Some(first) = checked.first_mut() {
        first.report.notes.extend(notes);
    }
}

fn around(
    stack: config::Stack,
    ownership: Ownership,
    sources: Option<&Sources>,
    ci: bool,
) -> Around {
    Around {
        ownership,
        name: stack.name,
        named: stack.named,
        environment: stack.environment,
        ci,
        backend: sources.and_then(|sources| sources.backend.clone()),
        uses_workspace: sources.is_some_and(Sources::uses_workspace),
    }
}

fn size(plan: &Plan, graph: &Graph) -> GraphSize {
    let mut sources = Vec::new();
    if !plan.configuration.modules.is_empty() {
        sources.push("configuration");
    }
    if plan
        .objects
        .iter()
        .any(|object| object.dependencies.is_some())
    {
        sources.push("state");
    }
    if graph.fused == Some(true) {
        sources.push("dot");
    }
    if plan.told_by_sources == Some(true) {
        sources.push("source");
    }
    GraphSize {
        objects: plan.objects.len(),
        nodes: graph.node_count(),
        edges: graph.edge_count(),
        sources,
    }
}

fn owners_touched(context: &rules::Context<'_>) -> Vec<OwnerChanges> {
    let mut touched: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, object) in context.plan.managed() {
        if !object.action().changes() {
            continue;
        }
        let (before, after) = (context.owner_before(id), context.owner_of(id));
        for owner in before.into_iter().chain(after.filter(|_| after != before)) {
            *touched.entry(owner).or_default() += 1;
        }
    }
    touched
        .into_iter()
        .map(|(name, changes)| OwnerChanges {
            name: name.to_owned(),
            changes,
        })
        .collect()
}

/// What a graph is known not to know.
pub(crate) fn notes_on(graph: &Graph) -> Vec<String> {
    let mut notes = Vec::new();
    if graph.unfollowed > 0 {
        let references = rules::count(graph.unfollowed, "reference", "references");
        let why = if graph.fused == Some(true) {
            "this graph has nothing of locals but the order they make (--source has more, or terraform graph -type=plan)"
        } else {
            "the plan does not hold locals (--source does, or --graph with terraform graph -type=plan)"
        };
        notes.push(format!(
            "{references} through locals could not be followed: {why}"
        ));
    }
    if graph.fused == Some(false) {
        let note = "the graph was not used: under half of the blocks of this configuration are in it; it is another's, or shows only what is destroyed (terraform graph -type=plan is wanted)";
        notes.push(note.to_owned());
    }
    notes
}
