//! Places, as code scanning takes them: relative, percent-encoded, and of one line.

use super::super::links::uri;
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

#[cfg(test)]
mod tests {
    use super::physical;
    use crate::finding::Location;

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
