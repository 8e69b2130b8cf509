//! Reads what `terraform graph` prints, in every dialect.

mod configure;
mod lexer;
mod names;
mod parse;

pub use configure::configuration;
pub use names::{What, what};

use super::document::{decode, unreadable};
use super::sniff;
use crate::error::Error;
use lexer::{Lexer, Wrong};
use parse::{Parsed, Parser};
use std::io::{self, Cursor, Read};

/// A graph as Terraform printed it.
#[derive(Debug, Default)]
pub struct Dot {
    /// Where it was read.
    pub path: String,
    /// Names of nodes, each once, as Terraform has them.
    pub names: Vec<Box<str>>,
    /// Edges, each once: from the one that waits to the one it waits for.
    pub edges: Vec<(u32, u32)>,
    /// Whether blocks are named by their address alone: the short form, and Terraform up to 0.12.
    pub plain_blocks: bool,
}

impl Dot {
    /// What every node means.
    pub fn whats(&self) -> impl Iterator<Item = What<'_>> {
        self.names.iter().map(|name| what(name, self.plain_blocks))
    }
}

/// Bytes shown on each side of a mistake.
const EXCERPT: usize = 40;
const HELP: &str = "give what terraform graph prints: terraform graph > graph.dot";

/// Reads a graph from a file, or from standard input for `-`. Memory grows with its names and edges, not with its text.
///
/// # Errors
/// The input cannot be read, is something else, or is no DOT: then with line and column.
pub fn read(path: &str) -> Result<Dot, Error> {
    let parsed = match parse(path, open(path)?, false) {
        // Terraform up to 0.12 did not escape the quotes of keys.
        Err(error) if path != "-" => parse(path, open(path)?, true).map_err(|_| error),
        parsed => parsed,
    }?;
    Ok(finish(path, parsed))
}

fn open(path: &str) -> Result<impl Read, Error> {
    let failed = |error: io::Error| unreadable(path, &error).help(HELP);
    let reader: Box<dyn Read + Send> = if path == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(failed)?)
    };
    let mut reader = decode(reader).map_err(failed)?;
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(4096)
        .read_to_end(&mut head)
        .map_err(failed)?;
    match something_else(path, &head) {
        Some(error) => Err(error),
        None => Ok(Cursor::new(head).chain(reader)),
    }
}

fn parse(path: &str, reader: impl Read, unescaped: bool) -> Result<Parsed, Error> {
    let mut parser = Parser::new(Lexer::new(reader, unescaped));
    parser.graph().map_err(|wrong| match wrong {
        Wrong::Io(error) => unreadable(path, &error).help(HELP),
        Wrong::Syntax { offset, what } => {
            let (line, column) = parser.lexer.place(offset);
            let (around, at) = parser.lexer.around(offset, EXCERPT);
            let text = String::from_utf8_lossy(around).into_owned();
            let at = String::from_utf8_lossy(&around[..at]).len();
            Error::new(format!(
                "{path} is no graph that tfguard can read: {what}, line {line} column {column}"
            ))
            .in_text(&text, at..at + 1, what)
            .help(HELP)
        }
    })
}

fn finish(path: &str, mut parsed: Parsed) -> Dot {
    parsed.edges.sort_unstable();
    parsed.edges.dedup();
    let expands = parsed.names.iter().any(|name| name.ends_with("(expand)"));
    let full = parsed.names.iter().any(|name| name.starts_with("[root] "));
    // A graph of an apply names instances without `(expand)` as well, so one expanded node decides.
    let plain_blocks = !expands
        && (!full
            || !parsed
                .names
                .iter()
                .any(|name| name.ends_with("(close)") || name.contains("provider[")));
    Dot {
        path: path.to_owned(),
        names: parsed.names,
        edges: parsed.edges,
        plain_blocks,
    }
}

/// What is no DOT, said before a parser stumbles over it.
fn something_else(path: &str, head: &[u8]) -> Option<Error> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    let begins = |word: &str| {
        text.len() >= word.len()
            && text.as_bytes()[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    if begins("digraph")
        || begins("graph")
        || begins("strict")
        || begins("//")
        || begins("/*")
        || begins("#")
    {
        return None;
    }
    let is = if text.is_empty() {
        "is empty: terraform graph prints nothing when it fails, and says why on standard error"
            .to_owned()
    } else if text.starts_with('{') {
        "is JSON: plans are given without --graph".to_owned()
    } else if text.contains("Error:") {
        "is the text of an error, not a graph".to_owned()
    } else if begins("flowchart") {
        "is a Mermaid graph: terraform graph -format=dot prints the one to give".to_owned()
    } else {
        match sniff::by_text(head) {
            Some(sniff::Kind::BinaryPlan) => {
                "is a binary plan file: plans are given without --graph".to_owned()
            }
            _ => "is no graph: DOT begins with digraph".to_owned(),
        }
    };
    Some(Error::new(format!("{path} {is}")).help(HELP))
}

#[cfg(test)]
mod tests {
    use super::{Dot, finish, parse, read};
    use proptest::prelude::*;
    use std::fmt::Write as _;
    use std::io::Write as _;

    fn dot(text: &str) -> Dot {
        finish("x", parse("x", text.as_bytes(), false).expect("a graph"))
    }

    fn edges(dot: &Dot) -> Vec<(&str, &str)> {
        let name = |id: u32| &*dot.names[id as usize];
        dot.edges
            .iter()
            .map(|(from, to)| (name(*from), name(*to)))
            .collect()
    }

    #[test]
    fn the_short_form_is_read() {
        let found = dot(
            "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect];\n  \"a.b\" [label=\"a.b\"];\n  subgraph \"cluster_m\" {\n    label = \"m\"\n    \"module.m.a.c\" [label=\"a.c\"];\n  }\n  \"module.m.a.c\" -> \"a.b\";\n}\n",
        );
        assert_eq!(edges(&found), [("module.m.a.c", "a.b")]);
        assert!(found.plain_blocks);
        assert_eq!(found.names.len(), 2);
    }

    #[test]
    fn the_full_form_is_read() {
        let found = dot(
            "digraph {\n\tcompound = \"true\"\n\tsubgraph \"root\" {\n\t\t\"[root] a.b (expand)\" [label = \"a.b\", shape = \"box\"]\n\t\t\"[root] a.b (expand)\" -> \"[root] provider[\\\"x/y/z\\\"]\"\n\t}\n}\n",
        );
        assert_eq!(
            edges(&found),
            [("[root] a.b (expand)", "[root] provider[\"x/y/z\"]")]
        );
        assert!(!found.plain_blocks);
    }

    #[test]
    fn an_edge_with_a_colour_is_no_dependency() {
        let found = dot("digraph { a -> b [color = \"red\", penwidth = \"2.0\"]; b -> a }");
        assert_eq!(edges(&found), [("b", "a")]);
    }

    #[test]
    fn names_with_bare_quotes_are_read_as_terraform_0_12_wrote_them() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        let text = "digraph {\n\t\"[root] x.y[\"a.b\"]\" [label = \"x.y\", shape = \"box\"]\n\t\"[root] x.y[\"a.b\"]\" -> \"[root] provider.x\"\n}\n";
        file.write_all(text.as_bytes()).expect("written");
        let found = read(file.path().to_str().expect("a path")).expect("a graph");
        assert_eq!(
            edges(&found),
            [("[root] x.y[\"a.b\"]", "[root] provider.x")]
        );
    }

    #[test]
    fn chains_ports_groups_and_repeats_are_understood() {
        let found =
            dot("strict digraph \"G\" { a:n -> b -> {c d} [x=1]; a -> b; subgraph { e } -> f }");
        let mut found = edges(&found);
        found.sort_unstable();
        assert_eq!(found, [("a", "b"), ("b", "c"), ("b", "d"), ("e", "f")]);
    }

    #[test]
    fn an_empty_graph_is_a_graph() {
        assert!(dot("digraph G {\n  /* nothing */\n}").names.is_empty());
    }

    #[test]
    fn a_mistake_is_shown_with_line_and_column() {
        let error = parse("x", &b"digraph {\n  a -> ;\n}"[..], false).expect_err("broken");
        assert!(error.message().contains("line 2"), "{error}");
        let error = parse("x", &b"digraph {\n  a -> b\n"[..], false).expect_err("cut off");
        assert!(error.message().contains("cut off"), "{error}");
    }

    #[test]
    fn what_is_no_graph_is_named() {
        for (text, said) in [
            ("", "empty"),
            ("{\"a\":1}", "JSON"),
            ("Error: Cycle: a, b", "error"),
            ("hello", "no graph"),
        ] {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            let error = read(file.path().to_str().expect("a path")).expect_err("no graph");
            assert!(error.message().contains(said), "{error}");
        }
    }

    proptest! {
        #[test]
        fn random_graphs_are_read_back(pairs in prop::collection::vec((0u32..20, 0u32..20), 0..60)) {
            let mut text = String::from("digraph {\n");
            for (from, to) in &pairs {
                let _ = writeln!(text, "\t\"[root] n[\\\"{from}\\\"]\" -> \"[root] n[\\\"{to}\\\"]\"");
            }
            text.push('}');
            let found = dot(&text);
            let mut expected: Vec<_> = pairs.iter().map(|(a, b)| (format!("[root] n[\"{a}\"]"), format!("[root] n[\"{b}\"]"))).collect();
            expected.sort();
            expected.dedup();
            let mut got: Vec<_> = edges(&found).into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
            got.sort();
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn any_text_is_a_graph_or_an_error(text in "(digraph )?[a-z{}\\[\\];=\"<>/* -]{0,80}") {
            let _ = parse("x", text.as_bytes(), false);
        }
    }
}
