//! Times as Terraform writes them: RFC 3339.

use std::time::SystemTime;

/// The seconds since 1970 of a machine's time; 0 for what was before.
pub fn since_1970(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// The seconds since 1970 of a time such as `2026-11-20T23:11:30Z`; nothing for anything else. Fractions of a second do
/// not count.
pub fn seconds(text: &str) -> Option<i64> {
    micros(text).map(|micros| micros.div_euclid(1_000_000))
}

/// The microseconds since 1970 of a time in UTC or with the offset of a machine, `2026-11-20T21:59:18.868139+02:00`;
/// nothing for anything else.
pub fn micros(text: &str) -> Option<i64> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let [year, month, day] = numbers(date, b'-')?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let [hour, minute, second] = numbers(rest.get(..8)?, b':')?;
    let rest = rest.get(8..)?;
    let fraction = rest.strip_prefix('.').unwrap_or_default();
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let rest = if digits == 0 {
        rest
    } else {
        &fraction[digits..]
    };
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let hours = days(year, month, day) * 24 + hour;
    let seconds = (hours * 60 + minute) * 60 + second - offset(rest)?;
    Some(seconds * 1_000_000 + micros_of(&fraction[..digits]))
}

/// The first six digits of a fraction of a second, as a number.
fn micros_of(digits: &str) -> i64 {
    let digits = digits.bytes().chain(std::iter::repeat(b'0'));
    digits
        .take(6)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

/// A time as Terraform writes it, `2026-11-20T23:11:30Z`.
pub fn time(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The day of the Gregorian calendar that is so many days after 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let nth = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * nth + 2) / 5 + 1, (nth + 2) % 12 + 1);
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// Three numbers with a mark between them.
fn numbers(text: &str, mark: u8) -> Option<[i64; 3]> {
    let mut parts = text.split(char::from(mark)).map(number);
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

/// Of at most four digits: no time has longer numbers, and sums of longer ones would not fit.
fn number(digits: &str) -> Option<i64> {
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The seconds that a place is ahead of UTC.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (number(hours)? * 60 + number(minutes)?) * 60)
}

/// The days from 1970 to a day of the Gregorian calendar: years are counted from March, so that the day that
/// leap years add is their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{micros, seconds, time};
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_terraform_writes_them() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T12:00:00Z"), Some(951_825_600));
        assert_eq!(seconds("2026-11-20T23:11:30Z"), Some(1_795_216_290));
        assert_eq!(seconds("2026-11-20T23:11:30.25Z"), Some(1_795_216_290));
        assert_eq!(seconds("2026-11-21T00:11:30+01:00"), Some(1_795_216_290));
        assert_eq!(seconds("1969-12-31T23:59:59Z"), Some(-1));
    }

    #[test]
    fn times_are_written_as_they_were_read() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2000-02-29T12:00:00Z",
            "2026-11-20T23:11:30Z",
            "2100-03-01T00:00:01Z",
        ] {
            assert_eq!(seconds(text).map(time).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "2026-11-20",
            "2026-13-20T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T23:11:30",
            "2026-11-20T23:11:30+1",
            "2026-1-20T023:11:30Z",
            "٢٠٢٦-11-20T23:11:30Z",
            "2026-11-20T+3:11:30Z",
            "+026-11-20T23:11:30Z",
            "T",
            "2026-11-20T21:59Z",
            "2026-11-20T21:59:18.x1Z",
            "99999-01-01T00:00:00Z",
            "2026-11-20T-1:00:00Z",
            "2026-11-20T21:59:18ZZ",
            "2026-11-20T21:59:18+9999999:00",
            "2026-11-20T21:59:18+999999999999999999:00",
            "2026-11-20T21:59:18.1+0200",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_those_of_rfc_3339() {
        let table = [
            ("1970-01-01T00:00:00.000000Z", 0),
            ("2026-11-20T21:59:18.868139Z", 1_795_211_958_868_139),
            ("2026-11-20T23:59:18.868139+02:00", 1_795_211_958_868_139),
            ("2026-11-20T17:29:18.868139-04:30", 1_795_211_958_868_139),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000),
            ("2026-11-20T21:59:18.8681391234Z", 1_795_211_958_868_139),
        ];
        for (text, want) in table {
            assert_eq!(micros(text), Some(want), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_not_but_never_a_panic(text in "[0-9TZ:.+-]{0,40}|\\PC*") {
            let _ = micros(&text);
        }
    }
}
