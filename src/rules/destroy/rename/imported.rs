//! Finds what the plan destroys under one address and imports under another: a rename by an `import` block, after which
//! the state knows an object that is not there any more.

use super::compare::Confidence;
use super::{Outlook, Pair, Renames};
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::destroy::namesakes::namesakes;
use std::collections::BTreeSet;

/// Adds pairs of what goes and what takes the same object in, known by an id or ARN.
pub(super) fn add(plan: &Plan, taken: &BTreeSet<ObjectId>, found: &mut Renames) {
    if plan.counts.import == 0 {
        return;
    }
    let same = namesakes(
        plan,
        |name, change| name.sure && change.action == Action::Delete && !change.importing,
        |name, change| name.sure && change.importing && !change.action.destroys(),
    );
    for (from, to) in same {
        if taken.contains(&from) {
            continue;
        }
        found.pairs.retain(|pair| pair.from != from);
        found.ambiguous.remove(&from);
        found.pairs.push(Pair {
            from,
            to,
            confidence: Confidence::High,
            same: Vec::new(),
            differing: Vec::new(),
            followers: Vec::new(),
            outlook: Outlook::default(),
        });
    }
}
