//! Places boxes in layers, dependents left of their dependencies: longest paths, then barycentre sweeps, after
//! Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981).

use super::Picture;

const SWEEPS: usize = 16;
const GAP_X: f64 = 70.0;
const GAP_Y: f64 = 14.0;
/// The height of all boxes.
pub(super) const HEIGHT: f64 = 36.0;
/// Edges over more layers than this are drawn straight: their bends would outnumber the boxes.
const LONGEST_BENT: usize = 40;

/// Where a box is: its left upper corner, and its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

/// Places of all nodes, the bends of all edges, and the size of the whole.
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Lays out a picture whose boxes are so wide.
pub(super) fn layout(picture: &Picture, widths: &[f64]) -> Layout {
    let edges: Vec<(usize, usize)> = picture
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    let layers = layers(widths.len(), &edges);
    let mut grid = Grid::new(widths, &edges, layers);
    grid.sweep();
    grid.coordinates();
    grid.finish(widths, &edges)
}

/// The layer of each node, 0 at the left. Edges that close a circle do not count.
fn layers(n: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut next = vec![Vec::new(); n];
    for (from, to) in edges {
        next[*from].push(*to);
    }
    let (mut depth, mut state) = (vec![0; n], vec![0u8; n]);
    let mut stack = Vec::new();
    for start in 0..n {
        if state[start] == 0 {
            stack.push((start, 0));
            state[start] = 1;
        }
        while let Some((at, nth)) = stack.pop() {
            if let Some(to) = next[at].get(nth).copied() {
                stack.push((at, nth + 1));
                match state[to] {
                    0 => {
                        state[to] = 1;
                        stack.push((to, 0));
                    }
                    2 => depth[at] = depth[at].max(depth[to] + 1),
                    _ => {}
                }
            } else {
                state[at] = 2;
                if let Some((parent, _)) = stack.last() {
                    depth[*parent] = depth[*parent].max(depth[at] + 1);
                }
            }
        }
    }
    let deepest = depth.iter().max().copied().unwrap_or(0);
    depth.iter().map(|depth| deepest - depth).collect()
}

/// Boxes and bends in layers. A bend is a point of an edge in a layer between its ends.
struct Grid {
    /// Items of each layer, from top to bottom.
    rows: Vec<Vec<usize>>,
    layer: Vec<usize>,
    y: Vec<f64>,
    height: Vec<f64>,
    /// Neighbours in the layers to the left and to the right.
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    column_width: Vec<f64>,
    bends: Vec<Vec<usize>>,
    alone: Vec<usize>,
}

impl Grid {
    fn new(widths: &[f64], edges: &[(usize, usize)], layer: Vec<usize>) -> Self {
        let n = widths.len();
        let mut joined = vec![false; n];
        for (from, to) in edges {
            (joined[*from], joined[*to]) = (true, true);
        }
        let count = layer.iter().max().map_or(0, |deepest| deepest + 1);
        let mut grid = Self {
            rows: vec![Vec::new(); count],
            column_width: vec![0.0; count],
            layer,
            y: vec![0.0; n],
            height: vec![HEIGHT; n],
            left: vec![Vec::new(); n],
            right: vec![Vec::new(); n],
            bends: vec![Vec::new(); edges.len()],
            alone: (0..n).filter(|id| !joined[*id]).collect(),
        };
        for id in (0..n).filter(|id| joined[*id]) {
            grid.rows[grid.layer[id]].push(id);
            let column = &mut grid.column_width[grid.layer[id]];
            *column = column.max(widths[id]);
        }
        for (nth, (from, to)) in edges.iter().enumerate() {
            grid.thread(nth, *from, *to);
        }
        grid
    }

    /// Leads an edge through the layers between its ends.
    fn thread(&mut self, nth: usize, from: usize, to: usize) {
        let (mut at, end) = if self.layer[from] < self.layer[to] {
            (from, to)
        } else {
            (to, from)
        };
        if self.layer[end] - self.layer[at] > LONGEST_BENT || self.layer[end] == self.layer[at] {
            return;
        }
        for layer in self.layer[at] + 1..self.layer[end] {
            let bend = self.layer.len();
            self.layer.push(layer);
            self.y.push(0.0);
            self.height.push(2.0);
            self.left.push(vec![at]);
            self.right.push(Vec::new());
            self.right[at].push(bend);
            self.rows[layer].push(bend);
            self.bends[nth].push(bend);
            at = bend;
        }
        self.right[at].push(end);
        self.left[end].push(at);
    }

    /// Orders each layer by the middle of its neighbours, to and fro.
    fn sweep(&mut self) {
        let mut rank = vec![0.0; self.layer.len()];
        for row in &self.rows {
            row.iter()
                .enumerate()
                .for_each(|(nth, id)| rank[*id] = as_f64(nth));
        }
        for turn in 0..SWEEPS {
            let forth = turn % 2 == 0;
            let count = self.rows.len();
            for step in 0..count {
                let layer = if forth { step } else { count - 1 - step };
                let near = if forth { &self.left } else { &self.right };
                let middle =
                    |id: &usize| mean(near[*id].iter().map(|n| rank[*n])).unwrap_or(rank[*id]);
                let mut row: Vec<(f64, usize)> = self.rows[layer]
                    .iter()
                    .map(|id| (middle(id), *id))
                    .collect();
                row.sort_by(|a, b| a.0.total_cmp(&b.0));
                for (nth, (_, id)) in row.iter().enumerate() {
                    rank[*id] = as_f64(nth);
                }
                self.rows[layer] = row.into_iter().map(|(_, id)| id).collect();
            }
        }
    }

    /// Moves boxes towards their neighbours without changing their order.
    fn coordinates(&mut self) {
        for row in &self.rows {
            let mut y = 0.0;
            for id in row {
                self.y[*id] = y;
                y += self.height[*id] + GAP_Y;
            }
        }
        for turn in 0..SWEEPS {
            let count = self.rows.len();
            for step in 0..count {
                let layer = if turn % 2 == 0 {
                    step
                } else {
                    count - 1 - step
                };
                self.align(layer);
            }
        }
    }

    fn align(&mut self, layer: usize) {
        let row = std::mem::take(&mut self.rows[layer]);
        let centre = |grid: &Self, id: usize| grid.y[id] + grid.height[id] / 2.0;
        let wanted: Vec<f64> = row
            .iter()
            .map(|id| {
                let near = self.left[*id].iter().chain(&self.right[*id]);
                let middle = mean(near.map(|n| centre(self, *n)));
                middle.map_or(self.y[*id], |middle| middle - self.height[*id] / 2.0)
            })
            .collect();
        // Down as far as needed, up as far as possible: the mean of both keeps the order and the distances.
        let (mut down, mut up) = (wanted.clone(), wanted);
        for nth in 1..row.len() {
            down[nth] = down[nth].max(down[nth - 1] + self.height[row[nth - 1]] + GAP_Y);
        }
        for nth in (0..row.len().saturating_sub(1)).rev() {
            up[nth] = up[nth].min(up[nth + 1] - self.height[row[nth]] - GAP_Y);
        }
        for (nth, id) in row.iter().enumerate() {
            self.y[*id] = f64::midpoint(down[nth], up[nth]);
        }
        self.rows[layer] = row;
    }

    fn finish(self, widths: &[f64], edges: &[(usize, usize)]) -> Layout {
        let top = self
            .rows
            .iter()
            .flatten()
            .map(|id| self.y[*id])
            .fold(f64::INFINITY, f64::min);
        let top = if top.is_finite() { top } else { 0.0 };
        let mut columns = Vec::with_capacity(self.column_width.len());
        let mut x = GAP_Y;
        for width in &self.column_width {
            columns.push(x);
            x += width + GAP_X;
        }
        let mut places: Vec<Place> = (0..widths.len())
            .map(|id| Place {
                x: columns.get(self.layer[id]).copied().unwrap_or_default(),
                y: self.y[id] - top + GAP_Y,
                width: widths[id],
            })
            .collect();
        let lowest = |id: &usize| self.y[*id] - top + GAP_Y + self.height[*id] + GAP_Y;
        let bottom = self.rows.iter().flatten().map(lowest).fold(GAP_Y, f64::max);
        let (right, bottom) = in_rows(&self.alone, &mut places, x.max(1000.0), bottom);
        let bends = (0..edges.len())
            .map(|nth| self.bend(nth, &columns, top))
            .collect();
        Layout {
            places,
            bends,
            width: x.max(right),
            height: bottom,
        }
    }

    fn bend(&self, nth: usize, columns: &[f64], top: f64) -> Vec<(f64, f64)> {
        let point = |id: &usize| {
            let layer = self.layer[*id];
            (
                columns[layer] + self.column_width[layer] / 2.0,
                self.y[*id] - top + GAP_Y,
            )
        };
        self.bends[nth].iter().map(point).collect()
    }
}

/// Places boxes that no edge joins below the others, in rows.
fn in_rows(alone: &[usize], places: &mut [Place], width: f64, top: f64) -> (f64, f64) {
    let (mut x, mut y, mut right) = (GAP_Y, top, 0.0);
    for id in alone {
        if x > GAP_Y && x + places[*id].width > width {
            (x, y) = (GAP_Y, y + HEIGHT + GAP_Y);
        }
        (places[*id].x, places[*id].y) = (x, y);
        x += places[*id].width + GAP_Y;
        right = f64::max(right, x);
    }
    (
        right,
        if alone.is_empty() {
            top
        } else {
            y + HEIGHT + GAP_Y
        },
    )
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / as_f64(count))
}

fn as_f64(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, layout};
    use crate::picture::{Edge, Kinds, Node, Picture};
    use proptest::prelude::*;

    fn picture(n: usize, edges: &[(usize, usize)]) -> Picture {
        Picture {
            nodes: vec![Node::default(); n],
            edges: edges
                .iter()
                .map(|(from, to)| Edge {
                    from: *from,
                    to: *to,
                    kinds: Kinds::REFERENCE,
                })
                .collect(),
            notes: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn boxes_never_overlap_and_dependents_stand_left_of_dependencies(
            pairs in prop::collection::vec((0usize..25, 0usize..25), 0..60),
        ) {
            let edges: Vec<_> = pairs.into_iter().filter(|(a, b)| a < b).collect();
            let widths: Vec<f64> = (0u8..25).map(|n| 40.0 + f64::from(n)).collect();
            let found = layout(&picture(25, &edges), &widths);
            for (from, to) in &edges {
                prop_assert!(found.places[*from].x < found.places[*to].x);
            }
            for a in 0..25 {
                for b in a + 1..25 {
                    let (p, q) = (found.places[a], found.places[b]);
                    let apart = p.x + p.width <= q.x || q.x + q.width <= p.x
                        || p.y + HEIGHT <= q.y + 0.01 || q.y + HEIGHT <= p.y + 0.01;
                    prop_assert!(apart, "{a} {p:?} and {b} {q:?}");
                }
            }
        }

        #[test]
        fn circles_are_laid_out_as_well(pairs in prop::collection::vec((0usize..12, 0usize..12), 0..40)) {
            let found = layout(&picture(12, &pairs), &[50.0; 12]);
            prop_assert!(found.places.iter().all(|place| place.x.is_finite() && place.y.is_finite()));
        }
    }
}
