//! Flags outputs that a stack drops or changes while another stack reads them, and reads of outputs that are not there.

use crate::finding::{Finding, Related, Severity};
use crate::input::names::Name;
use crate::input::plan::{Action, OutputChange, Part, Plan, Reshaped};
use crate::rules::context::count;
use crate::rules::stacks::{Read, Stack, reads, seen_from};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    /// The plan removes it.
    Dropped,
    /// It is not configured, and never was in this state.
    Missing,
    /// The plan gives it a value of another kind.
    Reshaped(&'static str, &'static str),
    /// The plan takes these attributes or keys out of it.
    Lost(Vec<Name>),
    /// The plan removes it, and a `try` or a default stands for it.
    FallsBack,
    /// The plan changes its value, and takes so many attributes out of it.
    Changed(usize),
}

impl Wrong {
    const fn word(&self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Lost(_) => "lost",
            Self::Missing => "missing",
            Self::Reshaped(..) => "reshaped",
            Self::FallsBack | Self::Changed(_) => "changed",
        }
    }
}

/// An output of a stack, and what is wrong with it.
type Broken<'r> = (usize, &'r str, Wrong);

impl Rule for BrokenStackOutput {
    fn meta(&self) -> &'static Meta {
        &META
    }

    // What is not there was not there before this plan either.
    fn lasts(&self, finding: &Finding) -> bool {
        finding.facts["kind"] == Wrong::Missing.word()
    }

    fn check(&self, _: &Context<'_>, _: &mut Sink) {}

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        let reads = reads(stacks);
        let mut broken: BTreeMap<Broken<'_>, Vec<&Read>> = BTreeMap::new();
        for read in &reads {
            let outputs = &read.by.outputs;
            let needed = outputs.named.union(&outputs.likely);
            let guarded = outputs.guarded.difference(&outputs.named);
            let guarded = guarded.filter(|output| !outputs.likely.contains(*output));
            for output in needed.chain(guarded) {
                if let Some(wrong) = wrong(stacks, read, output) {
                    let readers = broken.entry((read.producer, output, wrong));
                    readers.or_default().push(read);
                }
            }
            note_what_may_break(stacks, read, sink);
        }
        for (output, readers) in broken {
            report(stacks, output, &readers, sink);
        }
    }
}

fn wrong(stacks: &[Stack<'_>], read: &Read, output: &str) -> Option<Wrong> {
    let plan = stacks[read.producer].plan;
    let outputs = &read.by.outputs;
    let needed = outputs.named.contains(output) || outputs.likely.contains(output);
    let falls_back = !needed || read.by.place.defaults.contains(output);
    let mut changes = plan.outputs.iter();
    let change = changes.find(|change| &*change.name == output);
    match change.map(|change| change.action) {
        Some(Action::Delete) if falls_back => return Some(Wrong::FallsBack),
        Some(Action::Delete) => return Some(Wrong::Dropped),
        Some(Action::Update | Action::Replace { .. }) => {
            return changed(change?, outputs.taken.get(output), falls_back);
        }
        Some(_) => return None,
        None => {}
    }
    let asked = read.by.outputs.named.contains(output) && !falls_back;
    let told = asked && !does_without(stacks[read.reader].plan, read, output);
    (told && !has(plan, output)?).then_some(Wrong::Missing)
}

/// What is wrong with an output that gets another value, for whoever takes some attributes or keys of it, or the whole of it.
fn changed(
    change: &OutputChange,
    taken: Option<&BTreeSet<Option<Name>>>,
    falls_back: bool,
) -> Option<Wrong> {
    let becomes = |part: &Option<Name>| change.parts.get(part.as_ref()?).copied();
    let gone = taken.into_iter().flatten();
    let gone = gone.filter(|part| becomes(part) == Some(Part::Gone));
    let lost: Vec<Name> = gone.flatten().cloned().collect();
    let is_kept = |part: &Option<Name>| becomes(part) == Some(Part::Kept);
    Some(match change.reshaped {
        Reshaped::Kind(was, is) if !falls_back => Wrong::Reshaped(was, is),
        _ if !lost.is_empty() && !falls_back => Wrong::Lost(lost),
        _ if taken.is_some_and(|taken| taken.iter().all(is_kept)) => return None,
        Reshaped::Less(gone) if taken.is_none_or(|taken| taken.contains(&None)) => {
            Wrong::Changed(gone)
        }
        _ => Wrong::Changed(0),
    })
}

/// Whether a stack has an output that its plan does not change; nothing when that is not known.
fn has(plan: &Plan, output: &str) -> Option<bool> {
    if plan.state.is_some() {
        return Some(false);
    }
    // A plan that failed lists no outputs.
    let root = plan.configuration.modules.first()?;
    (plan.errored != Some(true)).then(|| root.outputs.contains_key(output))
}

/// Whether a plan was made though the output was not there: it is read with `try`, or the like.
fn does_without(reader: &Plan, read: &Read, output: &str) -> bool {
    let seen = read.by.place.seen.as_ref();
    reader.errored != Some(true) && seen.is_some_and(|seen| !seen.contains(output))
}

/// An output that goes may be one of those that cannot be followed.
fn note_what_may_break(stacks: &[Stack<'_>], read: &Read, sink: &mut Sink) {
    let outputs = &read.by.outputs;
    if !outputs.maybe_others {
        return;
    }
    let changes = stacks[read.producer].plan.outputs.iter();
    let dropped = changes.filter(|change| change.action == Action::Delete);
    for name in dropped.map(|change| &change.name) {
        let told = [&outputs.named, &outputs.likely, &outputs.guarded];
        if !told.iter().any(|told| told.contains(name)) {
            sink.note(format!(
                "{} removes output.{name}: {} may read it through {}, which of all outputs it reads cannot be told",
                stacks[read.producer].name, stacks[read.reader].name, read.by.address
            ));
        }
    }
}

fn report(
    stacks: &[Stack<'_>],
    (producer, output, wrong): Broken<'_>,
    readers: &[&Read],
    sink: &mut Sink,
) {
    // A state has no report: who reads it is told.
    let teller = if stacks[producer].is_state() {
        readers[0].reader
    } else {
        producer
    };
    let mut ids: Vec<usize> = readers.iter().map(|read| read.reader).collect();
    ids.dedup();
    let who: Vec<_> = ids.iter().map(|id| with_owner(&stacks[*id])).collect();
    // No plan document shows a `try`.
    let guess = ids.iter().any(|id| stacks[*id].sources.is_none());
    let unless = if guess && matches!(wrong, Wrong::Dropped | Wrong::Lost(_)) {
        ", unless a try stands for it"
    } else {
        ""
    };
    let (severity, message, fix) = told(&wrong, &who, unless);
    let mut related: Vec<_> = readers
        .iter()
        .map(|read| {
            let address = read.by.address.clone();
            Related::new(seen_from(stacks, teller, read.reader, address), "reads it")
        })
        .collect();
    related.dedup();
    let address = seen_from(stacks, teller, producer, format!("output.{output}"));
    let members = ids.iter().map(|id| stacks[*id].name.to_owned());
    let mut finding = sink
        .finding(address, message)
        .members(members.collect())
        .related(related)
        .fact("kind", wrong.word())
        .fix(fix);
    finding.touches_stacks = true;
    // Readers of one output may lose different things.
    if matches!(wrong, Wrong::Lost(_) | Wrong::FallsBack) {
        wrong.word().clone_into(&mut finding.discriminator);
    }
    stacks[teller].name.clone_into(&mut finding.stack);
    sink.report_as(severity, finding);
}

/// The name of a stack, and whom to ask there.
fn with_owner(stack: &Stack<'_>) -> String {
    let owner = stack.owner().map(|owner| format!(" ({owner})"));
    format!("{}{}", stack.name, owner.unwrap_or_default())
}

/// What is done about another value.
const REPLAN: &str = "Plan the readers again when this is applied, and read what it does to them.";

fn told(wrong: &Wrong, who: &[String], unless: &str) -> (Severity, String, &'static str) {
    let (reads, whose, fails, falls) = match who {
        [_] => ("reads", "its", "plan fails", "plan falls"),
        _ => ("read", "their", "plans fail", "plans fall"),
    };
    let who = who.join(", ");
    match wrong {
        Wrong::Dropped => (
            Severity::Error,
            format!(
                "The plan removes this output, which {who} still {reads}: {whose} next {fails}{unless}."
            ),
            "Keep the output until nobody reads it: change the readers first.",
        ),
        Wrong::Missing => (
            Severity::Error,
            format!("There is no such output, and {who} {reads} it: {whose} {fails}."),
            "Add the output, or correct the name where it is read.",
        ),
        Wrong::Reshaped(was, is) => (
            Severity::Error,
            format!(
                "The plan makes {is} of this output, which was {was} and which {who} {reads}: {whose} next {fails} where it \
                 takes an element or an attribute of it."
            ),
            "Give the new value another name, and keep this output until nobody reads it.",
        ),
        Wrong::Lost(parts) => (
            Severity::Error,
            format!(
                "The plan takes {} out of this output, which {who} {reads}: {whose} next {fails}{unless}.",
                parts.join(", ")
            ),
            "Keep what is read in the output until nobody reads it: change the readers first.",
        ),
        Wrong::FallsBack => (
            Severity::Warning,
            format!(
                "The plan removes this output, which {who} {reads}: {whose} next {falls} back to what stands for it."
            ),
            REPLAN,
        ),
        Wrong::Changed(gone) => (
            Severity::Warning,
            format!(
                "The plan changes this output, which {who} {reads}{}: the change goes on there, in a plan of its own.",
                match *gone {
                    0 => String::new(),
                    gone => format!(
                        ", and takes {} out of it",
                        count(gone, "attribute or key", "attributes or keys")
                    ),
                }
            ),
            REPLAN,
        ),
    }
}
