//! How long an apply of the plan takes, and what it waits for.

use crate::durations::{Basis, Step};
use crate::graph::{Half, NodeId, Steps, Way};
use crate::input::plan::{Action, ObjectId};
use crate::rules::Context;

/// Of a larger graph only the sum of all work is told.
const MOST_NODES: usize = 200_000;

/// All the work there is.
pub(super) struct Total {
    /// Objects that change.
    pub(super) objects: usize,
    /// What all steps take one after the other.
    pub(super) milliseconds: u64,
    /// That part of it which nobody has measured or written down.
    guessed: u64,
}

impl Total {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let mut total = Self {
            objects: 0,
            milliseconds: 0,
            guessed: 0,
        };
        for id in 0..context.plan.objects.len() {
            let action = context.plan.objects[id].action();
            total.objects += usize::from(action.changes());
            for step in steps(action, Way::Forward).into_iter().flatten() {
                let estimate = context
                    .durations()
                    .estimate(&context.plan.block(id).kind, step);
                total.milliseconds += estimate.milliseconds;
                if estimate.basis == Basis::Guessed {
                    total.guessed += estimate.milliseconds;
                }
            }
        }
        total
    }

    /// How much of the work nobody knows the time of, in percent.
    pub(super) fn guessed_percent(&self) -> u64 {
        let share = (self.guessed * 100).checked_div(self.milliseconds);
        share.unwrap_or(0)
    }
}

/// What is done to make an object and to unmake it.
fn steps(action: Action, way: Way) -> [Option<Step>; 2] {
    let back = way == Way::Back;
    match action {
        Action::Create | Action::ForgetAndCreate if back => [None, Some(Step::Delete)],
        Action::Delete | Action::OtherDelete if back => [Some(Step::Create), None],
        Action::Create | Action::ForgetAndCreate => [Some(Step::Create), None],
        Action::Delete | Action::OtherDelete => [None, Some(Step::Delete)],
        Action::Update => [Some(Step::Update), None],
        Action::Replace { .. } => [Some(Step::Create), Some(Step::Delete)],
        Action::Read => [Some(Step::Read), None],
        Action::NoOp | Action::Forget | Action::Other => [None, None],
    }
}

/// How long one step takes; 0 when it is not done.
pub(super) fn milliseconds(context: &Context<'_>, id: ObjectId, half: Half, way: Way) -> u64 {
    let step = steps(context.plan.objects[id].action(), way)[half as usize];
    let kind = &context.plan.block(id).kind;
    step.map_or(0, |step| {
        context.durations().estimate(kind, step).milliseconds
    })
}

fn in_time(context: &Context<'_>, way: Way) -> Steps {
    let take = |id, half| milliseconds(context, id, half, way);
    Steps::new(context.graph, context.plan, way, take)
}

/// An apply of the plan.
#[derive(Debug)]
pub(in crate::rules) struct Apply {
    pub(super) steps: Steps,
    /// How long the longest chain takes, and the nodes on it.
    pub(in crate::rules) longest: u64,
    pub(super) walk: Vec<u32>,
    /// The longest chain by the number of changes.
    pub(super) chain: Vec<u32>,
}

impl Apply {
    /// Nothing when the steps wait for one another in a circle, or there are more than anybody applies at once: the
    /// order of those takes a quarter of the room of the whole check.
    pub(in crate::rules) fn new(context: &Context<'_>) -> Option<Self> {
        if context.graph.len() > MOST_NODES {
            return None;
        }
        let steps = in_time(context, Way::Forward);
        let (longest, walk) = steps.critical()?;
        let one = |id: ObjectId, half| {
            let action = context.plan.objects[id].action();
            let main = if action.removes() {
                Half::Unmake
            } else {
                Half::Make
            };
            u64::from(action.changes() && half == main)
        };
        let (_, chain) = steps.critical_with(one)?;
        Some(Self {
            steps,
            longest,
            walk,
            chain,
        })
    }

    /// When so many workers are done, in milliseconds.
    pub(super) fn end(&self, workers: usize) -> Option<u64> {
        Some(self.steps.schedule(workers)?.end)
    }

    /// How long the longest chain is without some edges of the graph; nothing when that makes no difference.
    pub(in crate::rules) fn without(&self, edges: &[(NodeId, NodeId)]) -> Option<u64> {
        let ids = |pair: &[u32]| (NodeId::new(pair[1] as usize), NodeId::new(pair[0] as usize));
        let on_it = self.walk.windows(2).any(|pair| edges.contains(&ids(pair)));
        let left = on_it.then(|| self.steps.longest_without(edges))?;
        (left < self.longest).then_some(left)
    }

    /// The changing objects on a chain, the first first.
    pub(super) fn objects(&self, walk: &[u32]) -> Vec<ObjectId> {
        let objects = walk.iter().filter_map(|node| self.steps.step(*node));
        let mut found: Vec<_> = objects.map(|(id, _)| id).collect();
        found.dedup();
        found
    }
}

/// How long it takes to take the plan back, in milliseconds; nothing when nobody can tell the order.
pub(super) fn rollback(context: &Context<'_>, workers: usize) -> Option<u64> {
    let back = in_time(context, Way::Back).schedule(workers)?;
    Some(back.end)
}

/// `40 s`, `12 min`, `2 h 5 min`.
pub(in crate::rules) fn span(milliseconds: u64) -> String {
    let seconds = seconds(milliseconds);
    let minutes = (seconds + 30) / 60;
    match (seconds, minutes) {
        (0..120, _) => format!("{seconds} s"),
        (_, 0..120) => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// Whole seconds, as a report has them.
pub(in crate::rules) fn seconds(milliseconds: u64) -> u64 {
    milliseconds.div_ceil(1000)
}

/// The word for one step of an object's action.
pub(super) fn word(action: Action, half: Half) -> &'static str {
    steps(action, Way::Forward)[half as usize].map_or("", Step::word)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_as_exact_as_an_estimate_can_be() {
        let shown = [0, 40_000, 119_001, 150_000, 7_190_000, 7_500_000].map(span);
        assert_eq!(
            shown,
            ["0 s", "40 s", "2 min", "3 min", "2 h 0 min", "2 h 5 min"]
        );
    }
}
