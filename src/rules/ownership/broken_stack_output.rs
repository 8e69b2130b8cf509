//! Flags outputs that a stack drops or changes while another stack reads them, and reads of outputs that are not there.

use crate::finding::{Related, Severity};
use crate::input::plan::{Action, Plan};
use crate::rules::stacks::{Read, Stack, reads};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct BrokenStackOutput;

static META: Meta = Meta {
    id: "broken-stack-output",
    summary: "Flags outputs that are dropped or changed while another stack reads them.",
    severity: Severity::Error,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/broken-stack-output.md"),
};

/// What is wrong with an output that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The plan removes it.
    Dropped,
    /// It is not configured, and never was in this state.
    Missing,
    /// The plan changes its value.
    Changed,
}

impl Rule for BrokenStackOutput {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, _: &Context<'_>, _: &mut Sink) {}

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        let reads = reads(stacks);
        let mut readers: BTreeMap<(usize, &str), Vec<&Read>> = BTreeMap::new();
        for read in &reads {
            for output in &read.by.outputs {
                readers
                    .entry((read.producer, output))
                    .or_default()
                    .push(read);
            }
        }
        for ((producer, output), readers) in readers {
            if let Some(wrong) = wrong(stacks[producer].plan, output) {
                report(stacks, producer, output, &readers, wrong, sink);
            }
        }
    }
}

fn wrong(plan: &Plan, output: &str) -> Option<Wrong> {
    let mut changes = plan.outputs.iter();
    let change = changes.find(|change| &*change.name == output);
    match change.map(|change| change.action) {
        Some(Action::Delete) => return Some(Wrong::Dropped),
        Some(Action::Update | Action::Replace { .. }) => return Some(Wrong::Changed),
        Some(_) => return None,
        None => {}
    }
    // A plan that failed lists no outputs.
    let root = plan.configuration.modules.first()?;
    let told = !root.outputs.contains_key(output) && plan.errored != Some(true);
    told.then_some(Wrong::Missing)
}

fn report(
    stacks: &[Stack<'_>],
    producer: usize,
    output: &str,
    readers: &[&Read],
    wrong: Wrong,
    sink: &mut Sink,
) {
    let mut names: Vec<_> = readers
        .iter()
        .map(|read| stacks[read.reader].name.to_owned())
        .collect();
    names.dedup();
    let who = names.join(", ");
    let (severity, message, fix) = match wrong {
        Wrong::Dropped => (
            Severity::Error,
            format!("The plan removes this output, which {who} still reads: its next plan fails."),
            "Keep the output until nobody reads it: change the readers first.",
        ),
        Wrong::Missing => (
            Severity::Error,
            format!("There is no such output, and {who} reads it: its plan fails."),
            "Add the output here, or correct the name where it is read.",
        ),
        Wrong::Changed => (
            Severity::Warning,
            format!(
                "The plan changes this output, which {who} reads: the change goes on there, in a plan of its own."
            ),
            "Plan the readers again when this is applied, and read what it does to them.",
        ),
    };
    let related = readers.iter().map(|read| {
        let address = format!("{}:{}", stacks[read.reader].name, read.by.address);
        Related::new(address, "reads it")
    });
    let mut finding = sink
        .finding(format!("output.{output}"), message)
        .members(names)
        .related(related.collect::<Vec<_>>())
        .fix(fix);
    stacks[producer].name.clone_into(&mut finding.stack);
    sink.report_as(severity, finding);
}
