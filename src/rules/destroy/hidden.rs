//! What explains a replacement where the plan does not tell what a value is made of: the reference runs through a local or
//! a dynamic block.

use super::root::{Roots, Source};
use super::unknown::handing_on;
use crate::graph::{Direction, Node, Sense};
use crate::input::plan::{Action, ObjectId};
use std::collections::BTreeSet;

/// More changed dependencies than this are not told apart by distance.
const MOST_COMPARED: usize = 50;

impl Roots<'_> {
    /// What may explain the unknown values of an object that the plan does not trace. A graph that Terraform printed has an
    /// edge to it; the state knows it among the dependencies, those before others that the block refers to for something
    /// known.
    pub(super) fn hidden(&mut self, id: ObjectId) -> Vec<Source> {
        let drawn = self.all_that_explain(self.graph.drawn(self.plan, id));
        if !drawn.is_empty() {
            return drawn;
        }
        let remembered = self.remembered(id);
        let first = handing_on(self.plan, id, None, remembered.clone());
        let first = self.all_that_explain(first);
        if first.is_empty() {
            self.all_that_explain(remembered)
        } else {
            first
        }
    }

    /// The changed objects an object remembers, without those behind another of them.
    pub(super) fn remembered(&self, id: ObjectId) -> Vec<ObjectId> {
        let (graph, plan) = (self.graph, self.plan);
        let start = graph.object(id);
        let reach = graph.search(
            [start],
            Direction::Dependencies,
            Sense::State,
            |from, _, to| {
                (from == start || graph.as_object(from).is_none())
                    && !matches!(graph.node(to), Node::Block(_))
            },
        );
        let objects = graph.objects_among(reach.nodes());
        let objects = objects.filter(|other| *other != id);
        let changed: BTreeSet<_> = objects
            .filter(|id| {
                matches!(
                    plan.objects[*id].action(),
                    Action::Update | Action::Replace { .. } | Action::Read
                )
            })
            .collect();
        if changed.len() > MOST_COMPARED {
            return changed.into_iter().collect();
        }
        let behind = |other: ObjectId| {
            changed.iter().any(|nearer| {
                *nearer != other && {
                    let reach = graph.search(
                        [graph.object(*nearer)],
                        Direction::Dependencies,
                        Sense::Order,
                        |_, _, _| true,
                    );
                    reach.contains(graph.object(other))
                }
            })
        };
        changed
            .iter()
            .copied()
            .filter(|other| !behind(*other))
            .collect()
    }
}
