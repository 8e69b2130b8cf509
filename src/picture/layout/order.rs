//! The order of what stands above each other in a layer, with few crossings: barycentre sweeps, the best kept.

use super::{Arrow, length};
use std::collections::{BTreeMap, BTreeSet};

/// Sweeps over all layers.
const SWEEPS: usize = 24;
/// Height of a layer for comparing places in layers of different lengths.
const SCALE: i64 = 1 << 20;

/// A layered graph whose links lead from one layer to the next. Items are the nodes, then the places where
/// trunks pass through a layer.
pub(super) struct Sketch {
    /// The layer of each item.
    pub(super) layer: Vec<usize>,
    /// How many of the items are nodes.
    pub(super) nodes: usize,
    /// The items of each layer, from the top.
    pub(super) rows: Vec<Vec<usize>>,
    /// For each item, those in the next layer to the left that it is linked to.
    pub(super) left: Vec<Vec<usize>>,
    /// For each item, those in the next layer to the right.
    pub(super) right: Vec<Vec<usize>>,
    /// The lines to draw.
    pub(super) trunks: Vec<Trunk>,
}

/// All lines of one look to one node.
pub(super) struct Trunk {
    /// The node it leads to.
    pub(super) to: usize,
    /// The nodes it comes from.
    pub(super) from: Vec<usize>,
    /// The items it passes through, from the one next to the node.
    pub(super) through: Vec<usize>,
    /// Whether it stands for past edges.
    pub(super) past: bool,
    /// Whether its edges point the other way.
    pub(super) against: bool,
}

impl Trunk {
    /// The item right of a node in the layer: a place of the trunk, or the node it leads to.
    pub(super) fn entry(&self, layer: usize, end: usize) -> usize {
        let passed = layer - end - 1;
        passed
            .checked_sub(1)
            .map_or(self.to, |last| self.through[last])
    }
}

impl Sketch {
    /// Cuts edges into links.
    pub(super) fn new(layer: Vec<usize>, edges: &[Arrow], against: &[bool]) -> Self {
        let mut shared: BTreeMap<(usize, bool, bool), BTreeSet<usize>> = BTreeMap::new();
        for (edge, against) in edges.iter().zip(against) {
            let key = (edge.to, edge.past, *against);
            shared.entry(key).or_default().insert(edge.from);
        }
        let mut sketch = Self {
            nodes: layer.len(),
            rows: Vec::new(),
            left: vec![Vec::new(); layer.len()],
            right: vec![Vec::new(); layer.len()],
            trunks: Vec::new(),
            layer,
        };
        for ((to, past, against), from) in shared {
            let from = from.into_iter().collect();
            let through = Vec::new();
            sketch.add(Trunk {
                to,
                from,
                through,
                past,
                against,
            });
        }
        sketch.first_order();
        sketch
    }

    fn add(&mut self, mut trunk: Trunk) {
        let end = self.layer[trunk.to];
        let farthest = trunk
            .from
            .iter()
            .map(|node| self.layer[*node])
            .max()
            .unwrap_or(end);
        for layer in end + 1..farthest {
            let item = self.layer.len();
            self.layer.push(layer);
            self.left.push(Vec::new());
            self.right.push(Vec::new());
            self.link(item, trunk.through.last().copied().unwrap_or(trunk.to));
            trunk.through.push(item);
        }
        for node in &trunk.from {
            self.link(*node, trunk.entry(self.layer[*node], end));
        }
        self.trunks.push(trunk);
    }

    fn link(&mut self, left: usize, right: usize) {
        self.right[left].push(right);
        self.left[right].push(left);
    }

    /// Begins with what belongs together side by side: each layer in the order of a search along the links.
    fn first_order(&mut self) {
        let layers = self.layer.iter().max().map_or(0, |last| last + 1);
        self.rows = vec![Vec::new(); layers];
        let mut seen = vec![false; self.layer.len()];
        let mut starts: Vec<usize> = (0..self.layer.len()).collect();
        starts.sort_by_key(|item| (!self.left[*item].is_empty(), *item));
        for start in starts {
            let mut open = vec![start];
            while let Some(item) = open.pop() {
                if std::mem::replace(&mut seen[item], true) {
                    continue;
                }
                self.rows[self.layer[item]].push(item);
                open.extend(self.left[item].iter().rev());
                open.extend(self.right[item].iter().rev());
            }
        }
    }

    /// Orders every layer.
    pub(super) fn sort(&mut self) {
        let mut best = (self.crossings(), self.rows.clone());
        for sweep in 0..SWEEPS {
            let leftwards = sweep % 2 == 0;
            self.sweep(leftwards);
            let crossings = self.crossings();
            if crossings <= best.0 {
                best = (crossings, self.rows.clone());
            }
        }
        self.rows = best.1;
    }

    fn sweep(&mut self, leftwards: bool) {
        let mut place = self.places();
        let last = self.rows.len().saturating_sub(1);
        for step in 1..self.rows.len() {
            let layer = if leftwards { step } else { last - step };
            let fixed = if leftwards { &self.right } else { &self.left };
            let row = &mut self.rows[layer];
            let wish = |item: &usize| mean(&fixed[*item], &place).unwrap_or(place[*item]);
            let mut wishes: Vec<(i64, usize)> =
                row.iter().map(|item| (wish(item), *item)).collect();
            wishes.sort_by_key(|(wish, _)| *wish);
            *row = wishes
                .chunk_by(|a, b| a.0 == b.0)
                .flat_map(|equal| trunks_inside(equal, self.nodes))
                .collect();
            mark(row, &mut place);
        }
    }

    fn places(&self) -> Vec<i64> {
        let mut place = vec![0; self.layer.len()];
        for row in &self.rows {
            mark(row, &mut place);
        }
        place
    }

    /// How many pairs of links cross.
    fn crossings(&self) -> usize {
        let mut index = vec![0; self.layer.len()];
        for row in &self.rows {
            for (at, item) in row.iter().enumerate() {
                index[*item] = at;
            }
        }
        self.rows
            .iter()
            .map(|row| {
                let mut ends = Vec::new();
                for item in row {
                    let from = ends.len();
                    ends.extend(self.right[*item].iter().map(|to| index[*to]));
                    ends[from..].sort_unstable();
                }
                inversions(&ends)
            })
            .sum()
    }
}

/// Items that want the same place, with the trunks in their middle: half of the branches come from above.
fn trunks_inside(equal: &[(i64, usize)], nodes: usize) -> Vec<usize> {
    let items = equal.iter().map(|(_, item)| *item);
    let (mut boxes, trunks): (Vec<usize>, Vec<usize>) = items.partition(|item| *item < nodes);
    let below = boxes.split_off(boxes.len() / 2);
    [boxes, trunks, below].concat()
}

fn mark(row: &[usize], place: &mut [i64]) {
    for (at, item) in row.iter().enumerate() {
        place[*item] = (2 * length(at) + 1) * SCALE / (2 * length(row.len()));
    }
}

/// The mean of some places; nothing when there are none.
pub(super) fn mean(items: &[usize], place: &[i64]) -> Option<i64> {
    let sum: i64 = items.iter().map(|item| place[*item]).sum();
    sum.checked_div_euclid(length(items.len()))
}

/// How many pairs of numbers stand in the wrong order, by a tree of counts.
fn inversions(numbers: &[usize]) -> usize {
    let mut tree = vec![0; numbers.iter().max().map_or(0, |most| most + 2)];
    let mut found = 0;
    for (before, number) in numbers.iter().enumerate() {
        let (mut at, mut not_larger) = (number + 1, 0);
        while at > 0 {
            not_larger += tree[at];
            at &= at - 1;
        }
        found += before - not_larger;
        at = number + 1;
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::inversions;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn inversions_are_pairs_in_the_wrong_order(numbers in prop::collection::vec(0..20_usize, 0..30)) {
            let pairs = numbers.iter().enumerate().map(|(at, number)| {
                numbers[at..].iter().filter(|later| *later < number).count()
            });
            prop_assert_eq!(inversions(&numbers), pairs.sum::<usize>());
        }
    }
}
