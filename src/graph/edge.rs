//! Edges, and how the graph keeps them.

use super::TextId;
use crate::input::plan::references::Tellers;

/// Why an edge is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An expression refers to it.
    Reference,
    /// A `depends_on` of a resource or output names it.
    DependsOn,
    /// A `depends_on` of a module call names it.
    ModuleDependsOn,
    /// The prior state remembers it: the transitive closure at the last apply.
    State,
    /// Only the graph that Terraform printed has it.
    Dot,
    /// Structure: a block and its instances, a module and what is in it.
    Within,
}

/// An edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Why it is there.
    pub kind: Kind,
    /// Whether it only orders: instance to instance flows another, narrower edge (chained `for_each`,
    /// `x[count.index]`).
    pub orders_only: bool,
    /// Who tells of it.
    pub told_by: Tellers,
    /// Where it was read.
    pub(super) place: TextId,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Reference,
        Self::DependsOn,
        Self::ModuleDependsOn,
        Self::State,
        Self::Dot,
        Self::Within,
    ];
}

/// An edge in four bytes: a plan of 100,000 objects has a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed(u32);

const KIND: u32 = 3;
const TELLERS: u32 = 3;
/// Where the number of the place begins, behind kind, tellers and whether it only orders.
const PLACE: u32 = KIND + TELLERS + 1;

impl From<Edge> for Packed {
    fn from(edge: Edge) -> Self {
        let fits = edge.place < 1 << (u32::BITS - PLACE);
        assert!(fits, "fewer than 33 million arguments of different names");
        let told_by = u32::from(edge.told_by.bits()) << KIND;
        let orders_only = u32::from(edge.orders_only) << (KIND + TELLERS);
        Self(edge.place << PLACE | orders_only | told_by | edge.kind as u32)
    }
}

impl From<Packed> for Edge {
    fn from(Packed(bits): Packed) -> Self {
        let [low, ..] = bits.to_le_bytes();
        Self {
            kind: Kind::ALL[usize::from(low & ((1 << KIND) - 1))],
            orders_only: low >> (KIND + TELLERS) & 1 == 1,
            told_by: Tellers::of_bits(low >> KIND & ((1 << TELLERS) - 1)),
            place: bits >> PLACE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Kind, Packed};
    use crate::input::plan::references::Tellers;

    #[test]
    fn an_edge_comes_out_as_it_went_in() {
        for (nth, kind) in Kind::ALL.into_iter().enumerate() {
            for told_by in [Tellers::PLAN, Tellers::SOURCE.with(Tellers::DOT)] {
                let edge = Edge {
                    kind,
                    orders_only: nth % 2 == 0,
                    told_by,
                    place: (1 << 25) - 1 - u32::from(told_by.bits()),
                };
                assert_eq!(Edge::from(Packed::from(edge)), edge);
            }
        }
    }
}
