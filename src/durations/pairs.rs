//! Pairs the beginnings of steps with their ends.

use super::event::{Event, Mark, What};
use super::samples::Samples;
use foldhash::HashMap;
use foldhash::fast::RandomState;
use std::hash::BuildHasher as _;

/// Steps that have begun and are remembered at once: more than any parallelism. A log of nothing but
/// beginnings takes no more memory.
const MOST_OPEN: usize = 100_000;

/// Pairs of one log.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// By hash of unit, address and step: addresses can be long.
    open: HashMap<u64, Open>,
    hasher: RandomState,
    pub(super) left_out: LeftOut,
    /// Whether anything was to be created, updated or deleted.
    pub(super) applies: bool,
}

/// What is under way for one address and step.
#[derive(Debug)]
struct Open {
    since: i64,
    begun: u32,
    /// Two at once, such as a destroy of an object and of its deposed predecessor: logs name both alike, and
    /// a deposed object that cannot be destroyed never ends (Terraform 1.11). Nobody knows whose end it is.
    ambiguous: bool,
}

/// What was seen and does not count.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    pub(super) failed: u64,
    pub(super) endless: u64,
    pub(super) headless: u64,
    pub(super) ambiguous: u64,
    pub(super) untimely: u64,
    pub(super) unreadable: u64,
}

impl Pairs {
    /// Takes the next event.
    pub(super) fn take(&mut self, event: &Event, samples: &mut Samples) {
        self.applies |= matches!(event.what, What::Step(step) if step != super::Step::Read);
        let key = self
            .hasher
            .hash_one((&event.unit, &event.address, event.what));
        if event.mark == Mark::Begin {
            self.begin(key, event.at);
            return;
        }
        let Some(open) = self.open.get_mut(&key) else {
            self.left_out.headless += 1;
            return;
        };
        let (since, ambiguous) = (open.since, open.ambiguous);
        open.begun -= 1;
        if open.begun == 0 {
            self.open.remove(&key);
        }
        if event.mark == Mark::Failure {
            self.left_out.failed += 1;
        } else if ambiguous {
            self.left_out.ambiguous += 1;
        } else if !samples.add(&event.kind, event.what, event.at - since) {
            self.left_out.untimely += 1;
        }
    }

    fn begin(&mut self, key: u64, at: i64) {
        if let Some(open) = self.open.get_mut(&key) {
            open.begun += 1;
            open.ambiguous = true;
        } else if self.open.len() < MOST_OPEN {
            let open = Open {
                since: at,
                begun: 1,
                ambiguous: false,
            };
            self.open.insert(key, open);
        }
    }

    /// Ends the log: what is still open has no end.
    pub(super) fn finish(&mut self) {
        let open = self.open.values().map(|open| u64::from(open.begun));
        self.left_out.endless = open.sum();
        self.open.clear();
    }
}

impl LeftOut {
    /// What to say about it; nothing when all counts.
    pub(super) fn in_words(&self) -> Option<String> {
        let table = [
            (self.failed, "failed"),
            (self.endless, "without an end"),
            (self.headless, "without a beginning"),
            (self.ambiguous, "at one address at once"),
            (self.untimely, "while the clock was set"),
            (self.unreadable, "in lines that cannot be read"),
        ];
        let words: Vec<String> = table
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::{Event, Mark, Pairs, Samples, What};

    /// Events of one type as (address, mark, seconds).
    fn paired(events: &[(&str, Mark, i64)]) -> (Samples, Pairs) {
        let (mut samples, mut pairs) = (Samples::default(), Pairs::default());
        for (address, mark, at) in events {
            let (unit, address) = address.split_once(':').unwrap_or(("", address));
            let event = Event {
                unit: unit.to_owned(),
                address: address.to_owned(),
                kind: "t".to_owned(),
                what: What::Step(Step::Create),
                mark: *mark,
                at: *at * 1_000_000,
            };
            pairs.take(&event, &mut samples);
        }
        pairs.finish();
        (samples, pairs)
    }

    fn created(events: &[(&str, Mark, i64)]) -> (Vec<u32>, Option<String>) {
        let (samples, pairs) = paired(events);
        let times = samples.of("t", What::Step(Step::Create));
        (times, pairs.left_out.in_words())
    }

    use Mark::{Begin, End, Failure};

    #[test]
    fn steps_that_run_side_by_side_are_kept_apart() {
        let events = [
            ("t.a", Begin, 0),
            ("t.b", Begin, 1),
            ("t.b", End, 3),
            ("t.a", End, 10),
        ];
        assert_eq!(created(&events), (vec![2000, 10_000], None));
    }

    #[test]
    fn an_address_that_is_created_twice_counts_twice() {
        let events = [
            ("t.a", Begin, 0),
            ("t.a", End, 1),
            ("t.a", Begin, 5),
            ("t.a", End, 7),
        ];
        assert_eq!(created(&events), (vec![1000, 2000], None));
    }

    #[test]
    fn units_may_share_addresses() {
        let events = [
            ("x:t.a", Begin, 0),
            ("y:t.a", Begin, 1),
            ("x:t.a", End, 5),
            ("y:t.a", End, 9),
        ];
        assert_eq!(created(&events), (vec![5000, 8000], None));
    }

    #[test]
    fn two_at_once_under_one_address_cannot_be_told_apart() {
        let events = [
            ("t.a", Begin, 0),
            ("t.a", Begin, 1),
            ("t.a", End, 5),
            ("t.a", End, 6),
            ("t.a", Begin, 10),
            ("t.a", End, 11),
        ];
        let words = "2 at one address at once";
        assert_eq!(created(&events), (vec![1000], Some(words.to_owned())));
    }

    #[test]
    fn what_failed_or_has_one_end_only_does_not_count() {
        let events = [
            ("t.a", Begin, 0),
            ("t.a", Failure, 9),
            ("t.b", Begin, 0),
            ("t.c", End, 4),
        ];
        let words = "1 failed, 1 without an end, 1 without a beginning";
        assert_eq!(created(&events), (vec![], Some(words.to_owned())));
    }

    #[test]
    fn a_clock_that_is_set_spoils_the_step() {
        let events = [
            ("t.a", Begin, 10),
            ("t.a", End, 9),
            ("t.b", Begin, 0),
            ("t.b", End, 1_700_000_000),
        ];
        let words = "2 while the clock was set";
        assert_eq!(created(&events), (vec![], Some(words.to_owned())));
    }

    #[test]
    fn a_log_of_beginnings_takes_bounded_memory() {
        let (mut samples, mut pairs) = (Samples::default(), Pairs::default());
        for n in 0..super::MOST_OPEN + 10 {
            let event = Event {
                unit: String::new(),
                address: format!("t.a[{n}]"),
                kind: "t".to_owned(),
                what: What::Refresh,
                mark: Begin,
                at: 0,
            };
            pairs.take(&event, &mut samples);
        }
        assert_eq!(pairs.open.len(), super::MOST_OPEN);
        assert!(!pairs.applies);
    }
}
