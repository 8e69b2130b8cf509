//! Words of a command for a POSIX shell, to be shown and pasted.

/// A word in which nothing means anything: within single quotes only the quote itself does.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as one word: as it stands when there is nothing in it but letters, digits and these marks.
pub fn word(text: &str, marks: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// The command that approves a finding of inputs that are words already.
pub fn approve(inputs: &str, fingerprint: &str) -> String {
    let finding = quoted(fingerprint);
    format!("tfguard approve {inputs} --finding {finding} --reason '...'")
}

#[cfg(test)]
mod tests {
    use super::{approve, word};

    #[test]
    fn a_shell_runs_nothing_of_what_is_quoted() {
        for (text, want) in [
            ("a|b", "'a|b'"),
            ("'; rm -rf / #", r"''\''; rm -rf / #'"),
            ("$(x)`y`\\", r"'$(x)`y`\'"),
            ("r|s|x[\"k\"]", "'r|s|x[\"k\"]'"),
            ("it's $(id)", r"'it'\''s $(id)'"),
            ("", "''"),
        ] {
            assert_eq!(word(text, "._-/"), want);
            let command = format!("tfguard approve a --finding {want} --reason '...'");
            assert_eq!(approve("a", text), command);
        }
    }

    #[test]
    fn plain_words_stand_as_they_are() {
        assert_eq!(word("a/plan.json", "./"), "a/plan.json");
        assert_eq!(word("a/plan.json", "."), "'a/plan.json'");
    }
}
