//! Flags stacks that read each other's state in a circle.

use crate::finding::{Related, Severity};
use crate::rules::stacks::{Read, Stack, as_told, reads};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct StackCycle;

static META: Meta = Meta {
    id: "stack-cycle",
    summary: "Flags stacks that read each other's state in a circle.",
    severity: Severity::Error,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/stack-cycle.md"),
};

impl Rule for StackCycle {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, _: &Context<'_>, _: &mut Sink) {}

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        let reads = reads(stacks);
        let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for read in &reads {
            next.entry(read.reader).or_default().insert(read.producer);
        }
        let mut told = BTreeSet::new();
        for start in 0..stacks.len() {
            if let Some(circle) = circle(&next, start).filter(|_| !told.contains(&start)) {
                told.extend(circle.iter().copied());
                report(stacks, &reads, &circle, sink);
            }
        }
    }
}

/// The shortest circle from a stack back to itself, itself once.
fn circle(next: &BTreeMap<usize, BTreeSet<usize>>, start: usize) -> Option<Vec<usize>> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for to in next.get(&at).into_iter().flatten() {
            if *to == start {
                let way = std::iter::successors(Some(at), |at| came_from.get(at).copied());
                let mut way: Vec<_> = way.collect();
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(to) {
                came_from.insert(*to, at);
                queue.push_back(*to);
            }
        }
    }
    None
}

fn report(stacks: &[Stack<'_>], reads: &[Read], circle: &[usize], sink: &mut Sink) {
    let name = |id: &usize| stacks[*id].name.to_owned();
    let mut path: Vec<_> = circle.iter().map(name).collect();
    path.push(name(&circle[0]));
    let pairs = circle.iter().zip(circle.iter().cycle().skip(1));
    let related = pairs.filter_map(|(from, to)| {
        let mut between = reads.iter();
        let read = between.find(|read| read.reader == *from && read.producer == *to)?;
        let message = format!("reads the state of {}", name(to));
        Some(Related::new(
            format!("{}:{}", name(from), read.by.address),
            message,
        ))
    });
    let message = format!(
        "{} stacks read each other's state in a circle: none can be built first, and a change of one is only settled \
         when all were applied twice.",
        circle.len()
    );
    let mut finding = sink
        .finding(name(&circle[0]), message)
        .members(circle.iter().map(name).collect())
        .related(related.collect::<Vec<_>>())
        .fix("Move what both need into a stack that both read.");
    finding.path = path;
    let (severity, finding) = as_told(stacks, circle[0], META.severity, finding);
    sink.report_as(severity, finding);
}
