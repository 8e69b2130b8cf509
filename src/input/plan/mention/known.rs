//! Who is called what, once all objects have said so.

use super::call::Call;
use crate::input::ids::Ids;
use crate::input::plan::ObjectId;

/// What objects are called, taken down object by object.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The objects, each with the end of its calls.
    objects: Vec<(ObjectId, usize)>,
}

impl Calls {
    pub(super) fn with_room(objects: usize, calls: usize) -> Self {
        Self {
            calls: Vec::with_capacity(calls),
            objects: Vec::with_capacity(objects),
        }
    }

    /// Takes in what an object is called.
    pub(super) fn push(&mut self, call: Call) {
        self.calls.push(call);
    }

    /// Ends what an object is called.
    pub(super) fn end(&mut self, object: ObjectId) {
        self.objects.push((object, self.calls.len()));
    }

    /// The calls of the objects that are wanted.
    pub(super) fn of(
        &self,
        wanted: impl Fn(ObjectId) -> bool,
    ) -> impl Iterator<Item = (Call, ObjectId)> {
        let mut from = 0;
        let objects = self.objects.iter().filter_map(move |(object, end)| {
            let calls = &self.calls[std::mem::replace(&mut from, *end)..*end];
            wanted(*object).then(|| calls.iter().map(|call| (*call, *object)))
        });
        objects.flatten()
    }
}

/// Objects by what they are called.
#[derive(Default)]
pub(super) struct Known {
    calls: Vec<(Call, ObjectId)>,
    /// Where the next of the same call is; 0 behind the last, as nothing comes before the first.
    next: Vec<u32>,
    /// The first of each call.
    first: Ids,
}

impl Known {
    /// Takes them in; what one object is called comes together.
    pub(super) fn new(calls: impl Iterator<Item = (Call, ObjectId)>) -> Self {
        let calls: Vec<_> = calls.collect();
        let mut known = Self {
            next: vec![0; calls.len()],
            first: Ids::with_capacity(calls.len()),
            calls,
        };
        for (nth, (call, id)) in known.calls.iter().enumerate() {
            let Some(first) = known.begin(*call) else {
                known.first.insert(*call, nth);
                continue;
            };
            // The latest stands behind the first.
            let second = known.next[first];
            let is_there = |at: usize| known.calls[at].1 == *id;
            if !(is_there(first) || second > 0 && is_there(second as usize)) {
                known.next[nth] = second;
                known.next[first] = u32::try_from(nth).expect("fewer calls than 2^32");
            }
        }
        known
    }

    /// Whether anything is called so.
    pub(super) fn has(&self, call: Call) -> bool {
        self.begin(call).is_some()
    }

    /// Who is called so, each once, in no order that means anything.
    pub(super) fn of(&self, call: Call) -> impl Iterator<Item = ObjectId> {
        let behind = |at: &usize| Some(self.next[*at] as usize).filter(|next| *next > 0);
        std::iter::successors(self.begin(call), behind).map(|at| self.calls[at].1)
    }

    fn begin(&self, call: Call) -> Option<usize> {
        self.first.find(call, |at| self.calls[at].0 == call)
    }
}

#[cfg(test)]
mod tests {
    use super::{Calls, Known};
    use std::collections::BTreeSet;

    #[test]
    fn all_who_are_called_so_are_found_and_nobody_else() {
        let calls = [
            (7, 2),
            (7, 2),
            (9, 1),
            (7, 3),
            (7, 3),
            (7, 4),
            (u64::MAX, 4),
        ];
        let known = Known::new(calls.into_iter());
        let of = |call| known.of(call).collect::<BTreeSet<_>>();
        assert_eq!(of(7), BTreeSet::from([2, 3, 4]));
        assert_eq!(known.of(7).count(), 3);
        assert_eq!(of(9), BTreeSet::from([1]));
        assert_eq!(of(u64::MAX), BTreeSet::from([4]));
        assert!(of(8).is_empty() && !known.has(8) && known.has(9));
    }

    #[test]
    fn calls_are_those_of_the_objects_that_are_wanted() {
        let mut calls = Calls::default();
        for (object, own) in [(3, &[7, 8][..]), (1, &[]), (2, &[9])] {
            for call in own {
                calls.push(*call);
            }
            calls.end(object);
        }
        let of = |wanted: fn(usize) -> bool| calls.of(wanted).collect::<Vec<_>>();
        assert_eq!(of(|_| true), [(7, 3), (8, 3), (9, 2)]);
        assert_eq!(of(|object| object < 3), [(9, 2)]);
    }
}
