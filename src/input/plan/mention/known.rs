//! Who is called what, once all objects have said so.

use super::call::Call;
use crate::input::ids::Ids;
use crate::input::plan::ObjectId;

/// Objects by what they are called.
#[derive(Default)]
pub(super) struct Known {
    sorted: Vec<(Call, ObjectId)>,
    /// Where in it the objects of a call begin.
    first: Ids,
}

impl Known {
    pub(super) fn new(mut calls: Vec<(Call, ObjectId)>) -> Self {
        calls.sort_unstable();
        calls.dedup();
        let mut first = Ids::default();
        let mut at = 0;
        for same in calls.chunk_by(|(one, _), (other, _)| one == other) {
            first.insert(same[0].0, at);
            at += same.len();
        }
        Self {
            sorted: calls,
            first,
        }
    }

    /// Whether anything is called so.
    pub(super) fn has(&self, call: Call) -> bool {
        self.begin(call).is_some()
    }

    /// Who is called so.
    pub(super) fn of(&self, call: Call) -> impl Iterator<Item = ObjectId> {
        let from = self.begin(call).unwrap_or(self.sorted.len());
        let same = self.sorted[from..].iter();
        let same = same.take_while(move |(other, _)| *other == call);
        same.map(|(_, id)| *id)
    }

    fn begin(&self, call: Call) -> Option<usize> {
        self.first.find(call, |at| self.sorted[at].0 == call)
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn all_who_are_called_so_are_found_and_nobody_else() {
        let known = Known::new(vec![(7, 3), (9, 1), (7, 2), (7, 3), (u64::MAX, 4)]);
        let of = |call| known.of(call).collect::<Vec<_>>();
        assert_eq!(of(7), [2, 3]);
        assert_eq!(of(9), [1]);
        assert_eq!(of(u64::MAX), [4]);
        assert!(of(8).is_empty() && !known.has(8) && known.has(9));
    }
}
