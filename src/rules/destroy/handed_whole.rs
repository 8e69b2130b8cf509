//! What an attribute is made of, where a module is handed over whole: after `network = module.net`, `var.network.vpc_id` is
//! one of its outputs. The graph has an edge from the variable to all of them.

use super::cause::shown;
use super::origin::{MOST_STEPS, Place, behind, behind_output, called, places};
use crate::input::names::Name;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{ModuleId, ObjectId, Plan};
use std::collections::BTreeSet;

/// A reference, the module instance it stands in, and the attribute of it that is used.
type Step<'p> = (ModuleId, &'p Reference, Option<&'p Name>);

/// Of the objects that an attribute may be made of those that it is made of; all of them, when no module is handed over whole
/// on the way, or something is not told.
pub(super) fn narrowed(
    plan: &Plan,
    id: ObjectId,
    attribute: &str,
    mut objects: Vec<ObjectId>,
) -> Vec<ObjectId> {
    if objects.len() > 1
        && let Some(blocks) = blocks(plan, id, attribute)
    {
        objects.retain(|id| blocks.contains(&plan.config_address(plan.objects[*id].block)));
    }
    objects
}

/// The addresses of the blocks behind a module that is handed over whole; nothing where none is.
fn blocks(plan: &Plan, id: ObjectId, attribute: &str) -> Option<BTreeSet<String>> {
    let own = places(plan, plan.objects[id].block, attribute);
    let mut left: Vec<_> = own.map(|place| step(place, None)).collect();
    let (mut found, mut is_whole, mut steps) = (BTreeSet::new(), false, 0);
    while let Some((module, reference, used)) = left.pop() {
        steps += 1;
        if steps > MOST_STEPS {
            return None;
        }
        let (next, used) = match &reference.target {
            target @ Target::Resource { .. } => {
                found.insert(shown(plan, module, target));
                continue;
            }
            Target::Module { call, key } => {
                is_whole = true;
                let called = called(plan, module, call, key.as_deref())?;
                (behind_output(plan, called, used?)?, None)
            }
            target => (behind(plan, module, target)?, used),
        };
        left.extend(next.into_iter().map(|place| step(place, used)));
    }
    (is_whole && !found.is_empty()).then_some(found)
}

/// A step to a reference, of which something is used if it names nothing itself.
fn step<'p>((module, reference): Place<'p>, used: Option<&'p Name>) -> Step<'p> {
    (module, reference, reference.attribute.as_ref().or(used))
}
