//! What a layout promises: no two boxes overlap, edges lead from left to right, lines pass no box.

use super::{Arrow, Graph, Layout, Rect, layout};
use proptest::prelude::*;

fn graph(many: usize, ends: &[(usize, usize)]) -> Graph {
    let arrow = |(from, to): &(usize, usize)| Arrow {
        from: *from,
        to: *to,
        past: from % 3 == 2,
    };
    Graph {
        sizes: (0..many)
            .map(|node| (60 + i64::try_from(node % 7).unwrap_or(0) * 30, 36))
            .collect(),
        edges: ends.iter().map(arrow).collect(),
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

fn is_sound(graph: &Graph, layout: &Layout) -> Result<(), String> {
    for (a, one) in layout.boxes.iter().enumerate() {
        let fits = one.x >= 0
            && one.y >= 0
            && one.x + one.width <= layout.width
            && one.y + one.height <= layout.height;
        if !fits || one.width < graph.sizes[a].0 || one.height < graph.sizes[a].1 {
            return Err(format!("{a} does not fit: {one:?}"));
        }
        if let Some(b) = (0..a).find(|b| overlap(one, &layout.boxes[*b])) {
            return Err(format!("{a} and {b} overlap"));
        }
    }
    for line in &layout.lines {
        if line.points.windows(2).any(|pair| pair[0].0 > pair[1].0) {
            return Err(format!("{line:?} leads back"));
        }
        // Where a line is level, it passes a column: no box may be in its way.
        for pair in line.points.windows(2).filter(|pair| pair[0].1 == pair[1].1) {
            let ((x, y), (end, _)) = (pair[0], pair[1]);
            let crossed = |one: &Rect| {
                x < one.x + one.width && one.x < end && one.y < y && y < one.y + one.height
            };
            if layout.boxes.iter().any(crossed) {
                return Err(format!("{line:?} passes a box"));
            }
        }
    }
    Ok(())
}

/// Whether an edge has a line from its left end, and that line or a trunk to its right end.
fn is_drawn(layout: &Layout, edge: &Arrow) -> bool {
    let (from, to) = (layout.boxes[edge.from], layout.boxes[edge.to]);
    let against = from.x > to.x;
    let (left, right) = if against {
        (edge.to, edge.from)
    } else {
        (edge.from, edge.to)
    };
    let alike = layout
        .lines
        .iter()
        .filter(|line| line.to == right && line.past == edge.past && line.against == against);
    let branch = alike.clone().find(|line| line.from == Some(left));
    branch.is_some_and(|branch| {
        branch.arrives
            || alike
                .clone()
                .any(|line| line.from.is_none() && line.points.contains(&branch.points[1]))
    })
}

proptest! {
    #[test]
    fn no_box_overlaps_another_and_every_edge_leads_right(
        many in 1..40_usize,
        ends in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..80),
    ) {
        let ends: Vec<_> = ends.iter().map(|(a, b)| (a.index(many), b.index(many))).collect();
        let graph = graph(many, &ends);
        let layout = layout(&graph);
        prop_assert_eq!(is_sound(&graph, &layout), Ok(()));
        for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
            prop_assert!(is_drawn(&layout, edge), "{:?}", edge);
        }
        prop_assert_eq!(&super::layout(&graph), &layout);
    }

    #[test]
    fn without_cycles_every_dependency_stands_right_of_its_dependents(
        ends in prop::collection::vec((0..60_usize, 0..60_usize), 0..120),
    ) {
        let ends: Vec<_> = ends.into_iter().filter(|(from, to)| from < to).collect();
        let graph = graph(60, &ends);
        let layout = layout(&graph);
        prop_assert!(layout.lines.iter().all(|line| !line.against));
        for (from, to) in ends {
            let (from, to) = (layout.boxes[from], layout.boxes[to]);
            prop_assert!(from.x + from.width < to.x);
        }
    }
}

#[test]
fn only_the_edge_that_closes_a_cycle_points_back() {
    let graph = graph(3, &[(0, 1), (1, 2), (2, 1)]);
    let against: Vec<_> = layout(&graph)
        .lines
        .into_iter()
        .filter(|line| line.against)
        .collect();
    assert_eq!(against.len(), 1);
    assert_eq!((against[0].from, against[0].to), (Some(1), 2));
}

#[test]
fn a_hub_is_not_one_tall_column() {
    let ends: Vec<_> = (1..200).map(|node| (node, 0)).collect();
    let graph = graph(200, &ends);
    let layout = layout(&graph);
    assert_eq!(is_sound(&graph, &layout), Ok(()));
    assert!(
        layout.height < 2 * layout.width,
        "{} by {}",
        layout.width,
        layout.height
    );
}

#[test]
fn a_graph_of_nothing_has_no_size() {
    let layout = layout(&graph(0, &[]));
    assert_eq!((layout.width, layout.height), (0, 0));
}
