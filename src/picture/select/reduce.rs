//! Leaves out arrows that other arrows imply. For drawing only: an edge that is implied is still an edge.

use super::super::Picture;

/// The transitive reduction of a picture; the picture itself when it has a cycle. What today's order implies is
/// left out; an edge that only the past knows implies no other one but its like.
pub fn reduce(picture: &Picture) -> Picture {
    let Some(rank) = ranks(picture) else {
        return picture.clone();
    };
    let mut search = Search::new(picture, rank);
    let implied: Vec<bool> = (0..picture.edges.len())
        .map(|edge| search.implies(edge))
        .collect();
    let edges = picture
        .edges
        .iter()
        .zip(implied)
        .filter(|(_, implied)| !implied);
    Picture {
        edges: edges.map(|(edge, _)| edge.clone()).collect(),
        ..picture.clone()
    }
}

/// A place for each node behind all that depend on it; nothing when there is a cycle.
fn ranks(picture: &Picture) -> Option<Vec<usize>> {
    let mut waiting = vec![0_usize; picture.nodes.len()];
    let mut next = vec![Vec::new(); picture.nodes.len()];
    for edge in &picture.edges {
        waiting[edge.to] += 1;
        next[edge.from].push(edge.to);
    }
    let mut order: Vec<usize> = (0..waiting.len())
        .filter(|node| waiting[*node] == 0)
        .collect();
    let (mut rank, mut at) = (vec![0; waiting.len()], 0);
    while let Some(node) = order.get(at).copied() {
        rank[node] = at;
        at += 1;
        for to in &next[node] {
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                order.push(*to);
            }
        }
    }
    (at == picture.nodes.len()).then_some(rank)
}

/// Looks for a longer way beside an edge, never beyond the rank of its end.
struct Search<'a> {
    picture: &'a Picture,
    rank: Vec<usize>,
    /// For each node, where its edges lead and whether they are past ones.
    next: Vec<Vec<(usize, bool)>>,
    /// The edge in whose search a node was seen last.
    seen: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(picture: &'a Picture, rank: Vec<usize>) -> Self {
        let mut next = vec![Vec::new(); picture.nodes.len()];
        for edge in &picture.edges {
            next[edge.from].push((edge.to, edge.is_past()));
        }
        Self {
            picture,
            rank,
            next,
            seen: vec![usize::MAX; picture.nodes.len()],
        }
    }

    fn implies(&mut self, at: usize) -> bool {
        let (edge, limit) = (
            &self.picture.edges[at],
            self.rank[self.picture.edges[at].to],
        );
        let past = edge.is_past();
        if self.next[edge.from].len() < 2 {
            return false;
        }
        let mut open = vec![edge.from];
        while let Some(node) = open.pop() {
            for (to, to_past) in self.next[node].iter().copied() {
                if to_past && !past || self.rank[to] > limit || self.seen[to] == at {
                    continue;
                }
                if to == edge.to {
                    if node == edge.from {
                        continue;
                    }
                    return true;
                }
                self.seen[to] = at;
                open.push(to);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{drawn, picture, reaches};
    use super::reduce;
    use proptest::prelude::*;

    fn ends(picture: &super::Picture) -> Vec<(usize, usize)> {
        picture
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to))
            .collect()
    }

    #[test]
    fn an_arrow_beside_a_longer_way_is_left_out() {
        let picture = picture(&["a.a", "b.b", "c.c"], &[(0, 1), (0, 2), (1, 2)]);
        assert_eq!(ends(&reduce(&picture)), [(0, 1), (1, 2)]);
    }

    #[test]
    fn the_past_implies_nothing_today() {
        let mut picture = picture(&["a.a", "b.b", "c.c"], &[(0, 1), (0, 2), (1, 2)]);
        picture.edges[2].kinds = vec!["state"];
        assert_eq!(reduce(&picture).edges.len(), 3);
        picture.edges[1].kinds = vec!["state"];
        assert_eq!(ends(&reduce(&picture)), [(0, 1), (1, 2)]);
    }

    #[test]
    fn a_cycle_is_drawn_as_it_is() {
        let picture = picture(&["a.a", "b.b", "c.c"], &[(0, 1), (0, 2), (1, 2), (2, 0)]);
        assert_eq!(reduce(&picture), picture);
    }

    proptest! {
        #[test]
        fn a_reduction_keeps_who_reaches_whom_and_no_arrow_too_much(mut picture in drawn(12)) {
            picture.edges.retain(|edge| edge.from < edge.to);
            for edge in &mut picture.edges {
                edge.kinds = vec!["reference"];
            }
            let smaller = reduce(&picture);
            let all = reaches(&picture);
            prop_assert_eq!(&reaches(&smaller), &all);
            for edge in &smaller.edges {
                let detour = (0..12).any(|via| via != edge.from && via != edge.to && via < picture.nodes.len()
                    && all[edge.from][via] && all[via][edge.to]);
                prop_assert!(!detour);
            }
        }
    }
}
