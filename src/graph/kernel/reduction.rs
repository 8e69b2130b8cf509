//! Which edges say nothing new: there is another way from the dependent to the dependency.

use super::order::Order;

const WORDS: usize = 16;
const COLUMNS: usize = WORDS * 64;

/// For each of some edges of the graph, whether a path of two or more steps leads the same way without it. An
/// edge within a circle, or one that is there twice, is not for this to judge: it counts as needed.
///
/// By blocks of columns as in `reach`, since a search from each edge would take seconds on a dense graph.
pub fn redundant(order: &Order, edges: &[(u32, u32)]) -> Vec<bool> {
    let mut found = vec![false; edges.len()];
    let component = |node: u32| order.component_of[node as usize] as usize;
    // By dependency: those of a block of dependencies are answered by one sweep.
    let mut asked: Vec<(usize, usize, usize)> = edges
        .iter()
        .enumerate()
        .map(|(nth, (from, to))| (component(*to), component(*from), nth))
        .filter(|(to, from, _)| to != from)
        .collect();
    asked.sort_unstable();
    let mut rows = vec![[0u64; WORDS]; order.len()];
    let mut left = asked.as_slice();
    while let Some((first, ..)) = left.first() {
        let upto = first + COLUMNS;
        let (block, rest) = left.split_at(left.partition_point(|(to, ..)| *to < upto));
        left = rest;
        let highest = block.iter().map(|(_, from, _)| *from).max().unwrap_or(0);
        reach_block(order, *first, highest, &mut rows);
        for (to, from, nth) in block {
            let (word, bit) = ((to - first) / 64, (to - first) % 64);
            let another = order.edges.of(*from).iter().map(|next| *next as usize);
            found[*nth] = another
                .filter(|next| next != to)
                .any(|next| rows[next][word] >> bit & 1 == 1);
        }
    }
    found
}

/// Fills the rows of the components from `first` to `highest`: which of the columns from `first` on they reach.
fn reach_block(order: &Order, first: usize, highest: usize, rows: &mut [[u64; WORDS]]) {
    rows[..first].fill([0; WORDS]);
    for component in first..=highest {
        let mut row = [0; WORDS];
        if component - first < COLUMNS {
            row[(component - first) / 64] |= 1 << ((component - first) % 64);
        }
        for next in order.edges.of(component) {
            // Dependencies have lower numbers; below the block there is nothing to reach.
            if *next as usize >= first {
                let from = rows[*next as usize];
                row.iter_mut().zip(from).for_each(|(to, from)| *to |= from);
            }
        }
        rows[component] = row;
    }
}
