//! Reads a plan, or a state, in one pass through a small window; this is the reader the program uses.

use super::builder::Builder;
use super::state::Head;
use super::{Plan, PlanEvents, ReadOptions};
use crate::input::json::parts::elements;
use crate::input::json::stream::{Members, Stop, Stream};
use std::collections::BTreeSet;
use std::io::Read;

/// Deeper nesting of modules than anybody writes is refused rather than followed.
const DEEPEST: usize = 500;

/// What a JSON document turned out to be.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A plan.
    Plan(Box<Plan>),
    /// An object that is no plan: its top-level keys, and what it holds if it is a state.
    Other(BTreeSet<String>, Box<Plan>),
}

/// Reads one document. What follows it stays unread.
pub(crate) fn read<R: Read>(
    stream: &mut Stream<R>,
    options: &ReadOptions,
) -> Result<Outcome, Stop> {
    let mut builder = Builder::new(options);
    walk(stream, &mut builder)?;
    if builder.is_plan() {
        let mut plan = builder.finish();
        plan.state = None;
        Ok(Outcome::Plan(Box::new(plan)))
    } else {
        let keys = builder.keys().clone();
        Ok(Outcome::Other(keys, Box::new(builder.finish_state())))
    }
}

/// Tells `events` what a document holds.
pub(super) fn walk<R: Read>(
    stream: &mut Stream<R>,
    events: &mut impl PlanEvents,
) -> Result<(), Stop> {
    if !stream.open(b'{')? {
        return Err(Stop::Syntax {
            offset: stream.offset(),
            what: "expected a JSON object",
        });
    }
    let mut members = Members::default();
    while let Some(key) = stream.key(&mut members)? {
        events.begin(&key, stream.offset());
        match &*key {
            "resource_changes" if !matches!(stream.peek()?, Some(b'[' | b'n')) => {
                return Err(Stop::Syntax {
                    offset: stream.offset(),
                    what: "expected the list of changes",
                });
            }
            "resource_changes"
            | "resource_drift"
            | "deferred_changes"
            | "relevant_attributes"
            | "checks"
            | "condition_results" => {
                each(stream, |stream| {
                    stream.parse(|raw| events.element(&key, raw))
                })?;
            }
            "planned_values" => {
                let anything = planned(stream)?;
                events.planned(anything);
            }
            "prior_state" => prior_state(stream, events)?,
            "values" => state_values(stream, events)?,
            "resources" => each(stream, |stream| raw_block(stream, events))?,
            "outputs" => element(stream, |raw| events.state_outputs(raw))?,
            "configuration" => configuration(stream, events)?,
            "format_version" | "terraform_version" | "complete" | "errored" | "variables"
            | "output_changes" | "timestamp" | "version" | "lineage" | "serial" => {
                element(stream, |raw| events.whole(&key, raw))?;
            }
            _ => stream.skip()?,
        }
    }
    Ok(())
}

/// Hands the next value over, whole.
fn element<R: Read>(
    stream: &mut Stream<R>,
    take: impl FnOnce(&[u8]) -> Result<(), super::Malformed>,
) -> Result<(), Stop> {
    let taken = take(stream.take()?);
    taken.map_err(|wrong| stream.place(wrong))
}

/// Walks over the elements of an array; any other value is passed over.
fn each<R: Read>(
    stream: &mut Stream<R>,
    mut visit: impl FnMut(&mut Stream<R>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    if !stream.open(b'[')? {
        return stream.skip();
    }
    let mut members = Members::default();
    while stream.element(&mut members)? {
        visit(stream)?;
    }
    Ok(())
}

/// Walks over the members of an object; any other value is passed over.
fn fields<R: Read>(
    stream: &mut Stream<R>,
    mut visit: impl FnMut(&str, &mut Stream<R>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    if !stream.open(b'{')? {
        return stream.skip();
    }
    let mut members = Members::default();
    while let Some(key) = stream.key(&mut members)? {
        visit(&key, stream)?;
    }
    Ok(())
}

/// Whether the root module of `planned_values` holds anything.
fn planned<R: Read>(stream: &mut Stream<R>) -> Result<bool, Stop> {
    let mut anything = false;
    fields(stream, |key, stream| {
        if key != "root_module" {
            return stream.skip();
        }
        fields(stream, |_, stream| {
            anything = true;
            stream.skip()
        })
    })?;
    Ok(anything)
}

/// Hands the configuration over call by call: whole, it can be as large as a small plan.
fn configuration<R: Read>(
    stream: &mut Stream<R>,
    events: &mut impl PlanEvents,
) -> Result<(), Stop> {
    fields(stream, |key, stream| match key {
        "provider_config" => element(stream, |raw| events.whole(key, raw)),
        "root_module" => {
            events.root_module();
            fields(stream, |key, stream| match key {
                "module_calls" => fields(stream, |name, stream| {
                    element(stream, |raw| events.root_call(name, raw))
                }),
                _ => element(stream, |raw| events.root_field(key, raw)),
            })
        }
        _ => stream.skip(),
    })
}

fn prior_state<R: Read>(stream: &mut Stream<R>, events: &mut impl PlanEvents) -> Result<(), Stop> {
    fields(stream, |key, stream| match key {
        "values" => state_values(stream, events),
        _ => stream.skip(),
    })
}

fn state_values<R: Read>(stream: &mut Stream<R>, events: &mut impl PlanEvents) -> Result<(), Stop> {
    fields(stream, |key, stream| match key {
        "outputs" => element(stream, |raw| events.state_outputs(raw)),
        "root_module" => state_module(stream, events, 0),
        _ => stream.skip(),
    })
}

/// A block of a raw state. Terraform writes its instances last; where they come before what they belong to, as in a
/// file with sorted keys, they are kept until that is known.
fn raw_block<R: Read>(stream: &mut Stream<R>, events: &mut impl PlanEvents) -> Result<(), Stop> {
    let (mut head, mut early) = (Head::default(), Vec::new());
    let begin = stream.offset();
    fields(stream, |key, stream| match key {
        "instances" if head.is_known() => each(stream, |stream| {
            stream.parse(|raw| events.raw_instance(&head, raw))
        }),
        "instances" => {
            early = stream.take()?.to_vec();
            Ok(())
        }
        "module" | "mode" | "type" | "name" | "provider" => {
            head.set(key, stream.take()?);
            Ok(())
        }
        _ => stream.skip(),
    })?;
    for raw in elements(&early) {
        let taken = raw.and_then(|raw| events.raw_instance(&head, raw));
        taken.map_err(|wrong| Stop::Syntax {
            offset: begin,
            what: wrong.what,
        })?;
    }
    Ok(())
}

fn state_module<R: Read>(
    stream: &mut Stream<R>,
    events: &mut impl PlanEvents,
    depth: usize,
) -> Result<(), Stop> {
    if depth > DEEPEST {
        return Err(Stop::Syntax {
            offset: stream.offset(),
            what: "modules nested too deep",
        });
    }
    fields(stream, |key, stream| match key {
        "resources" => each(stream, |stream| {
            stream.parse(|raw| events.state_resource(raw))
        }),
        "child_modules" => each(stream, |stream| state_module(stream, events, depth + 1)),
        _ => stream.skip(),
    })
}
