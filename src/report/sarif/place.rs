//! Places, as code scanning takes them: relative, percent-encoded, and of one line.

use crate::finding::Location;
use serde_json::{Value, json};

/// A place in the sources. The region is one line: an alert is shown in a pull request only where all of its region is
/// in the diff.
pub(super) fn physical(location: &Location) -> Value {
    let end = location.first_end_column.max(location.column);
    json!({
        "artifactLocation": {"uri": uri(&location.file), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": location.line, "startColumn": location.column,
            "endLine": location.line, "endColumn": end,
        },
    })
}

/// The plan as a whole: what code scanning gets for want of sources.
pub(super) fn of_plan(plan: &str) -> Value {
    json!({"artifactLocation": {"uri": uri(plan), "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}})
}

/// A path as a relative URI reference; one outside the working directory by its last name alone, since an
/// absolute one would make GitHub reject the whole file.
pub(in crate::report) fn uri(path: &str) -> String {
    let forward = path.replace('\\', "/");
    let path = forward.strip_prefix("./").unwrap_or(&forward);
    let outside = path.starts_with('/')
        || path.split('/').any(|part| part == "..")
        || path.get(1..3) == Some(":/");
    let path = if path == "-" {
        "plan.json"
    } else if outside {
        path.rsplit('/').next().unwrap_or(path)
    } else {
        path
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-~".contains(&b);
    path.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{physical, uri};
    use crate::finding::Location;

    #[test]
    fn uris_are_relative_and_escaped() {
        assert_eq!(uri("./a b/plan.json"), "a%20b/plan.json");
        assert_eq!(uri("/abs/plan.json"), "plan.json");
        assert_eq!(uri("../x/plan.json"), "plan.json");
        assert_eq!(uri("C:\\x\\plan.json"), "plan.json");
        assert_eq!(uri("module.x:1"), "module.x%3A1");
        assert_eq!(uri("-"), "plan.json");
    }

    #[test]
    fn what_goes_over_several_lines_is_marked_on_its_first() {
        let location = Location {
            file: "main.tf".to_owned(),
            line: 3,
            column: 2,
            end_line: 9,
            end_column: 4,
            first_end_column: 30,
            ..Location::default()
        };
        let region = &physical(&location)["region"];
        assert_eq!(
            (&region["endLine"], &region["endColumn"]),
            (&3.into(), &30.into())
        );
    }
}
