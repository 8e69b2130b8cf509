//! Where a stack comes apart with the fewest cut edges.
//!
//! What belongs together from the start, a module instance or a block beside the modules, is a unit; units are joined
//! two by two, those first that share the largest part of their edges, as in agglomerative clustering by the normalised
//! cut (Shi and Malik, "Normalized cuts and image segmentation", 2000). Every cluster on the way is a proposal: the
//! best cuts little for what it takes off, and leaves no two parts that read each other.

mod clusters;
mod units;

use super::Graph;
use crate::input::plan::{ObjectId, Plan};
use clusters::{Clusters, Proposal};
use foldhash::HashSet;
use units::Units;
pub use units::rests;

/// A part of a stack that could be one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Addresses of the module instances and blocks in it.
    pub units: Vec<String>,
    /// How much it weighs.
    pub weight: u32,
    /// The edges that would be cut.
    pub cut: Vec<Cut>,
}

/// An edge between a part and the rest, as the configuration has it: without any key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// What depends.
    pub from: String,
    /// What it depends on.
    pub to: String,
    /// Whether the part is what depends; else the rest is.
    pub out: bool,
}

/// Parts that are proposed.
const MOST_PARTS: usize = 3;
/// With more units than this joining them takes long, and a part would be thousands of them.
const MOST_UNITS: usize = 2_000;

/// Whether a stack comes apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Parts it could be, the best first; none when all of it hangs together.
    Parts(Vec<Part>),
    /// Its units stand beside one another without a reference, or are too many to tell.
    SideBySide,
    /// All that counts is one unit, a block or a module instance, at this address.
    One(String),
}

/// Proposes parts. `rests` tells what [`rests`] does, `weigh` what counts, `owner` whose an
/// object is: what belongs to one owner is joined first.
pub fn split<'o>(
    graph: &Graph,
    plan: &Plan,
    rests: impl FnOnce() -> &'o [bool],
    weigh: impl Fn(ObjectId) -> u32,
    owner: impl Fn(ObjectId) -> Option<&'o str>,
) -> Split {
    let Some(units) = Units::new(graph, plan, rests, &weigh, &owner, MOST_UNITS) else {
        return Split::SideBySide;
    };
    let weighty = units.names.iter().zip(&units.weights);
    let mut weighty = weighty.filter(|(_, weight)| **weight > 0);
    if let (Some((only, _)), None) = (weighty.next(), weighty.next()) {
        return Split::One(only.clone());
    }
    let total: u32 = units.weights.iter().sum();
    let mut clusters = Clusters::new(&units);
    let mut proposals = clusters.proposals(total);
    proposals.sort_by(Proposal::order);
    let mut parts: Vec<(HashSet<usize>, Part)> = Vec::new();
    for proposal in proposals {
        let members = clusters.members(proposal.cluster);
        let apart = parts.iter().all(|(known, _)| known.is_disjoint(&members));
        if apart && parts.len() < MOST_PARTS {
            let part = units.part(graph, plan, &members, proposal.weight);
            parts.push((members, part));
        }
    }
    if parts.is_empty() && units.edges.is_empty() {
        return Split::SideBySide;
    }
    Split::Parts(parts.into_iter().map(|(_, part)| part).collect())
}
