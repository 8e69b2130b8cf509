//! Joins units two by two, and looks at every cluster on the way.

use super::units::Units;
use crate::graph::small;
use foldhash::HashSet;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// A part smaller than this share of the whole is none.
const LEAST_SHARE: u32 = 10;
/// So many objects come off for each cut edge: less is no part but a share of equals, as of those that read one hub.
const LEAST_PER_EDGE: u32 = 2;

/// A cluster that might be a part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposal {
    pub(super) cluster: usize,
    pub(super) weight: u32,
    /// Weight of the smaller side.
    smaller: u32,
    cut: u32,
}

impl Proposal {
    /// The best first: few cut edges for what comes off.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let cost = |p: &Self, q: &Self| u64::from(p.cut) * u64::from(q.smaller);
        cost(self, other)
            .cmp(&cost(other, self))
            .then_with(|| other.smaller.cmp(&self.smaller))
            .then_with(|| self.cluster.cmp(&other.cluster))
    }
}

/// Clusters of units: the first are the units themselves, each further one is two before it.
pub(super) struct Clusters<'u, 'o> {
    units: &'u Units<'o>,
    halves: Vec<Option<(usize, usize)>>,
    weights: Vec<u32>,
    owners: Vec<Option<&'o str>>,
    /// Whether a cluster is of several owners: that is no part of anybody's.
    mixed: Vec<bool>,
    /// Edges to clusters that are still whole, going out and coming in.
    edges: Vec<BTreeMap<usize, (u32, u32)>>,
    alive: Vec<bool>,
}

/// How much two clusters belong together; the greatest is joined first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bond {
    one_owner: bool,
    between: u32,
    /// The edges of the one that has fewer.
    all: u32,
    weight: u32,
    pair: (usize, usize),
}

impl Ord for Bond {
    fn cmp(&self, other: &Self) -> Ordering {
        let share = |a: &Self, b: &Self| u64::from(a.between) * u64::from(b.all);
        self.one_owner
            .cmp(&other.one_owner)
            .then_with(|| share(self, other).cmp(&share(other, self)))
            .then_with(|| other.weight.cmp(&self.weight))
            .then_with(|| other.pair.cmp(&self.pair))
    }
}

impl PartialOrd for Bond {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'u, 'o> Clusters<'u, 'o> {
    pub(super) fn new(units: &'u Units<'o>) -> Self {
        let n = units.names.len();
        let mut edges: Vec<BTreeMap<usize, (u32, u32)>> = vec![BTreeMap::new(); n];
        for ((from, to), ends) in &units.edges {
            let count = small(ends.len());
            edges[*from].entry(*to).or_default().0 += count;
            edges[*to].entry(*from).or_default().1 += count;
        }
        Self {
            units,
            halves: vec![None; n],
            weights: units.weights.clone(),
            owners: units.owners.clone(),
            mixed: vec![false; n],
            edges,
            alive: vec![true; n],
        }
    }

    /// Joins until nothing is connected any more, and tells every cluster on the way that may be a part.
    pub(super) fn proposals(&mut self, total: u32) -> Vec<Proposal> {
        let mut heap = BinaryHeap::new();
        for cluster in 0..self.units.names.len() {
            heap.extend(self.bonds(cluster).filter(|bond| bond.pair.0 == cluster));
        }
        let mut found: Vec<_> = (0..self.units.names.len())
            .filter_map(|cluster| self.proposal(cluster, total))
            .collect();
        while let Some(bond) = heap.pop() {
            let (one, other) = bond.pair;
            if !(self.alive[one] && self.alive[other]) {
                continue;
            }
            let joined = self.join(one, other);
            heap.extend(self.bonds(joined));
            found.extend(self.proposal(joined, total));
        }
        found
    }

    fn bonds(&self, cluster: usize) -> impl Iterator<Item = Bond> + '_ {
        let all = |cluster: usize| {
            self.edges[cluster]
                .values()
                .map(|(out, back)| out + back)
                .sum::<u32>()
        };
        let own = all(cluster);
        self.edges[cluster]
            .iter()
            .map(move |(other, (out, back))| Bond {
                one_owner: match (self.owners[cluster], self.owners[*other]) {
                    (Some(one), Some(other)) => one == other,
                    _ => true,
                },
                between: out + back,
                all: own.min(all(*other)).max(1),
                weight: self.weights[cluster] + self.weights[*other],
                pair: (cluster.min(*other), cluster.max(*other)),
            })
    }

    fn join(&mut self, one: usize, other: usize) -> usize {
        let id = self.halves.len();
        let mut edges = std::mem::take(&mut self.edges[one]);
        for (to, (out, back)) in std::mem::take(&mut self.edges[other]) {
            let known = edges.entry(to).or_default();
            *known = (known.0 + out, known.1 + back);
        }
        edges.remove(&one);
        edges.remove(&other);
        for (to, (out, back)) in &edges {
            let theirs = &mut self.edges[*to];
            theirs.remove(&one);
            theirs.remove(&other);
            theirs.insert(id, (*back, *out));
        }
        self.halves.push(Some((one, other)));
        self.weights.push(self.weights[one] + self.weights[other]);
        let owners = (self.owners[one], self.owners[other]);
        let differ = matches!(owners, (Some(one), Some(other)) if one != other);
        self.mixed
            .push(self.mixed[one] || self.mixed[other] || differ);
        self.owners.push(owners.0.or(owners.1));
        self.edges.push(edges);
        self.alive[one] = false;
        self.alive[other] = false;
        self.alive.push(true);
        id
    }

    fn proposal(&self, cluster: usize, total: u32) -> Option<Proposal> {
        let weight = self.weights[cluster];
        let smaller = weight.min(total - weight);
        let (out, back) = self.edges[cluster]
            .values()
            .fold((0, 0), |sum, edge| (sum.0 + edge.0, sum.1 + edge.1));
        // Of two sides the smaller is the part, and neither may read the other and be read by it.
        let mutual = out > 0 && back > 0;
        let fits = weight * 2 <= total && smaller * LEAST_SHARE >= total && smaller > 0;
        let hangs_together = (out + back) * LEAST_PER_EDGE <= smaller;
        (fits && hangs_together && !mutual && !self.mixed[cluster]).then_some(Proposal {
            cluster,
            weight,
            smaller,
            cut: out + back,
        })
    }

    /// The units of a cluster.
    pub(super) fn members(&self, cluster: usize) -> HashSet<usize> {
        let (mut found, mut left) = (HashSet::default(), vec![cluster]);
        while let Some(id) = left.pop() {
            match self.halves[id] {
                Some((one, other)) => left.extend([one, other]),
                None => {
                    found.insert(id);
                }
            }
        }
        found
    }
}
