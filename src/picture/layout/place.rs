//! From orders to coordinates: columns as wide as their widest box, and heights that keep lines straight.

use super::order::{Sketch, Trunk, mean};
use super::{Block, GAP, Line, Rect, length};

/// Rounds of moving towards neighbours.
const ROUNDS: usize = 24;
/// Room between two columns, and how much more there may be where many lines bend.
const AISLE: (i64, i64) = (48, 80);
/// How much more than a box a trunk insists on its place.
const TRUNK: i64 = 8;
/// Room around a line that passes a column.
const LINE: i64 = 8;

/// The coordinates of a sketch.
pub(super) fn place(sketch: &Sketch, sizes: &[(i64, i64)]) -> Block {
    let height = |item: usize| sizes.get(item).map_or(0, |size| size.1);
    let columns = columns(sketch, sizes);
    let middles = middles(sketch, &height);
    let tops = (0..middles.len()).map(|item| middles[item] - height(item) / 2);
    let top = tops.min().unwrap_or(0);
    let middles: Vec<i64> = middles.into_iter().map(|middle| middle - top).collect();
    let boxes = sizes.iter().enumerate().map(|(node, size)| {
        let (x, width) = columns[sketch.layer[node]];
        let y = middles[node] - size.1 / 2;
        (
            node,
            Rect {
                x,
                y,
                width,
                height: size.1,
            },
        )
    });
    let boxes: Vec<(usize, Rect)> = boxes.collect();
    let pen = Pen {
        sketch,
        columns: &columns,
        middles: &middles,
    };
    let bottoms = (0..middles.len()).map(|item| middles[item] + (height(item) + 1) / 2);
    let (x, width) = columns.first().copied().unwrap_or_default();
    Block {
        size: (x + width, bottoms.max().unwrap_or(0)),
        lines: sketch
            .trunks
            .iter()
            .flat_map(|trunk| pen.lines(trunk))
            .collect(),
        boxes,
    }
}

/// Left side and width of the column of each layer.
fn columns(sketch: &Sketch, sizes: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut columns = vec![(0, 0); sketch.rows.len()];
    let mut x = 0;
    for (layer, row) in sketch.rows.iter().enumerate().rev() {
        let widths = row.iter().filter_map(|item| sizes.get(*item));
        let width = widths.map(|size| size.0).max().unwrap_or(0);
        columns[layer] = (x, width);
        let links: usize = row.iter().map(|item| sketch.right[*item].len()).sum();
        x += width + AISLE.0 + length(links).min(AISLE.1);
    }
    columns
}

/// The middle of each item: moved towards its neighbours on one side, then on the other, at last on both.
fn middles(sketch: &Sketch, height: &impl Fn(usize) -> i64) -> Vec<i64> {
    let mut middle = vec![0; sketch.layer.len()];
    for row in &sketch.rows {
        settle(row, &vec![0; row.len()], height, &mut middle);
    }
    let both = both_sides(sketch);
    for round in 0..ROUNDS {
        let side = match round {
            _ if round >= ROUNDS / 2 => &both,
            _ if round % 2 == 0 => &sketch.right,
            _ => &sketch.left,
        };
        for step in 0..sketch.rows.len() {
            let row = if round % 2 == 0 {
                step
            } else {
                sketch.rows.len() - 1 - step
            };
            let row = &sketch.rows[row];
            let wish = |item: &usize| mean(&side[*item], &middle).unwrap_or(middle[*item]);
            let wishes: Vec<i64> = row.iter().map(wish).collect();
            settle(row, &wishes, height, &mut middle);
        }
    }
    middle
}

/// The neighbours of each item. Branches do not bend a trunk: it has only the rest of itself.
fn both_sides(sketch: &Sketch) -> Vec<Vec<usize>> {
    let straight = |item: usize| {
        let left = sketch.left[item]
            .iter()
            .filter(|left| item < sketch.nodes || **left >= sketch.nodes);
        left.chain(&sketch.right[item]).copied().collect()
    };
    (0..sketch.layer.len()).map(straight).collect()
}

/// Brings a row as near to its wishes as its order and its gaps allow. Without the gaps that is a row of numbers
/// that must not fall, nearest to the wishes in squares: neighbours that want to pass each other are pooled. A
/// trunk weighs more than a box, or it would be a staircase.
fn settle(row: &[usize], wishes: &[i64], height: &impl Fn(usize) -> i64, middle: &mut [i64]) {
    let mut offset = 0;
    let mut offsets = Vec::with_capacity(row.len());
    let mut pools: Vec<Pool> = Vec::new();
    for (at, item) in row.iter().enumerate() {
        if at > 0 {
            offset += apart(height(row[at - 1]), height(*item));
        }
        offsets.push(offset);
        let weight = if height(*item) == 0 { TRUNK } else { 1 };
        let mut pool = Pool {
            sum: (wishes[at] - offset) * weight,
            weight,
            many: 1,
        };
        while let Some(last) = pools.pop_if(|last| last.sum * pool.weight >= pool.sum * last.weight)
        {
            pool.sum += last.sum;
            pool.weight += last.weight;
            pool.many += last.many;
        }
        pools.push(pool);
    }
    let pooled = pools
        .iter()
        .flat_map(|pool| (0..pool.many).map(|_| pool.sum.div_euclid(pool.weight)));
    for ((item, offset), base) in row.iter().zip(offsets).zip(pooled) {
        middle[*item] = base + offset;
    }
}

/// Neighbours that move as one.
struct Pool {
    sum: i64,
    weight: i64,
    many: usize,
}

/// How far apart the middles of two neighbours have to be. A line has no height.
fn apart(upper: i64, lower: i64) -> i64 {
    let gap = if upper == 0 || lower == 0 { LINE } else { GAP };
    (upper + 1) / 2 + (lower + 1) / 2 + gap
}

struct Pen<'a> {
    sketch: &'a Sketch,
    columns: &'a [(i64, i64)],
    middles: &'a [i64],
}

impl Pen<'_> {
    /// The lines of a trunk: itself where it passes a column, and a branch from each node.
    fn lines(&self, trunk: &Trunk) -> Vec<Line> {
        let end = self.sketch.layer[trunk.to];
        let stem = (!trunk.through.is_empty()).then(|| {
            let through = trunk.through.iter().rev();
            let mut points: Vec<_> = through
                .flat_map(|item| [self.left(*item), self.right(*item)])
                .collect();
            points.push(self.left(trunk.to));
            self.line(trunk, None, points, true)
        });
        let branch = |node: &usize| {
            let entry = trunk.entry(self.sketch.layer[*node], end);
            let points = vec![self.right(*node), self.left(entry)];
            self.line(trunk, Some(*node), points, entry == trunk.to)
        };
        stem.into_iter()
            .chain(trunk.from.iter().map(branch))
            .collect()
    }

    fn line(
        &self,
        trunk: &Trunk,
        from: Option<usize>,
        points: Vec<(i64, i64)>,
        arrives: bool,
    ) -> Line {
        let (to, past, against) = (trunk.to, trunk.past, trunk.against);
        debug_assert!(to < self.sketch.nodes, "trunks lead to nodes");
        Line {
            from,
            to,
            points,
            past,
            against,
            arrives,
        }
    }

    fn left(&self, item: usize) -> (i64, i64) {
        (self.columns[self.sketch.layer[item]].0, self.middles[item])
    }

    fn right(&self, item: usize) -> (i64, i64) {
        let (x, width) = self.columns[self.sketch.layer[item]];
        (x + width, self.middles[item])
    }
}
