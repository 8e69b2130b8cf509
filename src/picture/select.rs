//! Cuts a picture to what was asked for.

use super::{Edge, Kind, Kinds, Node, Picture};
use crate::graph::kernel::{Csr, Order, redundant};
use std::collections::{BTreeMap, VecDeque};

/// Which way to go from what is in focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Direction {
    /// To what depends on it.
    Up,
    /// To what it depends on.
    Down,
    /// Both.
    #[default]
    Both,
}

/// The nodes that an address names: itself, all instances of a block, all in a module.
pub fn named(picture: &Picture, address: &str) -> Vec<usize> {
    let within = |text: &str| {
        text.strip_prefix(address)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let is = |node: &Node| {
        node.id == address
            || node.address.as_deref() == Some(address)
            || node.config_address.as_deref().is_some_and(within)
            || address.starts_with("module.") && within(&node.module)
    };
    let nodes = picture.nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| is(node))
        .map(|(nth, _)| nth)
        .collect()
}

/// What lies within some steps of the starts.
#[must_use]
pub fn focus(picture: &Picture, starts: &[usize], depth: usize, direction: Direction) -> Picture {
    let mut keep = vec![false; picture.nodes.len()];
    for start in starts {
        keep[*start] = true;
    }
    if direction != Direction::Up {
        mark(
            picture,
            starts,
            depth,
            &neighbours(picture, false),
            &mut keep,
        );
    }
    if direction != Direction::Down {
        mark(
            picture,
            starts,
            depth,
            &neighbours(picture, true),
            &mut keep,
        );
    }
    kept(picture, &keep)
}

/// What changes, and what lies between two things that change.
#[must_use]
pub fn changed(picture: &Picture) -> Picture {
    let starts: Vec<usize> = (0..picture.nodes.len())
        .filter(|n| !picture.nodes[*n].change.is_empty())
        .collect();
    let mut above = vec![false; picture.nodes.len()];
    let mut below = above.clone();
    mark(
        picture,
        &starts,
        usize::MAX,
        &neighbours(picture, false),
        &mut below,
    );
    mark(
        picture,
        &starts,
        usize::MAX,
        &neighbours(picture, true),
        &mut above,
    );
    let keep: Vec<bool> = (0..picture.nodes.len())
        .map(|n| above[n] && below[n] || !picture.nodes[n].change.is_empty())
        .collect();
    kept(picture, &keep)
}

fn neighbours(picture: &Picture, back: bool) -> Vec<Vec<usize>> {
    let mut lists = vec![Vec::new(); picture.nodes.len()];
    for edge in &picture.edges {
        let (from, to) = if back {
            (edge.to, edge.from)
        } else {
            (edge.from, edge.to)
        };
        lists[from].push(to);
    }
    lists
}

fn mark(
    picture: &Picture,
    starts: &[usize],
    depth: usize,
    next: &[Vec<usize>],
    reached: &mut [bool],
) {
    let mut far = vec![usize::MAX; picture.nodes.len()];
    let mut queue: VecDeque<usize> = starts.iter().copied().collect();
    for start in starts {
        far[*start] = 0;
    }
    while let Some(at) = queue.pop_front() {
        if far[at] >= depth {
            continue;
        }
        for to in &next[at] {
            reached[*to] = true;
            if far[*to] == usize::MAX {
                far[*to] = far[at] + 1;
                queue.push_back(*to);
            }
        }
    }
}

/// The nodes to keep, and the edges between them.
fn kept(picture: &Picture, keep: &[bool]) -> Picture {
    let mut place = vec![usize::MAX; keep.len()];
    let mut found = Picture {
        notes: picture.notes.clone(),
        ..Picture::default()
    };
    for (nth, node) in picture
        .nodes
        .iter()
        .enumerate()
        .filter(|(nth, _)| keep[*nth])
    {
        place[nth] = found.nodes.len();
        found.nodes.push(node.clone());
    }
    for edge in picture
        .edges
        .iter()
        .filter(|edge| keep[edge.from] && keep[edge.to])
    {
        found.edges.push(Edge {
            from: place[edge.from],
            to: place[edge.to],
            kinds: edge.kinds,
        });
    }
    found
}

/// The first so many nodes by what matters: what changes, then what is near to it.
#[must_use]
pub fn most_important(picture: &Picture, most: usize) -> Picture {
    if picture.nodes.len() <= most {
        return picture.clone();
    }
    let starts: Vec<usize> = (0..picture.nodes.len())
        .filter(|n| !picture.nodes[*n].change.is_empty())
        .collect();
    let (down, up) = (neighbours(picture, false), neighbours(picture, true));
    let mut keep = vec![false; picture.nodes.len()];
    let mut queue: VecDeque<usize> = starts.into();
    let mut others = 0..picture.nodes.len();
    let mut taken = 0;
    // From what changes outwards, then whatever is left.
    while taken < most
        && let Some(at) = queue.pop_front().or_else(|| others.next())
    {
        if std::mem::replace(&mut keep[at], true) {
            continue;
        }
        taken += 1;
        queue.extend(down[at].iter().chain(&up[at]));
    }
    let mut found = kept(picture, &keep);
    found.notes.push(format!(
        "{} of {} nodes are drawn: what changes and what is near to it",
        found.nodes.len(),
        picture.nodes.len()
    ));
    found
}

/// Without the edges that others imply: who reaches whom stays the same, and there is less to draw.
#[must_use]
pub fn reduced(picture: &Picture) -> Picture {
    let small = |node: usize| u32::try_from(node).expect("fewer than four billion nodes");
    let edges: Vec<(u32, u32)> = picture
        .edges
        .iter()
        .map(|edge| (small(edge.from), small(edge.to)))
        .collect();
    let order = Order::new(&Csr::new(picture.nodes.len(), edges.iter().copied()));
    let mut implied = redundant(&order, &edges).into_iter();
    let mut found = picture.clone();
    found.edges.retain(|_| implied.next() != Some(true));
    found
}

/// Draws modules as one box each, from a depth of nesting on; what changes stays as it is when `open_changed`.
#[must_use]
pub fn collapse(picture: &Picture, depth: usize, open_changed: bool) -> Picture {
    let mut boxes: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Picture {
        notes: picture.notes.clone(),
        ..Picture::default()
    };
    let mut place = Vec::with_capacity(picture.nodes.len());
    for node in &picture.nodes {
        let module = outer(&node.module, depth);
        match module.filter(|_| !open_changed || node.change.is_empty()) {
            None => {
                place.push(found.nodes.len());
                found.nodes.push(node.clone());
            }
            Some(module) => {
                let at = *boxes.entry(module.to_owned()).or_insert_with(|| {
                    let id = format!("{module} (all)");
                    found.nodes.push(Node {
                        id,
                        kind: Kind::Module,
                        module: String::new(),
                        ..Node::default()
                    });
                    found.nodes.len() - 1
                });
                found.nodes[at].holds += usize::from(node.address.is_some());
                place.push(at);
            }
        }
    }
    let mut edges: BTreeMap<(usize, usize), Kinds> = BTreeMap::new();
    for edge in picture
        .edges
        .iter()
        .filter(|edge| place[edge.from] != place[edge.to])
    {
        let kinds = edges.entry((place[edge.from], place[edge.to])).or_default();
        *kinds = kinds.with(edge.kinds);
    }
    found.edges = edges
        .into_iter()
        .map(|((from, to), kinds)| Edge { from, to, kinds })
        .collect();
    found
}

/// The module that a node of `module` is drawn as when modules nested `depth` deep are one box.
fn outer(module: &str, depth: usize) -> Option<&str> {
    let mut seen = 0;
    let mut quoted = false;
    for (at, byte) in module.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'.' if !quoted && module[at + 1..].starts_with("module.") => {
                seen += 1;
                if seen == depth {
                    return Some(&module[..at]);
                }
            }
            _ => {}
        }
    }
    (!module.is_empty() && seen + 1 == depth).then_some(module)
}

#[cfg(test)]
mod tests {
    use super::{Direction, changed, collapse, focus, most_important, named, outer};
    use crate::picture::{Edge, Kinds, Node, Picture};

    fn chain(n: usize, change: &[usize]) -> Picture {
        let node = |nth: usize| Node {
            id: format!("module.m.x.n{nth:03}"),
            address: Some(format!("module.m.x.n{nth:03}")),
            module: "module.m".to_owned(),
            change: if change.contains(&nth) {
                &["update"]
            } else {
                &[]
            },
            ..Node::default()
        };
        Picture {
            nodes: (0..n).map(node).collect(),
            edges: (1..n)
                .map(|to| Edge {
                    from: to - 1,
                    to,
                    kinds: Kinds::REFERENCE,
                })
                .collect(),
            notes: Vec::new(),
        }
    }

    fn ids(picture: &Picture) -> Vec<&str> {
        picture
            .nodes
            .iter()
            .map(|node| node.id.rsplit('.').next().expect("one"))
            .collect()
    }

    #[test]
    fn focus_goes_so_many_steps_and_only_where_it_is_told_to() {
        let picture = chain(7, &[]);
        let start = named(&picture, "module.m.x.n003");
        assert_eq!(
            ids(&focus(&picture, &start, 1, Direction::Both)),
            ["n002", "n003", "n004"]
        );
        assert_eq!(
            ids(&focus(&picture, &start, 2, Direction::Down)),
            ["n003", "n004", "n005"]
        );
        assert_eq!(
            ids(&focus(&picture, &start, 2, Direction::Up)),
            ["n001", "n002", "n003"]
        );
        assert_eq!(named(&picture, "module.m").len(), 7);
    }

    #[test]
    fn what_changes_is_shown_with_what_lies_between() {
        assert_eq!(ids(&changed(&chain(7, &[1, 3]))), ["n001", "n002", "n003"]);
        assert!(changed(&chain(3, &[])).nodes.is_empty());
    }

    #[test]
    fn a_module_becomes_one_box_beside_what_changes() {
        let collapsed = collapse(&chain(7, &[3]), 1, true);
        assert_eq!(collapsed.nodes.len(), 2);
        assert_eq!(collapsed.nodes[0].holds, 6);
        assert_eq!(collapsed.edges.len(), 2);
    }

    #[test]
    fn nesting_is_counted_outside_of_keys() {
        assert_eq!(
            outer("module.a[\"x.module.y\"].module.b", 1),
            Some("module.a[\"x.module.y\"]")
        );
        assert_eq!(outer("module.a.module.b", 2), Some("module.a.module.b"));
        assert_eq!(outer("module.a", 2), None);
    }

    #[test]
    fn the_most_important_nodes_are_those_that_change_and_their_neighbours() {
        let found = most_important(&chain(100, &[50]), 3);
        assert_eq!(ids(&found), ["n049", "n050", "n051"]);
        assert_eq!(found.notes.len(), 1);
    }
}
