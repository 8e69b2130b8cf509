//! Takes nodes out and joins their neighbours, so that whoever reached something still does.

use super::super::{Edge, Node, Picture};
use super::subset;
use std::collections::{BTreeMap, BTreeSet};

/// How many more edges than before one node less may cost.
const PRICE: usize = 4;

type Kinds = BTreeSet<&'static str>;

/// The picture without the nodes that are not to be kept. Who reaches whom stays exactly as it was; an edge
/// that stands for a path has all its kinds, and is a past one when a part of the path is. A node whose removal
/// would draw many more edges than it saves stays, and so does one that depends on itself.
pub fn contract(picture: &Picture, keep: impl Fn(&Node) -> bool) -> Picture {
    let mut graph = Joined::new(picture);
    let removable = |index: &usize| !keep(&picture.nodes[*index]);
    let mut waiting: BTreeSet<(usize, usize)> = (0..picture.nodes.len())
        .filter(removable)
        .map(|index| (graph.price(index), index))
        .collect();
    let mut removed = vec![false; picture.nodes.len()];
    while let Some((price, index)) = waiting.pop_first() {
        let now = graph.price(index);
        if now > price {
            waiting.insert((now, index));
        } else if now <= PRICE && !graph.next[index].contains_key(&index) {
            graph.remove(index);
            removed[index] = true;
        }
    }
    let joined = Picture {
        edges: graph.edges(),
        ..picture.clone()
    };
    let kept: Vec<bool> = removed.iter().map(|removed| !removed).collect();
    subset(&joined, &kept)
}

struct Joined {
    next: Vec<BTreeMap<usize, Kinds>>,
    before: Vec<BTreeSet<usize>>,
}

impl Joined {
    fn new(picture: &Picture) -> Self {
        let mut graph = Self {
            next: vec![BTreeMap::new(); picture.nodes.len()],
            before: vec![BTreeSet::new(); picture.nodes.len()],
        };
        for edge in &picture.edges {
            graph.join(edge.from, edge.to, edge.kinds.iter().copied().collect());
        }
        graph
    }

    fn join(&mut self, from: usize, to: usize, kinds: Kinds) {
        self.next[from].entry(to).or_default().extend(kinds);
        self.before[to].insert(from);
    }

    /// How many edges there would be more at worst, when a node goes.
    fn price(&self, index: usize) -> usize {
        let (before, next) = (self.before[index].len(), self.next[index].len());
        (before * next).saturating_sub(before + next)
    }

    fn remove(&mut self, index: usize) {
        let next = std::mem::take(&mut self.next[index]);
        let before = std::mem::take(&mut self.before[index]);
        for to in next.keys() {
            self.before[*to].remove(&index);
        }
        for from in before {
            let first = self.next[from].remove(&index).unwrap_or_default();
            for (to, second) in &next {
                self.join(from, *to, path(&first, second));
            }
        }
    }

    fn edges(self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (from, next) in self.next.into_iter().enumerate() {
            edges.extend(next.into_iter().map(|(to, kinds)| Edge {
                from,
                to,
                kinds: kinds.into_iter().collect(),
            }));
        }
        edges
    }
}

/// The kinds of two edges in a row.
fn path(first: &Kinds, second: &Kinds) -> Kinds {
    let past = Kinds::from(["state"]);
    if *first == past || *second == past {
        return past;
    }
    first | second
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{drawn, ids, picture, reaches};
    use super::super::super::{Node, Picture};
    use super::contract;
    use proptest::prelude::*;

    fn named(node: &Node) -> bool {
        !node.id.starts_with("var.")
    }

    #[test]
    fn arrows_pass_through_what_is_taken_out() {
        let picture = picture(&["a.a", "var.v", "var.w", "b.b"], &[(0, 1), (1, 2), (2, 3)]);
        let smaller = contract(&picture, named);
        assert_eq!(ids(&smaller), ["a.a", "b.b"]);
        assert_eq!(smaller.edges.len(), 1);
    }

    #[test]
    fn a_path_through_the_past_is_past() {
        let mut picture = picture(&["a.a", "var.v", "b.b", "c.c"], &[(0, 1), (1, 2), (1, 3)]);
        picture.edges[2].kinds = vec!["state"];
        let smaller = contract(&picture, named);
        assert_eq!(smaller.edges[0].kinds, ["reference"]);
        assert_eq!(smaller.edges[1].kinds, ["state"]);
    }

    #[test]
    fn a_node_that_saves_edges_stays() {
        let ids: Vec<String> = (0..20).map(|n| format!("a.a[{n}]")).collect();
        let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        ids.push("var.v");
        let edges: Vec<_> = (0..10).flat_map(|n| [(n, 20), (20, n + 10)]).collect();
        assert_eq!(contract(&picture(&ids, &edges), named).nodes.len(), 21);
    }

    #[test]
    fn a_cycle_stays_visible() {
        let picture = picture(&["a.a", "var.v"], &[(0, 1), (1, 0)]);
        let smaller = contract(&picture, named);
        assert_eq!((smaller.edges[0].from, smaller.edges[0].to), (0, 0));
    }

    fn same_reach(before: &Picture, after: &Picture) {
        let (old, new) = (reaches(before), reaches(after));
        let place = |node: &Node| before.nodes.iter().position(|n| n.id == node.id);
        let place: Vec<usize> = after.nodes.iter().filter_map(place).collect();
        for (a, old_a) in place.iter().enumerate() {
            for (b, old_b) in place.iter().enumerate() {
                assert_eq!(
                    new[a][b], old[*old_a][*old_b],
                    "{} {}",
                    before.nodes[*old_a].id, before.nodes[*old_b].id
                );
            }
        }
    }

    proptest! {
        #[test]
        fn taking_nodes_out_keeps_who_reaches_whom(picture in drawn(14), kept in any::<u16>()) {
            let keep = |node: &Node| {
                let at = picture.nodes.iter().position(|other| other.id == node.id);
                at.is_some_and(|at| kept >> at & 1 == 1)
            };
            let smaller = contract(&picture, keep);
            prop_assert!(picture.nodes.iter().filter(|node| keep(node)).all(|node| smaller.nodes.contains(node)));
            same_reach(&picture, &smaller);
        }
    }
}
