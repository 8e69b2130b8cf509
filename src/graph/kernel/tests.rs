//! The kernels against definitions that are slow and plain.

use super::{
    Csr, Order, critical_path, cycles, dependencies, dependents, longest_without, redundant,
    schedule,
};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use proptest::prelude::*;
use std::collections::BTreeSet;

const N: usize = 18;

/// Which node reaches which, over one or more edges, by Warshall's algorithm.
fn closure(edges: &[(u32, u32)]) -> Vec<[bool; N]> {
    let mut reaches = vec![[false; N]; N];
    for (from, to) in edges {
        reaches[*from as usize][*to as usize] = true;
    }
    for via in 0..N {
        for from in 0..N {
            for to in 0..N {
                reaches[from][to] |= reaches[from][via] && reaches[via][to];
            }
        }
    }
    reaches
}

fn edges() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let node = 0..u32::try_from(N).expect("small");
    prop::collection::vec((node.clone(), node), 0..50)
}

fn graph(edges: &[(u32, u32)]) -> (Csr, Order) {
    let graph = Csr::new(N, edges.iter().copied());
    let order = Order::new(&graph);
    (graph, order)
}

fn acyclic(edges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    edges.into_iter().filter(|(from, to)| from > to).collect()
}

proptest! {
    #[test]
    fn components_are_those_of_petgraph_and_dependencies_come_first(edges in edges()) {
        let (_, order) = graph(&edges);
        let mut other: DiGraph<(), ()> = DiGraph::new();
        let ids: Vec<_> = (0..N).map(|_| other.add_node(())).collect();
        for (from, to) in &edges {
            other.add_edge(ids[*from as usize], ids[*to as usize], ());
        }
        let theirs: BTreeSet<BTreeSet<usize>> = tarjan_scc(&other).iter().map(|c| c.iter().map(|id| id.index()).collect()).collect();
        let mine: BTreeSet<BTreeSet<usize>> = (0..order.len()).map(|c| order.members.of(c).iter().map(|n| *n as usize).collect()).collect();
        prop_assert_eq!(mine, theirs);
        for (from, to) in order.edges.edges() {
            prop_assert!(from > to);
        }
    }

    #[test]
    fn reach_is_counted_as_by_definition(edges in edges(), weights in prop::collection::vec(0u32..4, N)) {
        let (_, order) = graph(&edges);
        let reaches = closure(&edges);
        let (up, down) = (dependents(&order, &weights), dependencies(&order, &weights));
        for node in 0..N {
            let others = (0..N).filter(|other| *other != node);
            let (mut above, mut below) = (0, 0);
            for other in others {
                above += if reaches[other][node] { u64::from(weights[other]) } else { 0 };
                below += if reaches[node][other] { u64::from(weights[other]) } else { 0 };
            }
            prop_assert_eq!((up[node], down[node]), (above, below), "node {}", node);
        }
    }

    #[test]
    fn an_edge_is_redundant_when_the_others_lead_the_same_way(edges in edges()) {
        let mut edges = acyclic(edges);
        edges.sort_unstable();
        edges.dedup();
        let (_, order) = graph(&edges);
        for (nth, redundant) in redundant(&order, &edges).into_iter().enumerate() {
            let mut others = edges.clone();
            let (from, to) = others.remove(nth);
            prop_assert_eq!(redundant, closure(&others)[from as usize][to as usize]);
        }
    }

    #[test]
    fn each_circle_is_one_and_none_is_shorter(edges in edges()) {
        let (csr, order) = graph(&edges);
        let reaches = closure(&edges);
        let found = cycles(&csr, &order);
        let circular = (0..N).filter(|node| reaches[*node][*node]).map(|node| order.component_of[node]);
        prop_assert_eq!(found.len(), circular.collect::<BTreeSet<_>>().len());
        for circle in found {
            for (nth, node) in circle.iter().enumerate() {
                let next = circle[(nth + 1) % circle.len()];
                prop_assert!(csr.of(*node as usize).contains(&next));
            }
            prop_assert_eq!(circle.len(), shortest(&edges, &order, circle[0]));
        }
    }

    #[test]
    fn a_schedule_keeps_the_order_and_the_number_of_workers(
        edges in edges(),
        durations in prop::collection::vec(0u64..9, N),
        workers in 1usize..5,
    ) {
        let edges = acyclic(edges);
        let (_, order) = graph(&edges);
        let (longest, path) = critical_path(&order, &durations).expect("no circle");
        let found = schedule(&order, &durations, workers).expect("no circle");
        for (from, to) in &edges {
            let (from, to) = (*from as usize, *to as usize);
            prop_assert!(found.starts[from] >= found.starts[to] + durations[to]);
        }
        for at in 0..found.end {
            let running = (0..N).filter(|n| found.starts[*n] <= at && at < found.starts[*n] + durations[*n]);
            prop_assert!(running.count() <= workers);
        }
        let total: u64 = durations.iter().sum();
        prop_assert!(found.end >= longest && found.end * workers as u64 >= total);
        // Graham's bound.
        prop_assert!(found.end <= longest + total / workers as u64);
        prop_assert_eq!(schedule(&order, &durations, N).expect("no circle").end, longest);
        prop_assert_eq!(path.iter().map(|node| durations[*node as usize]).sum::<u64>(), longest);
        for pair in path.windows(2) {
            prop_assert!(edges.contains(&(pair[1], pair[0])));
            let rest: Vec<_> = edges.iter().copied().filter(|edge| *edge != (pair[1], pair[0])).collect();
            let (_, without) = graph(&rest);
            let (left, _) = critical_path(&without, &durations).expect("no circle");
            prop_assert_eq!(longest_without(&order, &durations, &[(pair[1], pair[0])]), left);
        }
    }
}

/// The length of the shortest circle in the component of a node, by powers of the edges.
fn shortest(edges: &[(u32, u32)], order: &Order, node: u32) -> usize {
    let component = order.component_of[node as usize];
    let inside = |node: u32| order.component_of[node as usize] == component;
    (0..u32::try_from(N).expect("small"))
        .filter(|node| inside(*node))
        .filter_map(|start| {
            let mut at: BTreeSet<u32> = BTreeSet::from([start]);
            (1..=N).find(|_| {
                at = edges
                    .iter()
                    .filter(|(from, to)| at.contains(from) && inside(*to))
                    .map(|(_, to)| *to)
                    .collect();
                at.contains(&start)
            })
        })
        .min()
        .expect("a circle")
}

#[test]
fn circles_have_no_schedule() {
    let (_, order) = graph(&[(0, 1), (1, 0)]);
    assert_eq!(schedule(&order, &[1; N], 2), None);
    assert_eq!(critical_path(&order, &[1; N]), None);
}

#[test]
fn long_chains_and_wide_stars_are_no_trouble() {
    let n = 200_000u32;
    for edges in [
        (1..n).map(|k| (k - 1, k)).collect::<Vec<_>>(),
        (1..n).map(|k| (k, 0)).collect(),
    ] {
        let csr = Csr::new(n as usize, edges.iter().copied());
        let order = Order::new(&csr);
        let counts = dependents(&order, &vec![1; n as usize]);
        assert_eq!(counts.iter().max(), Some(&u64::from(n - 1)));
        assert!(cycles(&csr, &order).is_empty());
        assert!(schedule(&order, &vec![1; n as usize], 10).is_some());
    }
}
