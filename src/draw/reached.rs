//! A small picture for a review: what hangs on the objects that a plan destroys.

use super::node;
use crate::graph::{Direction, Graph, NodeId, Sense};
use crate::input::plan::{Object, ObjectId, Plan};
use crate::picture::{Edge, NodeKind, Picture, select};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Nobody takes in more at a glance.
const MOST: usize = 30;
/// Of more dependents of one object the first are drawn, and one box for the others.
const CROWD: usize = 8;
const SHOWN: usize = 6;

/// What is destroyed and what depends on it, nearest first; nothing when nothing depends on any of it.
pub(crate) fn reached(plan: &Plan, graph: &Graph) -> Option<Picture> {
    let destroyed: Vec<ObjectId> = plan
        .managed()
        .filter(|(_, object)| is_destroyed(object))
        .map(|(id, _)| id)
        .collect();
    let mut web = Web::default();
    for start in &destroyed {
        web.grow(plan, graph, *start);
    }
    if web.edges.is_empty() {
        return None;
    }
    let mut picture = select::reduce(&web.picture(plan, graph));
    if web.full {
        let shown = web.objects.len() + web.crowds.values().sum::<usize>();
        let more = everything(plan, graph, &destroyed)
            .saturating_sub(shown)
            .max(1);
        picture.notes.push(format!("and {more} more objects"));
    }
    Some(picture)
}

fn is_destroyed(object: &Object) -> bool {
    object.deposed.is_none() && object.action().destroys()
}

/// Objects that hang together, in the order they were met.
#[derive(Default)]
struct Web {
    objects: Vec<ObjectId>,
    known: BTreeSet<ObjectId>,
    edges: BTreeSet<(ObjectId, ObjectId, bool)>,
    /// How many more depend on an object.
    crowds: BTreeMap<ObjectId, usize>,
    full: bool,
}

impl Web {
    /// Takes in what depends on an object, and what depends on that, until there is no more room.
    fn grow(&mut self, plan: &Plan, graph: &Graph, start: ObjectId) {
        let mut queue = VecDeque::from([start]);
        let mut seen = BTreeSet::from([start]);
        while let Some(at) = queue.pop_front() {
            if self.full {
                return;
            }
            let mut dependents = dependents(plan, graph, at);
            if dependents.len() > CROWD {
                self.crowds.insert(at, dependents.len() - SHOWN);
                dependents.truncate(SHOWN);
            }
            for (dependent, past) in dependents {
                if !self.take(at) || !self.take(dependent) {
                    self.full = true;
                    break;
                }
                self.edges.insert((dependent, at, past));
                if seen.insert(dependent) {
                    queue.push_back(dependent);
                }
            }
        }
    }

    fn take(&mut self, object: ObjectId) -> bool {
        if self.known.contains(&object) {
            return true;
        }
        let room = self.objects.len() < MOST;
        if room {
            self.known.insert(object);
            self.objects.push(object);
        }
        room
    }

    fn picture(&self, plan: &Plan, graph: &Graph) -> Picture {
        let place = |object: &ObjectId| self.objects.iter().position(|known| known == object);
        let edge = |(from, to, past): &(ObjectId, ObjectId, bool)| {
            let kind = if *past { "state" } else { "reference" };
            Some(arrow(place(from)?, place(to)?, kind))
        };
        let objects = self.objects.iter();
        let mut picture = Picture {
            nodes: objects
                .map(|id| node(plan, graph, graph.object(*id)))
                .collect(),
            edges: self.edges.iter().filter_map(edge).collect(),
            notes: Vec::new(),
        };
        for (object, many) in &self.crowds {
            let Some(to) = place(object) else { continue };
            let mut crowd = super::empty(NodeKind::Managed);
            crowd.id = format!("more on {}", plan.address(*object));
            crowd.collapsed = Some(*many);
            picture.nodes.push(crowd);
            let from = picture.nodes.len() - 1;
            picture.edges.push(arrow(from, to, "reference"));
        }
        picture
    }
}

fn arrow(from: usize, to: usize, kind: &'static str) -> Edge {
    Edge {
        from,
        to,
        kinds: vec![kind],
    }
}

/// Who depends on an object with nothing between them, and whether only the last apply knew it.
fn dependents(plan: &Plan, graph: &Graph, id: ObjectId) -> Vec<(ObjectId, bool)> {
    let today = graph.direct(id, Direction::Dependents);
    let mut found: Vec<_> = today.iter().map(|object| (*object, false)).collect();
    if plan.objects[id].action().removes() {
        let past = remembering(graph, graph.object(id));
        let past = past.into_iter().filter(|object| !today.contains(object));
        found.extend(past.map(|object| (object, true)));
    }
    // An object that is being created has not lost anything.
    found.retain(|(object, past)| *object != id && (!past || plan.objects[*object].prior));
    // What changes is worth more room than what stays as it is.
    found.sort_by_key(|(object, _)| {
        let action = plan.objects[*object].action();
        (!action.destroys(), !action.changes(), *object)
    });
    found
}

/// The objects that remember another one in the state, in the order of the plan.
fn remembering(graph: &Graph, start: NodeId) -> Vec<ObjectId> {
    let stops = |at: NodeId| at != start && graph.as_object(at).is_some();
    let reach = graph.search(
        [start],
        Direction::Dependents,
        Sense::State,
        |from, _, _| !stops(from),
    );
    let objects = reach.nodes().iter();
    let mut found: Vec<_> = objects.filter_map(|at| graph.as_object(*at)).collect();
    found.sort_unstable();
    found
}

/// How many objects are destroyed or depend on one that is, over any number of steps.
fn everything(plan: &Plan, graph: &Graph, destroyed: &[ObjectId]) -> usize {
    let starts = destroyed.iter().map(|id| graph.object(*id));
    let reach = graph.search(starts, Direction::Dependents, Sense::Flow, |_, _, _| true);
    let objects = reach.nodes().iter();
    objects.filter(|at| graph.is_managed(plan, **at)).count()
}
