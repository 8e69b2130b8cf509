//! Smaller pictures of the same graph. Every function is pure, keeps the order of the nodes it keeps, and says
//! in the notes what it left out.

mod collapse;
mod contract;
mod reduce;

pub(super) use collapse::collapse;
pub use collapse::collapse_modules;
pub use contract::contract;
pub use reduce::reduce;

use super::style::Action;
use super::{Edge, Node, Picture};

/// More nodes than this, and [`changed`] leaves out what only carries references.
const READABLE: usize = 60;

/// Which way to look from a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Direction {
    /// Who depends on it.
    Up,
    /// What it depends on.
    Down,
    /// Each of the two for itself: not the other dependents of its dependencies.
    #[default]
    Both,
}

/// The ids of what an address means: an object, a block with all its instances, or all that is in a module.
pub fn named<'p>(picture: &'p Picture, address: &str) -> Vec<&'p str> {
    let within = |text: &str| {
        let rest = text.strip_prefix(address);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let is = |node: &&Node| {
        node.id == address
            || node.address.as_deref() == Some(address)
            || node.config_address.as_deref().is_some_and(within)
            || address.starts_with("module.") && within(&node.module)
    };
    picture
        .nodes
        .iter()
        .filter(is)
        .map(|node| node.id.as_str())
        .collect()
}

/// What lies within so many steps of the named nodes. A name is an id, an address or a config address.
pub fn focus(picture: &Picture, names: &[&str], depth: usize, direction: Direction) -> Picture {
    let named = |node: &Node, name: &str| {
        [
            Some(&node.id),
            node.address.as_ref(),
            node.config_address.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|one| one == name)
    };
    let is_start = |node: &Node| names.iter().any(|name| named(node, name));
    let start: Vec<usize> = positions(&picture.nodes, is_start);
    let mut kept = vec![false; picture.nodes.len()];
    let ways = [
        (Direction::Up, Direction::Down),
        (Direction::Down, Direction::Up),
    ];
    for (way, _) in ways.into_iter().filter(|(_, other)| direction != *other) {
        let steps = distances(&neighbours(picture, way), &start);
        for (kept, _) in kept
            .iter_mut()
            .zip(steps)
            .filter(|(_, step)| *step <= depth)
        {
            *kept = true;
        }
    }
    let mut smaller = subset(picture, &kept);
    let unknown = names
        .iter()
        .filter(|name| !picture.nodes.iter().any(|node| named(node, name)));
    smaller
        .notes
        .extend(unknown.map(|name| format!("no node is called {name}")));
    note_left_out(
        &mut smaller,
        picture.nodes.len(),
        "too far from what was asked for",
    );
    smaller
}

/// What changes, and what lies between two changes. When that is much, without what only carries references.
pub fn changed(picture: &Picture) -> Picture {
    let changing = positions(&picture.nodes, |node| Action::of(node).is_some());
    let up = distances(&neighbours(picture, Direction::Up), &changing);
    let down = distances(&neighbours(picture, Direction::Down), &changing);
    let between = |(up, down): (usize, usize)| up < usize::MAX && down < usize::MAX;
    let kept: Vec<bool> = up.into_iter().zip(down).map(between).collect();
    let mut smaller = subset(picture, &kept);
    let reason = "neither changing nor between two changes";
    note_left_out(&mut smaller, picture.nodes.len(), reason);
    if smaller.nodes.len() > READABLE {
        smaller = without_carriers(&smaller);
    }
    smaller
}

/// The picture without variables, locals, outputs and the like: arrows pass through them.
pub(super) fn without_carriers(picture: &Picture) -> Picture {
    let keep = |node: &Node| {
        node.kind.is_object() || node.collapsed.is_some() || Action::of(node).is_some()
    };
    let mut smaller = contract(picture, keep);
    let passed = picture.nodes.len() - smaller.nodes.len();
    if passed > 0 {
        smaller.notes.push(format!(
            "arrows pass through {passed} variables, locals, outputs and other nodes that are not drawn"
        ));
    }
    smaller
}

/// The nodes that are marked, and the edges between them.
pub(super) fn subset(picture: &Picture, kept: &[bool]) -> Picture {
    let mut place = vec![usize::MAX; kept.len()];
    let indices = (0..kept.len()).filter(|index| kept[*index]);
    for (new, old) in indices.clone().enumerate() {
        place[old] = new;
    }
    let inside = |edge: &&Edge| kept[edge.from] && kept[edge.to];
    Picture {
        nodes: indices.map(|index| picture.nodes[index].clone()).collect(),
        edges: picture
            .edges
            .iter()
            .filter(inside)
            .map(|edge| moved(edge, &place))
            .collect(),
        notes: picture.notes.clone(),
    }
}

fn moved(edge: &Edge, place: &[usize]) -> Edge {
    Edge {
        from: place[edge.from],
        to: place[edge.to],
        kinds: edge.kinds.clone(),
    }
}

fn note_left_out(picture: &mut Picture, before: usize, why: &str) {
    let left_out = before - picture.nodes.len();
    if left_out > 0 {
        picture
            .notes
            .push(format!("{left_out} of {before} nodes are left out: {why}"));
    }
}

fn positions(nodes: &[Node], wanted: impl Fn(&Node) -> bool) -> Vec<usize> {
    (0..nodes.len())
        .filter(|index| wanted(&nodes[*index]))
        .collect()
}

/// For each node, the nodes one step that way.
pub(super) fn neighbours(picture: &Picture, direction: Direction) -> Vec<Vec<usize>> {
    let mut next = vec![Vec::new(); picture.nodes.len()];
    for edge in &picture.edges {
        if direction != Direction::Up {
            next[edge.from].push(edge.to);
        }
        if direction != Direction::Down {
            next[edge.to].push(edge.from);
        }
    }
    next
}

/// How many steps each node is from the nearest of the given; `usize::MAX` for those out of reach.
pub(super) fn distances(next: &[Vec<usize>], start: &[usize]) -> Vec<usize> {
    let mut steps = vec![usize::MAX; next.len()];
    for node in start {
        steps[*node] = 0;
    }
    let (mut queue, mut at) = (start.to_vec(), 0);
    while let Some(node) = queue.get(at).copied() {
        at += 1;
        for other in &next[node] {
            if steps[*other] == usize::MAX {
                steps[*other] = steps[node] + 1;
                queue.push(*other);
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed as changing, ids, node, picture};
    use super::super::{NodeKind, Picture};
    use super::{Direction, READABLE, changed, focus};

    fn chain() -> Picture {
        picture(&["a.a", "b.b", "c.c", "d.d"], &[(0, 1), (1, 2), (3, 2)])
    }

    #[test]
    fn focus_looks_only_the_way_it_is_told() {
        let seen = |way, depth| ids(&focus(&chain(), &["b.b"], depth, way));
        assert_eq!(seen(Direction::Up, 9), ["a.a", "b.b"]);
        assert_eq!(seen(Direction::Down, 9), ["b.b", "c.c"]);
        assert_eq!(seen(Direction::Both, 9), ["a.a", "b.b", "c.c"]);
        assert_eq!(seen(Direction::Both, 0), ["b.b"]);
    }

    #[test]
    fn focus_says_what_is_left_out_and_what_it_does_not_know() {
        let picture = focus(&chain(), &["c.c", "x.x"], 1, Direction::Up);
        let notes = [
            "no node is called x.x",
            "1 of 4 nodes are left out: too far from what was asked for",
        ];
        assert_eq!(picture.notes, notes);
        assert_eq!(picture.edges.len(), 2);
    }

    #[test]
    fn a_config_address_names_all_its_instances() {
        let mut picture = picture(&["a.a[0]", "a.a[1]", "b.b"], &[]);
        for node in &mut picture.nodes[..2] {
            node.config_address = Some("a.a".to_owned());
        }
        let seen = ids(&focus(&picture, &["a.a"], 1, Direction::Both));
        assert_eq!(seen, ["a.a[0]", "a.a[1]"]);
    }

    #[test]
    fn changes_and_what_lies_between_them_are_kept() {
        let mut picture = chain();
        picture.nodes[0] = changing("a.a", &["update"]);
        picture.nodes[2] = changing("c.c", &["delete"]);
        let seen = changed(&picture);
        assert_eq!(ids(&seen), ["a.a", "b.b", "c.c"]);
        assert_eq!(seen.notes.len(), 1);
    }

    #[test]
    fn many_changes_are_shown_without_what_only_carries_references() {
        let mut picture = Picture::default();
        for at in 0..=READABLE {
            picture
                .nodes
                .push(changing(&format!("a.a[{at}]"), &["create"]));
        }
        let mut carrier = node("local.l");
        carrier.kind = NodeKind::Local;
        picture.nodes.push(carrier);
        let local = picture.nodes.len() - 1;
        picture.edges = super::super::tests::edges(&[(0, local), (local, 1)]);
        let seen = changed(&picture);
        assert_eq!(seen.nodes.len(), READABLE + 1);
        assert_eq!((seen.edges[0].from, seen.edges[0].to), (0, 1));
    }
}
