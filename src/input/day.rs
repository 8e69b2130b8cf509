//! Days, as people write them.

use super::time::{seconds, time};
use std::fmt;

/// A day of the Gregorian calendar, through its end in UTC. The order is that of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(String);

impl Day {
    /// Reads `2027-01-31`; nothing when there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let start = seconds(&format!("{text}T00:00:00Z"))?;
        (Self::at(start).0 == text).then(|| Self(text.to_owned()))
    }

    /// The day of a time, in seconds since 1970.
    pub fn at(seconds: i64) -> Self {
        let mut text = time(seconds);
        text.truncate(text.find('T').unwrap_or(text.len()));
        Self(text)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;
    use crate::input::time::since_1970;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_day_holds_to_its_end_in_utc() {
        let day = Day::parse("2027-01-31").expect("a day");
        // 2027-01-31T23:59:59Z and the second after.
        assert!(Day::at(1_801_439_999) <= day);
        assert!(Day::at(1_801_440_000) > day);
        assert_eq!(day.to_string(), "2027-01-31");
    }

    #[test]
    fn the_day_of_a_machines_time_is_that_of_the_calendar() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(951_825_599);
        assert_eq!(Day::at(since_1970(at)).to_string(), "2000-02-29");
    }

    #[test]
    fn a_year_of_five_digits_is_told_and_cannot_be_written() {
        // 10000-01-01.
        let far = Day::at(253_402_300_800).to_string();
        assert_eq!((&*far, Day::parse(&far)), ("10000-01-01", None));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "2027-02-30",
            "2027-1-31",
            "2027-13-01",
            "tomorrow",
            "",
            "2027-01-31T00:00:00Z",
            "2027-01-00",
            "2027-1-1",
            "31.01.2027",
            "07:00:00",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert!(Day::parse("2028-02-29").is_some() && Day::parse("2027-02-29").is_none());
    }
}
