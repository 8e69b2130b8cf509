//! Whether a value is made of the list that is gone over.

use crate::input::plan::configuration::Repetition;
use crate::input::plan::references::Reference;
use crate::input::plan::{ModuleId, ObjectId, Plan};

/// What a value has to do with the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// It refers to what `count` or `for_each` does.
    List,
    /// It refers to nothing: it is made of the index.
    Index,
    /// It refers to something else, or nobody tells.
    Unknown,
}

/// What an argument of an object has to do with the list of its block.
pub(super) fn of_argument(plan: &Plan, id: ObjectId, attribute: &str) -> Tie {
    let Some(resource) = plan.resource(plan.objects[id].block) else {
        return Tie::Unknown;
    };
    let mut references = resource.references_of(attribute).peekable();
    // Of `for_each` it may be made of the element or of the key: no reference to either is kept.
    let counted = matches!(resource.repetition, Repetition::Count(_));
    if references.peek().is_none() && resource.has_argument(attribute) && counted {
        return Tie::Index;
    }
    over(&resource.repetition, references)
}

/// What the inputs of a module have to do with the list of its call.
pub(super) fn of_inputs(plan: &Plan, module: ModuleId) -> Tie {
    plan.call(module).map_or(Tie::Unknown, |call| {
        over(&call.repetition, call.inputs.values().flatten())
    })
}

fn over<'r>(repetition: &Repetition, mut references: impl Iterator<Item = &'r Reference>) -> Tie {
    let list = repetition.references();
    if references.any(|one| list.iter().any(|other| other.target == one.target)) {
        Tie::List
    } else {
        Tie::Unknown
    }
}
