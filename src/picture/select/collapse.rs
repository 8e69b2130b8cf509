//! Draws a module as one box.

use super::super::style::Action;
use super::super::{Edge, Node, NodeKind, Picture, merged, modules};
use std::collections::BTreeMap;

/// The picture with one box for each module that is not to stay open, and for all in it. The box has the worst
/// change of what it stands for. Edges between boxes are merged, those inside one are gone.
pub fn collapse_modules(picture: &Picture, keep_open: impl Fn(&str) -> bool) -> Picture {
    collapse(picture, keep_open, |_| false)
}

/// The same, with nodes that stay on their own although their module is closed.
pub(in super::super) fn collapse(
    picture: &Picture,
    keep_open: impl Fn(&str) -> bool,
    keep_node: impl Fn(&Node) -> bool,
) -> Picture {
    let mut boxes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    let mut place = Vec::with_capacity(picture.nodes.len());
    for node in &picture.nodes {
        let closed = closed(node, &keep_open).filter(|_| !keep_node(node));
        let Some(module) = closed else {
            place.push(nodes.len());
            nodes.push(node.clone());
            continue;
        };
        let at = *boxes.entry(module).or_insert_with(|| {
            nodes.push(empty_box(module));
            nodes.len() - 1
        });
        swallow(&mut nodes[at], node);
        place.push(at);
    }
    Picture {
        edges: merged(between(&picture.edges, &place)),
        nodes,
        notes: picture.notes.clone(),
    }
}

/// The outermost module around a node that is not to stay open. A module's own node stands inside it.
fn closed<'a>(node: &'a Node, keep_open: &impl Fn(&str) -> bool) -> Option<&'a str> {
    // The beginning and the end of a module, `module.m (close)`, stand in it.
    let inner = if node.kind == NodeKind::Module && !node.id.ends_with(')') {
        &node.id
    } else {
        &node.module
    };
    let mut around = modules::prefixes(inner).into_iter();
    around.find(|module| !keep_open(module))
}

fn empty_box(module: &str) -> Node {
    Node {
        id: module.to_owned(),
        kind: NodeKind::Module,
        address: None,
        config_address: None,
        change: None,
        module: modules::parent(module).to_owned(),
        collapsed: Some(0),
        reach: None,
    }
}

fn swallow(all: &mut Node, node: &Node) {
    let one = usize::from(node.kind.is_object());
    let objects = all.collapsed.unwrap_or(0) + node.collapsed.unwrap_or(one);
    all.collapsed = Some(objects);
    let worse = match (Action::of(node), Action::of(all)) {
        (Some(new), Some(old)) => new < old,
        (new, _) => new.is_some(),
    };
    if worse {
        all.change.clone_from(&node.change);
    }
}

/// The edges between different boxes. One that was inside a node before is a cycle, and stays.
fn between<'a>(edges: &'a [Edge], place: &'a [usize]) -> impl Iterator<Item = Edge> + 'a {
    edges
        .iter()
        .map(|edge| Edge {
            from: place[edge.from],
            to: place[edge.to],
            kinds: edge.kinds.clone(),
        })
        .filter(|edge| edge.from != edge.to)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{changed, drawn, ids, node, picture, reaches};
    use super::super::super::{Node, NodeKind};
    use super::collapse_modules;
    use proptest::prelude::*;

    #[test]
    fn a_module_becomes_one_box_with_the_worst_change() {
        let mut picture = picture(
            &["module.a.x.y", "module.a.module.b.x.y", "x.z", "module.a"],
            &[(2, 0), (2, 1), (0, 1), (3, 2)],
        );
        picture.nodes[3].kind = NodeKind::Module;
        picture.nodes[0] = changed("module.a.x.y", &["update"]);
        picture.nodes[1] = changed("module.a.module.b.x.y", &["delete", "create"]);
        let smaller = collapse_modules(&picture, |_| false);
        assert_eq!(ids(&smaller), ["module.a", "x.z"]);
        assert_eq!(smaller.nodes[0].collapsed, Some(2));
        assert_eq!(smaller.nodes[0].change, Some(vec!["delete", "create"]));
        let ends: Vec<_> = smaller
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to))
            .collect();
        assert_eq!(ends, [(0, 1), (1, 0)]);
    }

    #[test]
    fn an_open_module_shows_the_closed_ones_in_it() {
        let picture = picture(&["module.a.x.y", "module.a.module.b.x.y"], &[(0, 1)]);
        let smaller = collapse_modules(&picture, |module| module == "module.a");
        assert_eq!(ids(&smaller), ["module.a.x.y", "module.a.module.b"]);
        assert_eq!(smaller.nodes[1].module, "module.a");
    }

    #[test]
    fn boxes_of_boxes_count_objects_only() {
        let mut inner = node("module.a.module.b");
        (inner.kind, inner.collapsed) = (NodeKind::Module, Some(7));
        let mut variable = node("module.a.var.v");
        variable.kind = NodeKind::Variable;
        let mut picture = picture(&["module.a.x.y"], &[]);
        picture.nodes.extend([inner, variable]);
        assert_eq!(
            collapse_modules(&picture, |_| false).nodes[0].collapsed,
            Some(8)
        );
    }

    proptest! {
        /// A box can lead further than what is in it, never less far: inside it there are no ways any more.
        #[test]
        fn boxes_lose_no_way_between_two_nodes(picture in drawn(14), open in any::<u8>()) {
            let keep_open = |module: &str| module.ends_with('a') == (open % 2 == 0) || open > 200;
            let smaller = collapse_modules(&picture, keep_open);
            let (old, new) = (reaches(&picture), reaches(&smaller));
            let place = |node: &Node| smaller.nodes.iter().position(|n| {
                n.id == node.id || n.collapsed.is_some() && node.id.starts_with(&format!("{}.", n.id))
            });
            let place: Vec<usize> = picture.nodes.iter().filter_map(place).collect();
            prop_assert_eq!(place.len(), picture.nodes.len());
            for (a, new_a) in place.iter().enumerate() {
                for (b, new_b) in place.iter().enumerate().filter(|(_, b)| *b != new_a) {
                    prop_assert!(!old[a][b] || new[*new_a][*new_b]);
                }
            }
        }
    }
}
