//! Flags `depends_on` entries that change nothing. Keeps quiet where taking the entry away changes when a
//! data source is read, and where a local hides what the entry means.

use super::entries::Use;
use crate::finding::{Finding, Place, Severity};
use crate::graph::{Node, NodeId};
use crate::input::address::Mode;
use crate::input::plan::inside;
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct RedundantDependsOn;

static META: Meta = Meta {
    id: "redundant-depends-on",
    summary: "Flags depends_on entries that change nothing.",
    severity: Severity::Note,
    family: Family::Coupling,
    options: &[],
    page: include_str!("../../../rules/redundant-depends-on.md"),
};

impl Rule for RedundantDependsOn {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        if context.plan.destroys_all() {
            return;
        }
        // Two entries that mean the same are not both to be deleted: none is proved by one that is deleted already.
        let mut deleted: Vec<&Use<'_>> = Vec::new();
        let mut written: BTreeMap<Written<'_>, Calls> = BTreeMap::new();
        for (nth, entry) in context.depends_on_entries().iter().enumerate() {
            deleted.retain(|other| other.address == entry.address);
            let finding = repeated(entry, sink)
                .or_else(|| useless(context, entry, sink))
                .or_else(|| enforced(context, entry, &deleted, sink));
            // Of a repeated entry the first one stays.
            deleted.extend((finding.is_some() && !entry.repeated).then_some(entry));
            let calls = written.entry(place(context, entry)).or_default();
            calls.all += 1;
            calls.flagged += usize::from(finding.is_some());
            let first = &mut calls.first;
            *first = first.take().or(finding.map(|finding| (nth, finding)));
        }
        let mut found: Vec<_> = written.into_values().filter_map(Calls::told).collect();
        found.sort_by_key(|(nth, _)| *nth);
        for (_, finding) in found {
            sink.report(finding);
        }
    }
}

/// An entry as it is written: where the module is, who carries it there, the text, and whether it stood in the list before.
type Written<'a> = (String, String, &'a str, bool);

fn place<'a>(context: &Context<'a>, entry: &'a Use<'a>) -> Written<'a> {
    let configuration = &context.plan.configuration;
    let around = configuration.module_address(entry.module);
    let carrier = inside(&around, &entry.address).unwrap_or(&entry.address);
    let written = configuration.written_in(entry.module);
    (
        written,
        carrier.to_owned(),
        &entry.entry.text,
        entry.repeated,
    )
}

/// The calls of the module that an entry is written in.
#[derive(Default)]
struct Calls {
    all: usize,
    flagged: usize,
    /// The finding of the first that has one, with its place among all.
    first: Option<(usize, Finding)>,
}

impl Calls {
    /// The finding on an entry; none when a call needs it: who deletes it there deletes it everywhere.
    fn told(self) -> Option<(usize, Finding)> {
        let (nth, mut finding) = self.first.filter(|_| self.flagged == self.all)?;
        if self.all > 1 {
            let others = count(self.all - 1, "other call", "other calls");
            finding.message = format!("{} So it is in {others} of the module.", finding.message);
            finding = finding.fact("calls", self.all);
        }
        Some((nth, finding))
    }
}

fn about(entry: &Use<'_>, sink: &Sink, message: String, reason: &'static str) -> Finding {
    let mut finding = sink
        .finding(&entry.address, message)
        .fact("target", entry.target.clone())
        .fact("reason", reason)
        .fix(format!("Delete {} from depends_on.", entry.entry.text));
    finding.discriminator = format!("{} {reason}", entry.target);
    finding.place = Place::Entry((*entry.entry.text).into());
    finding
}

fn repeated(entry: &Use<'_>, sink: &Sink) -> Option<Finding> {
    let message = format!("depends_on names {} twice.", entry.entry.text);
    entry
        .repeated
        .then(|| about(entry, sink, message, "repeated"))
}

/// An entry behind which there is nothing to create, change or destroy.
fn useless(context: &Context<'_>, entry: &Use<'_>, sink: &Sink) -> Option<Finding> {
    if !entry.is_idle(context.plan, context.graph) {
        return None;
    }
    let message = format!(
        "depends_on names {}, behind which there is nothing to wait for.",
        entry.entry.text
    );
    Some(about(entry, sink, message, "no_effect"))
}

/// An entry whose order references enforce already.
fn enforced(
    context: &Context<'_>,
    entry: &Use<'_>,
    deleted: &[&Use<'_>],
    sink: &Sink,
) -> Option<Finding> {
    let (plan, graph) = (context.plan, context.graph);
    if reads_data(context, entry) && !entry.is_referred(plan, graph) {
        // A data source with depends_on is read late whenever the target changes: the entry does that much.
        return None;
    }
    let awaited = entry.awaited(graph);
    // All together first: it is one search, and mostly says no.
    if awaited.is_empty() || !entry.extra(graph, &awaited).is_empty() {
        return None;
    }
    let mut path = Vec::new();
    for (awaited, waiting) in entry.by_awaited(graph) {
        for from in waiting {
            let reach = entry.soundly((plan, graph), &[from], deleted);
            if !awaited.iter().all(|node| reach.contains(*node)) {
                return None;
            }
            if let Some(last) = awaited.last().filter(|_| path.is_empty()) {
                path = graph.labels(plan, &reach.path(*last));
            }
        }
    }
    let message = format!(
        "depends_on names {}, which is waited for anyway: {}.",
        entry.entry.text,
        short(&path)
    );
    let mut finding = about(entry, sink, message, "enforced");
    finding.path = path;
    Some(finding)
}

fn short(path: &[String]) -> String {
    match path {
        [_, between @ .., _] if !between.is_empty() => {
            format!("by way of {}", between.join(" -> "))
        }
        _ => "it is referred to".to_owned(),
    }
}

fn reads_data(context: &Context<'_>, entry: &Use<'_>) -> bool {
    let mode = |node: &NodeId| match context.graph.node(*node) {
        Node::Object(id) => Some(context.plan.block(*id as usize).mode),
        Node::Block(id) => Some(context.plan.blocks[*id as usize].mode),
        _ => None,
    };
    entry
        .waiting
        .iter()
        .any(|node| mode(node) == Some(Mode::Data))
}
