//! Makes a picture small enough to look at, and says how. In this order, until it fits: arrows pass through
//! what only carries references; modules become one box each, the deepest first, with changed objects still on
//! their own, then without; the most important nodes are drawn, and the rest is counted.

use super::select::{self, Direction};
use super::style::Action;
use super::{Node, Picture, modules};
use std::cmp::Reverse;

/// A picture of at most so many nodes.
pub(super) fn fit(picture: &Picture, most: usize) -> Picture {
    if picture.nodes.len() <= most {
        return picture.clone();
    }
    let smaller = select::without_carriers(picture);
    if smaller.nodes.len() <= most {
        return smaller;
    }
    let apart = closed(&smaller, most, |node| Action::of(node).is_some());
    let apart = apart.or_else(|| closed(&smaller, most, |_| false));
    apart.unwrap_or_else(|| first(&smaller, most))
}

/// The picture without arrows that others imply.
pub(super) fn without_implied(picture: &Picture) -> Picture {
    let mut smaller = select::reduce(picture);
    let implied = picture.edges.len() - smaller.edges.len();
    if implied > 0 {
        let note = format!("arrows not drawn because others imply them: {implied}");
        smaller.notes.push(note);
    }
    smaller
}

/// The picture with as few modules closed as makes it fit, from the deepest; nothing when none of that is enough.
fn closed(picture: &Picture, most: usize, keep: impl Fn(&Node) -> bool) -> Option<Picture> {
    let deepest = picture
        .nodes
        .iter()
        .map(|node| modules::depth(&node.module))
        .max()?;
    // Hostile nesting costs a few attempts, not thousands.
    let levels = (1..=deepest.min(8)).rev();
    let attempts = levels.map(|level| {
        let open = |module: &str| modules::depth(module) < level;
        (level, select::collapse(picture, open, &keep))
    });
    let (level, mut smaller) = attempts
        .into_iter()
        .find(|(_, one)| one.nodes.len() <= most)?;
    let boxes = smaller
        .nodes
        .iter()
        .filter(|node| node.collapsed.is_some())
        .count();
    smaller.notes.push(format!(
        "{} nodes are too many for one picture: {boxes} modules from depth {level} down are one box each",
        picture.nodes.len()
    ));
    Some(smaller)
}

/// The most important nodes: what changes, then what is nearest to a change, then what has most edges.
fn first(picture: &Picture, most: usize) -> Picture {
    let modules = select::collapse_modules(picture, |_| false);
    let picture = if modules.nodes.len() < picture.nodes.len() {
        &modules
    } else {
        picture
    };
    let next = select::neighbours(picture, Direction::Both);
    let changing = (0..next.len()).filter(|node| Action::of(&picture.nodes[*node]).is_some());
    let near = select::distances(&next, &changing.collect::<Vec<_>>());
    let mut order: Vec<usize> = (0..next.len()).collect();
    order.sort_by_key(|node| (near[*node], Reverse(next[*node].len()), *node));
    let mut kept = vec![false; next.len()];
    for node in order.into_iter().take(most) {
        kept[node] = true;
    }
    let mut smaller = select::subset(picture, &kept);
    smaller.notes.push(format!(
        "{} nodes are too many for one picture: the {most} that change or are nearest to a change are drawn, {} are left out",
        next.len(),
        next.len() - most
    ));
    smaller
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, ids, node, picture};
    use super::super::{NodeKind, Picture};
    use super::fit;

    fn modules(many: usize, each: usize) -> Picture {
        let of =
            |module| (0..each).map(move |n| node(&format!("module.m{module}.module.n.x.y{n}")));
        Picture {
            nodes: (0..many).flat_map(of).collect(),
            ..Picture::default()
        }
    }

    #[test]
    fn what_fits_is_left_alone() {
        let picture = picture(&["a.a", "b.b"], &[(0, 1)]);
        assert_eq!(fit(&picture, 2), picture);
    }

    #[test]
    fn what_carries_references_goes_first() {
        let mut picture = picture(&["a.a", "local.l", "b.b"], &[(0, 1), (1, 2)]);
        picture.nodes[1].kind = NodeKind::Local;
        let smaller = fit(&picture, 2);
        assert_eq!(ids(&smaller), ["a.a", "b.b"]);
        assert_eq!((smaller.edges.len(), smaller.notes.len()), (1, 1));
    }

    #[test]
    fn modules_are_closed_and_changes_stay_on_their_own() {
        let mut picture = modules(5, 10);
        picture.nodes[3] = changed("module.m0.module.n.x.y3", &["delete"]);
        let smaller = fit(&picture, 20);
        assert_eq!(smaller.nodes.len(), 6);
        assert!(
            ids(&smaller)
                .iter()
                .any(|id| id == "module.m0.module.n.x.y3")
        );
        assert_eq!(
            smaller.notes,
            ["50 nodes are too many for one picture: 5 modules from depth 2 down are one box each"]
        );
    }

    #[test]
    fn too_many_changes_go_into_their_modules() {
        let mut picture = modules(5, 10);
        for node in &mut picture.nodes {
            node.change = Some(vec!["create"]);
        }
        let smaller = fit(&picture, 20);
        assert_eq!(smaller.nodes.len(), 5);
        assert!(smaller.nodes.iter().all(|node| node.change.is_some()));
    }

    #[test]
    fn the_nearest_to_a_change_are_drawn_when_nothing_else_helps() {
        let mut picture = picture(&["a.a", "b.b", "c.c", "d.d"], &[(2, 3)]);
        picture.nodes[3] = changed("d.d", &["update"]);
        let smaller = fit(&picture, 2);
        assert_eq!(ids(&smaller), ["c.c", "d.d"]);
        assert!(smaller.notes[0].ends_with("nearest to a change are drawn, 2 are left out"));
    }
}
