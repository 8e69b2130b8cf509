//! What a value of an object is made of.

use super::cause::origins;
use crate::graph::Graph;
use crate::input::address::Mode;
use crate::input::plan::{Action, ObjectId, Plan};

/// The data sources that an attribute is made of, when it is made of nothing else that could have changed it.
pub(super) fn only_read(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    attribute: &str,
) -> Option<Vec<ObjectId>> {
    let made_of = graph.made_of(plan, id, Some(attribute));
    let read = |id: &ObjectId| {
        plan.block(*id).mode == Mode::Data && plan.objects[*id].action() == Action::NoOp
    };
    let all = !made_of.is_empty() && made_of.iter().all(read);
    let block = plan.objects[id].block;
    let resource = plan.resource(block)?;
    let references = resource
        .references
        .iter()
        .filter(|(argument, _)| **argument == *attribute);
    let references: Vec<_> = references.map(|(_, reference)| reference.clone()).collect();
    let data = |origin: &String| origin.split('.').any(|step| step == "data");
    let origins = origins(plan, plan.blocks[block].module, &references);
    (all && origins.iter().all(data)).then_some(made_of)
}
