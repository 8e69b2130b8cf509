//! Exact answers for all nodes of a graph at once, in time and space that any shape of graph keeps to.
//!
//! Nodes are `0..n`, an edge goes from the dependent to its dependency. A graph is condensed once ([`Order`]):
//! its circles become components, numbered so that dependencies come first. Everything else is a sweep over that.

mod cycle;
mod order;
mod reach;
mod reduction;
mod schedule;

pub use cycle::cycles;
pub use order::{Csr, Order, small};
pub use reach::{dependencies, dependents};
pub use reduction::redundant;
pub use schedule::{Schedule, critical_path, longest_without, schedule};

#[cfg(test)]
mod tests;
