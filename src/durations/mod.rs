//! How long it takes to bring one object about: as logs of applies tell, else as the catalog has it, else
//! guessed.

mod calibrate;
mod event;
mod file;
mod lines;
mod pairs;
mod samples;

pub use calibrate::Calibration;

use crate::catalog::{Facts, facts};
use crate::error::Error;
use std::collections::BTreeMap;
use std::path::Path;

/// No step takes longer: whoever says so means another unit, or the clock was set in between. The longest
/// timeouts of providers are a day.
const LONGEST_SECONDS: u32 = 7 * 24 * 3600;

/// How long it takes to bring one object about, by type and step.
#[derive(Debug, Clone, Default)]
pub struct Durations {
    /// Milliseconds, in the order of [`Step::ALL`].
    measured: BTreeMap<String, [Option<u64>; 4]>,
}

/// Where a duration is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Measured: a file of `tfguard calibrate`.
    Measured,
    /// The catalog of types.
    Catalog,
    /// Neither has it.
    Guessed,
}

/// One step of an apply; a replacement is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// An object is created.
    Create,
    /// An object is updated in place.
    Update,
    /// An object is destroyed.
    Delete,
    /// A data source is read.
    Read,
}

/// How long a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The typical time.
    pub milliseconds: u64,
    /// How far it can be believed.
    pub basis: Basis,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Delete, Self::Read];

    /// The word for it, in logs and in files of durations.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Read => "read",
        }
    }

    /// Seconds for a type that nobody knows. It is mostly a plain API object: half of the catalog's types of
    /// AWS are created within 3 s and destroyed within 2 s, half of those of small providers within 2 s and
    /// 1 s, and what takes minutes is listed because it does. A read is one or two calls.
    const fn usual_seconds(self) -> u32 {
        match self {
            Self::Create | Self::Update => 3,
            Self::Delete => 2,
            Self::Read => 1,
        }
    }
}

impl Durations {
    /// The catalog alone.
    pub const fn of_catalog() -> Self {
        Self {
            measured: BTreeMap::new(),
        }
    }

    /// Reads what `tfguard calibrate` wrote.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or holds something else than durations.
    pub fn load(path: &Path) -> Result<Self, Error> {
        file::load(path)
    }

    /// How long a step takes for an object of a type.
    pub fn estimate(&self, kind: &str, step: Step) -> Estimate {
        let measured = self
            .measured
            .get(kind)
            .and_then(|steps| steps[step as usize]);
        if let Some(milliseconds) = measured {
            return Estimate {
                milliseconds,
                basis: Basis::Measured,
            };
        }
        let (seconds, basis) = unmeasured(facts(kind), step);
        Estimate {
            milliseconds: u64::from(seconds) * 1000,
            basis,
        }
    }
}

fn unmeasured(facts: &Facts, step: Step) -> (u32, Basis) {
    let usual = step.usual_seconds();
    let known = match step {
        Step::Create => facts.create,
        Step::Delete => facts.destroy,
        // The catalog has no updates; one is not slower than a create that is faster than usual.
        Step::Update => return (facts.create.unwrap_or(usual).min(usual), Basis::Guessed),
        Step::Read => None,
    };
    known.map_or((usual, Basis::Guessed), |seconds| (seconds, Basis::Catalog))
}

#[cfg(test)]
mod tests {
    use super::{Basis, Durations, Estimate, Step};

    fn estimate(kind: &str, step: Step) -> (u64, Basis) {
        let Estimate {
            milliseconds,
            basis,
        } = Durations::default().estimate(kind, step);
        (milliseconds, basis)
    }

    #[test]
    fn without_a_file_the_catalog_tells_and_what_it_lacks_is_guessed() {
        assert_eq!(estimate("aws_lb", Step::Create), (180_000, Basis::Catalog));
        assert_eq!(estimate("aws_lb", Step::Delete), (20_000, Basis::Catalog));
        assert_eq!(estimate("aws_lb", Step::Update), (3_000, Basis::Guessed));
        assert_eq!(
            estimate("aws_lb_listener", Step::Update),
            (1_000, Basis::Guessed)
        );
        assert_eq!(
            estimate("acme_widget", Step::Create),
            (3_000, Basis::Guessed)
        );
        assert_eq!(
            estimate("acme_widget", Step::Delete),
            (2_000, Basis::Guessed)
        );
        assert_eq!(estimate("aws_ami", Step::Read), (1_000, Basis::Guessed));
    }

    #[test]
    fn steps_stand_at_their_own_number() {
        for (at, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(step as usize, at);
        }
    }
}
