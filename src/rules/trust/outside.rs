//! What a plan does to an object that changed outside of Terraform, in one word.

use crate::finding::Severity;
use crate::graph::{Direction, Graph};
use crate::input::address::{Address, module_steps};
use crate::input::plan::configuration::{Resource, ResourceKey};
use crate::input::plan::{Action, Drifted, Fate, ObjectId, Outside, Plan, Subject};
use crate::rules::destroy::abandoned_object::left_behind;

/// Names of values in nested blocks that every change of an object changes.
const WRITTEN: [&str; 10] = [
    "arn",
    "creation_timestamp",
    "etag",
    "generation",
    "id",
    "resource_version",
    "self_link",
    "status",
    "uid",
    "update_time",
];

/// What the plan does, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// It replaces the object to change the value back.
    Replaced,
    /// It changes the value back.
    Reverted,
    /// It changes the value to something else again.
    Overwritten,
    /// It creates anew what was deleted.
    Recreated,
    /// It may change the value: the new one is not known before apply.
    Unknown,
    /// It changes others that read the value.
    Spread,
    /// It takes what it finds into the state.
    Accepted,
    /// It does not cover the object.
    NotCovered,
    /// It leaves a value as it is that is configured.
    Kept,
}

impl Effect {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Reverted => "reverted",
            Self::Overwritten => "overwritten",
            Self::Recreated => "recreated",
            Self::Unknown => "unknown",
            Self::Spread => "spread",
            Self::Accepted => "accepted",
            Self::NotCovered => "not_covered",
            Self::Kept => "kept",
        }
    }

    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Replaced | Self::Reverted | Self::Overwritten | Self::Recreated => {
                Severity::Error
            }
            Self::Unknown | Self::Spread | Self::Accepted | Self::NotCovered => Severity::Warning,
            Self::Kept => Severity::Note,
        }
    }
}

/// What is to be said of an object.
pub(super) struct Verdict<'p> {
    pub(super) effect: Effect,
    /// The values that it is said of; none of an object that is gone.
    pub(super) values: Vec<&'p Outside>,
    /// What the change spreads to.
    pub(super) readers: Vec<ObjectId>,
}

impl<'p> Verdict<'p> {
    fn new(effect: Effect, values: Vec<&'p Outside>) -> Self {
        Self {
            effect,
            values,
            readers: Vec::new(),
        }
    }
}

/// What is to be said of an object that drifted; nothing when nobody would want to know.
pub(super) fn judge<'p>(
    plan: &'p Plan,
    graph: &Graph,
    drifted: &'p Drifted,
) -> Option<Verdict<'p>> {
    match drifted.subject {
        _ if drifted.deleted => {
            gone(plan, graph, &drifted.subject).map(|e| Verdict::new(e, Vec::new()))
        }
        Subject::Object(id) => changed(plan, graph, id, &drifted.values),
        Subject::Address(_) => None,
    }
}

/// What becomes of an object that was deleted outside of Terraform.
fn gone(plan: &Plan, graph: &Graph, subject: &Subject) -> Option<Effect> {
    let partial = plan.errored == Some(true) || plan.complete == Some(false);
    match subject {
        Subject::Object(id) if plan.objects[*id].action() == Action::Create => {
            // It is where its provider does not look any more.
            let abandoned = left_behind(plan, graph, *id).is_some();
            (!abandoned).then_some(Effect::Recreated)
        }
        Subject::Address(address) if !is_wanted(plan, address) => None,
        _ if plan.refresh_only => Some(Effect::Accepted),
        // A whole plan that does not create it anew has no use for it.
        Subject::Address(_) if partial => Some(Effect::NotCovered),
        _ => None,
    }
}

/// Whether the configuration has the block of an object.
fn is_wanted(plan: &Plan, address: &str) -> bool {
    let Some(parsed) = Address::parse(address) else {
        return false;
    };
    let calls = module_steps(parsed.module).unwrap_or_default();
    let module = plan
        .configuration
        .module(calls.into_iter().map(|(call, _)| call));
    let module = module.and_then(|id| plan.configuration.modules.get(id));
    module.is_some_and(|module| {
        let named = |(mode, kind, name): &ResourceKey| {
            *mode == parsed.mode && **kind == *parsed.kind && **name == *parsed.name
        };
        module.resources.keys().any(named)
    })
}

/// Whether an object changed in nothing anybody would want to know of.
pub(super) fn is_quiet(plan: &Plan, drifted: &Drifted) -> bool {
    let goes = match drifted.subject {
        Subject::Object(id) => plan.objects[id].action().removes(),
        Subject::Address(_) => false,
    };
    !drifted.deleted && !goes
}

fn changed<'p>(
    plan: &'p Plan,
    graph: &Graph,
    id: ObjectId,
    values: &'p [Outside],
) -> Option<Verdict<'p>> {
    let object = &plan.objects[id];
    if object.action().removes() {
        return None;
    }
    let resource = plan.resource(object.block);
    if let Some(verdict) = touched(plan, id, values) {
        return Some(verdict);
    }
    let own = |value: &&Outside| is_configured(resource, value) && !is_written_by_cloud(value);
    let own: Vec<_> = values.iter().filter(own).collect();
    if plan.refresh_only {
        return (!own.is_empty()).then(|| Verdict::new(Effect::Accepted, own));
    }
    if !object.listed {
        return (!own.is_empty()).then(|| Verdict::new(Effect::NotCovered, own));
    }
    let relevant: Vec<_> = values.iter().filter(|value| value.relevant).collect();
    let readers = if relevant.is_empty() {
        Vec::new()
    } else {
        readers(plan, graph, id)
    };
    if !readers.is_empty() {
        return Some(Verdict {
            readers,
            ..Verdict::new(Effect::Spread, relevant)
        });
    }
    (!own.is_empty()).then(|| Verdict::new(Effect::Kept, own))
}

/// What the plan does to the values itself. Where it touches some that are configured, the rest only follow: `tags_all`
/// goes with `tags`.
fn touched<'p>(plan: &Plan, id: ObjectId, values: &'p [Outside]) -> Option<Verdict<'p>> {
    let object = &plan.objects[id];
    let resource = plan.resource(object.block);
    let mut touched: Vec<_> = values
        .iter()
        .filter(|value| match value.fate {
            Fate::Kept => false,
            Fate::Reverted | Fate::Overwritten => true,
            // What nobody configured is unknown whenever its object changes.
            Fate::Unknown => is_configured(resource, value),
        })
        .collect();
    if touched.iter().any(|value| is_configured(resource, value)) {
        touched.retain(|value| is_configured(resource, value));
    }
    // Where the provider tags everything, the block has none of either.
    if touched.iter().any(|value| *value.attribute == *"tags") {
        touched.retain(|value| *value.attribute != *"tags_all");
    }
    // What is known to be changed back weighs more.
    if touched.iter().any(|value| value.fate != Fate::Unknown) {
        touched.retain(|value| value.fate != Fate::Unknown);
    }
    let first = touched.first()?;
    let forces = |value: &&Outside| {
        let mut forced = object.change().forced_by.iter();
        value.fate == Fate::Reverted
            && forced.any(|forced| !forced.unknown && forced.attribute == value.attribute)
    };
    let effect = if first.fate == Fate::Unknown {
        Effect::Unknown
    } else if object.action().replaces() && touched.iter().any(forces) {
        Effect::Replaced
    } else if touched.iter().all(|value| value.fate == Fate::Reverted) {
        Effect::Reverted
    } else {
        Effect::Overwritten
    };
    Some(Verdict::new(effect, touched))
}

/// Objects that read from an object and are changed; what is created has never known another value.
fn readers(plan: &Plan, graph: &Graph, id: ObjectId) -> Vec<ObjectId> {
    let mut readers = graph.direct(id, Direction::Dependents);
    readers.retain(|id| {
        matches!(
            plan.objects[*id].action(),
            Action::Update | Action::Replace { .. }
        )
    });
    readers
}

/// Whether a value inside a block that is configured is none that people write: the configuration of the plan tells
/// of top-level names only.
fn is_written_by_cloud(value: &Outside) -> bool {
    let last = value.path.rsplit('.').next().unwrap_or_default();
    value.path != value.attribute && (WRITTEN.contains(&last) || last.ends_with("fingerprint"))
}

fn is_configured(resource: Option<&Resource>, value: &Outside) -> bool {
    resource.is_some_and(|resource| resource.has_argument(&*value.attribute))
}
