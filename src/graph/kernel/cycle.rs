//! One minimal circle for every component that has one.

use super::order::{Csr, Order};
use std::collections::VecDeque;

/// Steps taken to find the shortest circle of a component. Beyond, the shortest through the nodes tried so far is
/// given: still a circle, perhaps not the shortest.
const MOST_STEPS: usize = 20_000_000;

/// A shortest circle of each component that has one, its smallest node first, in the order of components. A node
/// that points at itself is a circle of one.
pub fn cycles(graph: &Csr, order: &Order) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    for component in 0..order.len() {
        let members = order.members.of(component);
        let alone = members
            .iter()
            .find(|node| graph.of(**node as usize).contains(node));
        if let Some(node) = alone {
            found.push(vec![*node]);
        } else if members.len() > 1 {
            found.extend(shortest(graph, order, members));
        }
    }
    found
}

fn shortest(graph: &Csr, order: &Order, members: &[u32]) -> Option<Vec<u32>> {
    let mut members = members.to_vec();
    members.sort_unstable();
    let (mut best, mut steps): (Option<Vec<u32>>, usize) = (None, 0);
    let mut came_from = vec![u32::MAX; graph.len()];
    for start in members {
        let limit = best.as_ref().map_or(usize::MAX, Vec::len);
        if limit == 2 || steps > MOST_STEPS {
            break;
        }
        if let Some(circle) = through(graph, order, start, limit, &mut came_from, &mut steps) {
            best = Some(circle);
        }
    }
    best.map(smallest_first)
}

/// The shortest circle through a node that has fewer than `limit` nodes.
fn through(
    graph: &Csr,
    order: &Order,
    start: u32,
    limit: usize,
    came_from: &mut [u32],
    steps: &mut usize,
) -> Option<Vec<u32>> {
    let inside = order.component_of[start as usize];
    let (mut queue, mut touched) = (VecDeque::from([(start, 1)]), Vec::new());
    let mut found = None;
    'search: while let Some((at, length)) = queue.pop_front() {
        if length >= limit {
            break;
        }
        for next in graph.of(at as usize) {
            *steps += 1;
            if *next == start {
                found = Some(at);
                break 'search;
            }
            if order.component_of[*next as usize] == inside && came_from[*next as usize] == u32::MAX
            {
                came_from[*next as usize] = at;
                touched.push(*next);
                queue.push_back((*next, length + 1));
            }
        }
    }
    let circle = found.map(|last| {
        let mut circle = vec![last];
        while let Some(at) = circle.last().copied().filter(|at| *at != start) {
            circle.push(came_from[at as usize]);
        }
        circle.reverse();
        circle
    });
    for node in touched {
        came_from[node as usize] = u32::MAX;
    }
    circle
}

fn smallest_first(mut circle: Vec<u32>) -> Vec<u32> {
    let smallest = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, node)| **node)
        .map_or(0, |(nth, _)| nth);
    circle.rotate_left(smallest);
    circle
}
