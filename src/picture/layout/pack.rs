//! Puts finished parts on shelves, and boxes without edges into a grid below.

use super::{Block, GAP, Graph, Layout, Rect, length};

/// Room between two parts.
const APART: i64 = 40;
/// The least width a picture of many small parts has.
const LEAST: i64 = 900;

/// One layout of all parts.
pub(super) fn pack(graph: &Graph, mut blocks: Vec<Block>, alone: &[usize]) -> Layout {
    let room = room(&blocks, graph, alone);
    if !alone.is_empty() {
        blocks.push(grid(graph, alone, room));
    }
    let mut layout = Layout {
        boxes: vec![Rect::default(); graph.sizes.len()],
        ..Layout::default()
    };
    let (mut x, mut y, mut shelf) = (0, 0, 0);
    for block in blocks {
        if x > 0 && x + block.size.0 > room {
            (x, y, shelf) = (0, y + shelf + APART, 0);
        }
        let (width, height) = block.size;
        put(&mut layout, block, x, y);
        layout.width = layout.width.max(x + width);
        layout.height = layout.height.max(y + height);
        (x, shelf) = (x + width + APART, shelf.max(height));
    }
    layout
}

/// How wide the picture is to be: as its widest part, or one and a half times as wide as it is high.
fn room(blocks: &[Block], graph: &Graph, alone: &[usize]) -> i64 {
    let areas = blocks
        .iter()
        .map(|block| (block.size.0 + APART) * (block.size.1 + APART));
    let boxes = alone.iter().map(|node| graph.sizes[*node]);
    let boxes = boxes.map(|(width, height)| (width + GAP) * (height + GAP));
    let area: i64 = areas.chain(boxes).sum();
    let widest = blocks.iter().map(|block| block.size.0).max().unwrap_or(0);
    (area * 3 / 2).isqrt().max(widest).max(LEAST)
}

fn grid(graph: &Graph, alone: &[usize], room: i64) -> Block {
    let sizes = alone.iter().map(|node| graph.sizes[*node]);
    let cell = sizes.fold((0, 0), |most: (i64, i64), size| {
        (most.0.max(size.0), most.1.max(size.1))
    });
    let columns = ((room + GAP) / (cell.0 + GAP)).clamp(1, length(alone.len()));
    let place = |(at, node): (usize, &usize)| {
        let (column, row) = (length(at) % columns, length(at) / columns);
        let (x, y) = (column * (cell.0 + GAP), row * (cell.1 + GAP));
        (
            *node,
            Rect {
                x,
                y,
                width: cell.0,
                height: cell.1,
            },
        )
    };
    let rows =
        length(alone.len()).div_euclid(columns) + i64::from(length(alone.len()) % columns > 0);
    Block {
        size: (columns * (cell.0 + GAP) - GAP, rows * (cell.1 + GAP) - GAP),
        boxes: alone.iter().enumerate().map(place).collect(),
        lines: Vec::new(),
    }
}

fn put(layout: &mut Layout, block: Block, x: i64, y: i64) {
    for (node, rect) in block.boxes {
        layout.boxes[node] = Rect {
            x: rect.x + x,
            y: rect.y + y,
            ..rect
        };
    }
    for mut line in block.lines {
        for point in &mut line.points {
            *point = (point.0 + x, point.1 + y);
        }
        layout.lines.push(line);
    }
}
