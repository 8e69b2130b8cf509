//! Lines that are commands to nobody.

use std::borrow::Cow;

/// A line that is no command to a CI system that reads the log: GitHub takes `::` at its beginning for one, GitHub and
/// Azure `##[` and `##vso[` anywhere.
pub(super) fn inert(line: &str) -> Cow<'_, str> {
    let (indent, text) = line.split_at(line.len() - line.trim_start().len());
    let begins = text.starts_with("::");
    if !begins && !line.contains("##[") && !line.contains("##vso[") {
        return Cow::Borrowed(line);
    }
    let text = text.replace("##[", "# #[").replace("##vso[", "# #vso[");
    let text = if begins {
        text.replacen(':', ": ", 1)
    } else {
        text
    };
    Cow::Owned([indent, &text].concat())
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn no_line_is_a_command_to_a_ci_system() {
        assert_eq!(inert("  ::error::x ##[y"), "  : :error::x # #[y");
        assert_eq!(inert("a ##vso[task.x]"), "a # #vso[task.x]");
        assert_eq!(inert("  a ::error::x ##"), "  a ::error::x ##");
    }
}
