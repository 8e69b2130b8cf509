//! How much depends on every node, and how much every node depends on: exact, for all nodes at once.
//!
//! A search from each node would take hours on a dense graph, a matrix gigabytes. Instead 512 nodes at a time
//! are a block of columns: each component has 64 bytes of which of them reach it, and one sweep in topological
//! order pushes those to its neighbours. Components that nothing of the block reaches are passed over by a bitmap.

use super::order::{Csr, Order};

const WORDS: usize = 8;
const COLUMNS: usize = WORDS * 64;

/// The columns of a block that reach a component.
type Row = [u64; WORDS];

/// For every node, the sum of the weights of all other nodes that depend on it, over any number of steps. In a
/// circle the others count, the node itself never does.
pub fn dependents(order: &Order, weights: &[u32]) -> Vec<u64> {
    let last = order.len().saturating_sub(1);
    Sweep {
        order,
        next: &order.edges,
        rank: |component| last - component,
    }
    .run(weights)
}

/// For every node, the sum of the weights of all other nodes it depends on.
pub fn dependencies(order: &Order, weights: &[u32]) -> Vec<u64> {
    let next = order.edges.reversed();
    Sweep {
        order,
        next: &next,
        rank: |component| component,
    }
    .run(weights)
}

/// A sweep over components in the order of their rank, which `next` never leads against.
struct Sweep<'o, F> {
    order: &'o Order,
    next: &'o Csr,
    /// From a component to its rank, and back: both ways the same.
    rank: F,
}

impl<F: Fn(usize) -> usize> Sweep<'_, F> {
    fn run(&self, weights: &[u32]) -> Vec<u64> {
        let count = self.order.len();
        let mut sums = vec![0u64; count];
        let columns = self.columns(weights);
        let mut state = State {
            rows: vec![[0; WORDS]; count],
            dirty: vec![0; count.div_ceil(64)],
            full: vec![0; count.div_ceil(64)],
        };
        for block in columns.chunks(COLUMNS) {
            self.sweep(&Block::of(block), &mut state, &mut sums);
        }
        let of =
            |(node, component): (usize, &u32)| sums[*component as usize] - u64::from(weights[node]);
        self.order.component_of.iter().enumerate().map(of).collect()
    }

    /// Components that weigh anything, by rank: a block of them is then close together.
    fn columns(&self, weights: &[u32]) -> Vec<(usize, u64)> {
        let weigh = |component: usize| {
            let members = self.order.members.of(component).iter();
            members.map(|node| u64::from(weights[*node as usize])).sum()
        };
        let ranked = (0..self.order.len()).map(|rank| (self.rank)(rank));
        ranked
            .map(|component| (component, weigh(component)))
            .filter(|(_, weight)| *weight > 0)
            .collect()
    }

    fn sweep(&self, block: &Block<'_>, state: &mut State, sums: &mut [u64]) {
        for (column, (component, _)) in block.columns.iter().enumerate() {
            state.rows[*component][column / 64] |= 1 << (column % 64);
            mark(&mut state.dirty, (self.rank)(*component));
        }
        let first = (self.rank)(block.columns[0].0) / 64;
        for word in first..state.dirty.len() {
            // Marks may be added behind the one that is taken, in the same word.
            while state.dirty[word] != 0 {
                let rank = word * 64 + state.dirty[word].trailing_zeros() as usize;
                state.dirty[word] &= state.dirty[word] - 1;
                let component = (self.rank)(rank);
                sums[component] += self.push(component, block, state);
            }
        }
    }

    /// Hands on what reaches a component; what that weighs.
    fn push(&self, component: usize, block: &Block<'_>, state: &mut State) -> u64 {
        let row = std::mem::take(&mut state.rows[component]);
        if state.take_full(component) || block.is_full(&row) {
            for next in self.next.of(component) {
                let next = *next as usize;
                if !state.is_full(next) {
                    mark(&mut state.full, next);
                    mark(&mut state.dirty, (self.rank)(next));
                }
            }
            return block.total;
        }
        for next in self.next.of(component) {
            let next = *next as usize;
            if !state.is_full(next) {
                state.rows[next]
                    .iter_mut()
                    .zip(row)
                    .for_each(|(to, from)| *to |= from);
                mark(&mut state.dirty, (self.rank)(next));
            }
        }
        block.sum(&row)
    }
}

/// What is known of each component while a block is swept; all zero before and after.
struct State {
    rows: Vec<Row>,
    /// By rank: components that something of the block reaches and that were not passed yet.
    dirty: Vec<u64>,
    /// Components that all of the block reaches: their rows need not be touched, and near the end of a large
    /// graph they are most.
    full: Vec<u64>,
}

impl State {
    fn is_full(&self, component: usize) -> bool {
        self.full[component / 64] >> (component % 64) & 1 == 1
    }

    fn take_full(&mut self, component: usize) -> bool {
        let full = self.is_full(component);
        self.full[component / 64] &= !(1 << (component % 64));
        full
    }
}

fn mark(dirty: &mut [u64], rank: usize) {
    dirty[rank / 64] |= 1 << (rank % 64);
}

/// The columns of a block, with what they weigh.
struct Block<'c> {
    columns: &'c [(usize, u64)],
    /// Whether all columns weigh one: then counting bits will do.
    plain: bool,
    total: u64,
}

impl<'c> Block<'c> {
    fn of(columns: &'c [(usize, u64)]) -> Self {
        Self {
            columns,
            plain: columns.iter().all(|(_, weight)| *weight == 1),
            total: columns.iter().map(|(_, weight)| weight).sum(),
        }
    }

    /// Whether all columns are in a row.
    fn is_full(&self, row: &Row) -> bool {
        self.columns.len() == COLUMNS
            && row.iter().fold(u64::MAX, |all, word| all & word) == u64::MAX
    }

    /// The weight of the columns in a row.
    fn sum(&self, row: &Row) -> u64 {
        if self.plain {
            return row.iter().map(|word| u64::from(word.count_ones())).sum();
        }
        let mut total = 0;
        for (word, bits) in row.iter().enumerate() {
            let mut left = *bits;
            while left != 0 {
                total += self.columns[word * 64 + left.trailing_zeros() as usize].1;
                left &= left - 1;
            }
        }
        total
    }
}
