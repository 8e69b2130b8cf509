//! Tells what an input is when it is no graph, and how to make one.

use crate::error::Error;
use crate::input::open::shown;

const GRAPH: &str = "write the graph with: terraform graph -type=plan > graph.dot";

/// Where a graph begins behind lines that wrappers print: at a line that begins with `digraph`.
pub(super) fn header(text: &[u8]) -> Option<usize> {
    let mut line = 0;
    loop {
        let rest = &text[line..];
        let indent = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if begins(&rest[indent..]) {
            return Some(line + indent);
        }
        line += indent + memchr::memchr(b'\n', &rest[indent..])? + 1;
    }
}

/// Whether a graph begins here.
pub(super) fn begins(text: &[u8]) -> bool {
    ["digraph", "strict", "graph"].iter().any(|word| {
        let behind = text.get(word.len()).copied().unwrap_or(b'{');
        starts(text, word)
            && (matches!(behind, b'{' | b'"' | b'<' | b'/') || behind.is_ascii_whitespace())
    }) && !is_mermaid(text)
}

fn starts(text: &[u8], word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_mermaid(text: &[u8]) -> bool {
    let mut words = text.split(|byte| byte.is_ascii_whitespace() || *byte == b';');
    let first = words.next().unwrap_or_default();
    let directions = [&b"LR"[..], b"RL", b"TB", b"BT", b"TD"];
    matches!(first, b"graph" | b"flowchart")
        && words.next().is_some_and(|word| directions.contains(&word))
}

/// The error for an input that is no graph, by its first bytes.
pub(super) fn error(path: &str, head: &[u8]) -> Error {
    let (what, help) = explain(head.trim_ascii_start());
    Error::new(format!("{} is {what}, not a graph", shown(path))).help(help)
}

/// The error for a graph without a name that Terraform gives.
pub(super) fn of_something_else(path: &str) -> Error {
    Error::new(format!(
        "{} is a graph of something else: it has none of the names that terraform graph writes",
        shown(path)
    ))
    .help(GRAPH)
}

/// The error for a graph of what is destroyed where one of the configuration is needed.
pub(super) fn of_destroys(path: &str) -> Error {
    Error::new(format!(
        "{} shows only what is destroyed (-type=plan-destroy), and nothing of what is configured",
        shown(path)
    ))
    .help(GRAPH)
}

/// What it is, and what to do.
fn explain(text: &[u8]) -> (&'static str, &'static str) {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    if text.is_empty() {
        (
            "empty",
            "terraform graph failed or wrote elsewhere: its message is on standard error; then: terraform graph -type=plan > graph.dot",
        )
    } else if text.starts_with(b"PK\x03\x04") {
        (
            "a binary plan file",
            "write its graph with: terraform graph -plan=tfplan > graph.dot",
        )
    } else if text.starts_with(b"{") || text.starts_with(b"[{") {
        if has("\"resource_changes\"") || has("\"planned_values\"") {
            (
                "a plan document",
                "pass it as the plan, and beside it the graph: terraform graph -type=plan > graph.dot",
            )
        } else {
            ("JSON", GRAPH)
        }
    } else if has("Error: Cycle") {
        (
            "the text of an error, of a cycle in the configuration",
            "write the graph with the cycle: terraform graph -type=plan -draw-cycles > graph.dot",
        )
    } else if has("Error: ") {
        (
            "the text of an error",
            "mend what it says, then: terraform graph -type=plan > graph.dot",
        )
    } else if is_mermaid(text) {
        (
            "a Mermaid chart",
            "write it as DOT: terraform graph -format=dot > graph.dot",
        )
    } else if text.starts_with(b"<svg")
        || text.starts_with(b"<?xml")
        || text.starts_with(b"\x89PNG")
        || text.starts_with(b"%PDF")
    {
        (
            "a picture",
            "keep what terraform graph prints, before dot draws it: terraform graph -type=plan > graph.dot",
        )
    } else {
        ("something else", GRAPH)
    }
}

#[cfg(test)]
mod tests {
    use super::{begins, explain, header};

    #[test]
    fn a_graph_begins_at_a_line_of_its_own() {
        assert_eq!(header(b"digraph {"), Some(0));
        assert_eq!(
            header(b"[command]terraform graph\n\n  digraph G {"),
            Some(28)
        );
        assert_eq!(header(b"the digraph {\nis digraph"), None);
        assert_eq!(header(b""), None);
        for text in [
            "digraph{",
            "DiGraph \"x\"",
            "strict\ndigraph",
            "graph {",
            "digraph",
        ] {
            assert!(begins(text.as_bytes()), "{text}");
        }
        for text in ["digraphs {", "graph LR\n", "strictly", "graph TD;", "", "{"] {
            assert!(!begins(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_no_graph_is_told_by_its_first_bytes() {
        let table: [(&[u8], &str); 10] = [
            (b"", "empty"),
            (b"PK\x03\x04...", "binary plan"),
            (
                b"{\"format_version\":\"1.2\",\"planned_values\":{}}",
                "plan document",
            ),
            (b"{\"a\":1}", "JSON"),
            (
                b"\xe2\x95\xb7\n\xe2\x94\x82 Error: Cycle: a_b.c, a_b.d\n",
                "of a cycle",
            ),
            (
                b"Error: Inconsistent dependency lock file",
                "text of an error",
            ),
            (b"flowchart LR\n  a --> b", "Mermaid"),
            (b"graph TD\n  a --> b", "Mermaid"),
            (b"<?xml version=\"1.0\"?><svg/>", "picture"),
            (b"hello", "something else"),
        ];
        for (text, want) in table {
            assert!(
                explain(text).0.contains(want),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}
