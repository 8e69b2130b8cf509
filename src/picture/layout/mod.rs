//! Where boxes and lines go: a layered layout, dependents left and dependencies right.
//!
//! Every edge leads from a column to one further right. Edges to the same box share one line through the
//! columns between, so that a hub is a trunk with branches and not a brush. Components are laid out one by one
//! and put on shelves; boxes without edges stand in a grid below. All numbers are whole, all orders total: the
//! same graph gives the same picture everywhere.

mod layers;
mod order;
mod pack;
mod place;
#[cfg(test)]
mod tests;

use order::Sketch;

/// Room between two boxes above each other.
const GAP: i64 = 12;

/// What a layout is made from.
pub(super) struct Graph {
    /// Width and height of each box.
    pub(super) sizes: Vec<(i64, i64)>,
    /// The edges.
    pub(super) edges: Vec<Arrow>,
}

/// An edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The dependent.
    pub(super) from: usize,
    /// The dependency.
    pub(super) to: usize,
    /// Whether it is drawn as one of the past. Such edges share no line with others.
    pub(super) past: bool,
}

/// A box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rect {
    /// Left side.
    pub(super) x: i64,
    /// Upper side.
    pub(super) y: i64,
    /// Width.
    pub(super) width: i64,
    /// Height.
    pub(super) height: i64,
}

/// A line, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The box it begins at; none for a trunk.
    pub(super) from: Option<usize>,
    /// The box it ends at, or whose trunk it joins.
    pub(super) to: usize,
    /// Where it goes. Between two points of different height it bends.
    pub(super) points: Vec<(i64, i64)>,
    /// Whether it stands for past edges.
    pub(super) past: bool,
    /// Whether it closes a cycle: the arrow points left.
    pub(super) against: bool,
    /// Whether it touches the box it ends at.
    pub(super) arrives: bool,
}

/// A finished layout.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Width of everything.
    pub(super) width: i64,
    /// Height of everything.
    pub(super) height: i64,
    /// The boxes, in the order of the graph.
    pub(super) boxes: Vec<Rect>,
    /// The lines. An edge of a box to itself has none.
    pub(super) lines: Vec<Line>,
}

/// A part of a layout whose upper left corner is 0, 0.
struct Block {
    size: (i64, i64),
    boxes: Vec<(usize, Rect)>,
    lines: Vec<Line>,
}

/// Lays out a graph.
pub(super) fn layout(graph: &Graph) -> Layout {
    let (components, alone) = components(graph);
    let blocks = components
        .iter()
        .map(|nodes| component(graph, nodes))
        .collect();
    pack::pack(graph, blocks, &alone)
}

/// The components with edges, largest first, and the nodes without.
fn components(graph: &Graph) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut next = vec![Vec::new(); graph.sizes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        next[edge.from].push(edge.to);
        next[edge.to].push(edge.from);
    }
    let mut seen = vec![false; next.len()];
    let mut all: Vec<Vec<usize>> = Vec::new();
    for start in 0..next.len() {
        let (mut found, mut at) = (Vec::new(), 0);
        if !std::mem::replace(&mut seen[start], true) {
            found.push(start);
        }
        while let Some(node) = found.get(at).copied() {
            at += 1;
            found.extend(
                next[node]
                    .iter()
                    .filter(|to| !std::mem::replace(&mut seen[**to], true)),
            );
        }
        found.sort_unstable();
        all.push(found);
    }
    let (alone, mut several): (Vec<_>, Vec<_>) = all.into_iter().partition(|nodes| nodes.len() < 2);
    several.sort_by_key(|nodes| (std::cmp::Reverse(nodes.len()), nodes[0]));
    (several, alone.concat())
}

/// Lays out a component.
fn component(graph: &Graph, nodes: &[usize]) -> Block {
    let local = |node: &usize| nodes.binary_search(node).ok();
    let ends = graph
        .edges
        .iter()
        .filter(|edge| edge.from != edge.to)
        .filter_map(|edge| {
            let (from, to) = (local(&edge.from)?, local(&edge.to)?);
            Some(Arrow {
                from,
                to,
                past: edge.past,
            })
        });
    let ends: Vec<Arrow> = ends.collect();
    let sizes: Vec<(i64, i64)> = nodes.iter().map(|node| graph.sizes[*node]).collect();
    let sketch = sketch(nodes.len(), &ends);
    let mut block = place::place(&sketch, &sizes);
    for (node, _) in &mut block.boxes {
        *node = nodes[*node];
    }
    for line in &mut block.lines {
        line.from = line.from.map(|node| nodes[node]);
        line.to = nodes[line.to];
    }
    block
}

fn sketch(nodes: usize, edges: &[Arrow]) -> Sketch {
    let against = layers::against(nodes, edges);
    let turned: Vec<Arrow> = edges
        .iter()
        .zip(&against)
        .map(|(edge, against)| turned(*edge, *against))
        .collect();
    let layer = layers::layers(nodes, &turned);
    let mut sketch = Sketch::new(layer, &turned, &against);
    sketch.sort();
    sketch
}

fn turned(edge: Arrow, against: bool) -> Arrow {
    if against {
        Arrow {
            from: edge.to,
            to: edge.from,
            ..edge
        }
    } else {
        edge
    }
}

/// A count as a length.
fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
