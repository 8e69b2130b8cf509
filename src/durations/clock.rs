//! Reads the times of log lines.

/// Microseconds since 1970 of a time as Terraform logs it: `2026-11-20T21:59:18.868139Z`, or with the offset
/// of the machine, `+02:00`. Nothing when it is no such time.
pub(super) fn micros(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let at = time.find(['Z', '+', '-'])?;
    let (time, offset) = time.split_at(at);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let fits = year <= 9999
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        - offset_seconds(offset)?;
    fits.then_some(seconds * 1_000_000 + micros_of(fraction)?)
}

fn number(digits: &str) -> Option<i64> {
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn offset_seconds(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' => return (text.len() == 1).then_some(0),
        b'+' => 1,
        _ => -1,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    Some(sign * (number(hours)? * 3600 + number(minutes)? * 60))
}

fn micros_of(fraction: &str) -> Option<i64> {
    let digits = fraction
        .bytes()
        .map(|digit| digit.is_ascii_digit().then(|| i64::from(digit - b'0')));
    digits
        .chain(std::iter::repeat_n(Some(0), 6))
        .take(6.max(fraction.len()))
        .enumerate()
        .try_fold(0, |sum, (at, digit)| {
            let digit = digit?;
            Some(if at < 6 { sum * 10 + digit } else { sum })
        })
}

/// Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that a leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::micros;
    use proptest::prelude::*;

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

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "T",
            "2026-11-20",
            "2026-11-20T21:59:18",
            "2026-13-20T21:59:18Z",
            "2026-11-20T21:59:18.x1Z",
            "2026-11-20T21:59Z",
            "99999-01-01T00:00:00Z",
            "2026-11-20T-1:00:00Z",
            "2026-11-20T21:59:18ZZ",
            "2026-11-20T21:59:18+9999999:00",
            "2026-11-20T21:59:18.1+0200",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_not_but_never_a_panic(text in "[0-9TZ:.+-]{0,40}|\\PC*") {
            let _ = micros(&text);
        }
    }
}
