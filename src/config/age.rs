//! How old a plan may be, as people say it.

/// Reads `90m`, `2h`, `1d` or `1w` as minutes.
pub fn parse_age(text: &str) -> Result<u32, String> {
    let wrong = || format!("no age {text}: use a whole number and a unit, such as 90m, 2h or 1d");
    let (at, unit) = text.char_indices().next_back().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return Err(wrong()),
    };
    let digits = &text[..at];
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let number: Option<u32> = plain.then(|| digits.parse().ok()).flatten();
    number
        .filter(|number| *number > 0)
        .and_then(|number| number.checked_mul(minutes))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::parse_age;

    #[test]
    fn ages_are_read_as_people_say_them() {
        assert_eq!(parse_age("90m"), Ok(90));
        assert_eq!(parse_age("2h"), Ok(120));
        assert_eq!(parse_age("1d"), Ok(1_440));
        assert_eq!(parse_age("2w"), Ok(20_160));
    }

    #[test]
    fn what_is_no_age_is_refused_with_the_way_to_say_it() {
        for text in [
            "",
            "2",
            "h",
            "0m",
            "-1h",
            "+1h",
            "1.5h",
            "2 h",
            "99999999w",
            "2時",
        ] {
            let said = parse_age(text).expect_err(text);
            assert!(said.contains("90m"), "{said}");
        }
    }
}
