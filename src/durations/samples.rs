//! How long single steps took, and what is typical of them.

use super::event::What;
use super::{LONGEST_SECONDS, Step};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Types that are remembered: more than any provider has.
const MOST_TYPES: usize = 10_000;

const HEADER: &str = "\
# How long Terraform takes to create, update, delete and read one object, by resource type: medians.
# Written by tfguard calibrate from logs of terraform apply -json, for tfguard --durations FILE.
";

/// Milliseconds by type; four steps, then refreshes. Four bytes for some nine hundred of the log.
#[derive(Debug, Default)]
pub(super) struct Samples {
    by_type: BTreeMap<String, [Vec<u32>; 5]>,
}

impl Samples {
    /// Adds one, unless no step takes that long or it ends before it begins.
    pub(super) fn add(&mut self, kind: &str, what: What, micros: i64) -> bool {
        let longest = i64::from(LONGEST_SECONDS) * 1_000_000;
        if !(0..=longest).contains(&micros) {
            return false;
        }
        let Ok(milliseconds) = u32::try_from((micros + 500) / 1000) else {
            return false;
        };
        if let Some(times) = self.by_type.get_mut(kind) {
            times[place(what)].push(milliseconds);
        } else if self.by_type.len() < MOST_TYPES {
            let mut times: [Vec<u32>; 5] = Default::default();
            times[place(what)].push(milliseconds);
            self.by_type.insert(kind.to_owned(), times);
        }
        true
    }

    /// How many steps changed an object.
    pub(super) fn changes(&self) -> usize {
        let changes = |times: &[Vec<u32>; 5]| times[..3].iter().map(Vec::len).sum::<usize>();
        self.by_type.values().map(changes).sum()
    }

    /// The medians, as TOML.
    pub(super) fn toml(self) -> String {
        let mut toml = HEADER.to_owned();
        for (kind, mut times) in self.by_type {
            let [.., read, refresh] = &mut times;
            // A refresh asks for much the same as a data source of the type: better than a guess.
            if read.is_empty() {
                std::mem::swap(read, refresh);
            }
            // Writing to a String cannot fail.
            let _ = writeln!(toml, "\n[{kind}]");
            for (step, times) in Step::ALL.into_iter().zip(&mut times) {
                if let Some(typical) = median(times) {
                    let (word, seconds, samples) = (step.word(), seconds(typical), times.len());
                    let _ = writeln!(
                        toml,
                        "{word} = {{ seconds = {seconds}, samples = {samples} }}"
                    );
                }
            }
        }
        toml
    }

    #[cfg(test)]
    pub(super) fn of(&self, kind: &str, what: What) -> Vec<u32> {
        self.by_type
            .get(kind)
            .map(|times| times[place(what)].clone())
            .unwrap_or_default()
    }
}

const fn place(what: What) -> usize {
    match what {
        What::Step(step) => step as usize,
        What::Refresh => 4,
    }
}

/// The median: with the handful of samples a type has, one create that hung would pull the mean along, and a
/// high percentile is that one.
fn median(times: &mut [u32]) -> Option<u32> {
    times.sort_unstable();
    let upper = *times.get(times.len() / 2)?;
    let lower = times[(times.len() - 1) / 2];
    Some(lower.midpoint(upper))
}

/// Seconds as TOML's float: `372.5`, `0.012`, `3.0`.
fn seconds(milliseconds: u32) -> String {
    let digits = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    let short = digits.trim_end_matches('0');
    if short.ends_with('.') {
        format!("{short}0")
    } else {
        short.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_SECONDS, Samples, Step, What, median, seconds};

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [7]), Some(7));
        assert_eq!(median(&mut [9000, 1, 3]), Some(3));
        assert_eq!(median(&mut [4, 1, 9000, 2]), Some(3));
        assert_eq!(median(&mut [u32::MAX, u32::MAX]), Some(u32::MAX));
    }

    #[test]
    fn seconds_have_no_more_digits_than_they_need() {
        let table = [
            (0, "0.0"),
            (12, "0.012"),
            (3000, "3.0"),
            (372_500, "372.5"),
            (10_000, "10.0"),
        ];
        for (milliseconds, want) in table {
            assert_eq!(seconds(milliseconds), want);
        }
    }

    #[test]
    fn refreshes_stand_in_for_reads_that_nobody_saw() {
        let mut samples = Samples::default();
        for (kind, what, micros) in [
            ("b", What::Refresh, 2_000_000),
            ("a", What::Refresh, 9_000_000),
            ("a", What::Step(Step::Read), 1_000_400),
            ("a", What::Step(Step::Delete), 1_500),
        ] {
            assert!(samples.add(kind, what, micros));
        }
        assert_eq!(samples.changes(), 1);
        let toml = samples.toml();
        let (_, tables) = toml.split_once("\n\n").expect("a header");
        assert_eq!(
            tables,
            "[a]\ndelete = { seconds = 0.002, samples = 1 }\nread = { seconds = 1.0, samples = 1 }\n\n\
             [b]\nread = { seconds = 2.0, samples = 1 }\n"
        );
    }

    #[test]
    fn what_cannot_be_is_not_taken() {
        let longest = i64::from(LONGEST_SECONDS) * 1_000_000;
        let mut samples = Samples::default();
        assert!(
            !samples.add("a", What::Refresh, -1) && !samples.add("a", What::Refresh, longest + 1)
        );
        assert!(samples.add("a", What::Refresh, longest) && samples.add("a", What::Refresh, 0));
    }
}
