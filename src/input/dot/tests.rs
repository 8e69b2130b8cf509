//! Whole graphs: samples of every dialect, hostile ones, and random ones that are written and read back.

use super::quoted::tests::go_quoted;
use super::window::Window;
use super::{Dialect, Dot, read_through};
use crate::error::Error;
use crate::safe::safe;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;

const SIMPLE: &str = r#"digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
  "a_b.base" [label="a_b.base"];
  "a_b.web" [label="a_b.web"];
  subgraph "cluster_module.m" {
    label = "module.m"
    fontname = "sans-serif"
    "module.m.a_b.inner" [label="a_b.inner"];
  }
  "a_b.web" -> "a_b.base";
  "module.m.a_b.inner" -> "a_b.web";
}
"#;

const FULL: &str = r#"digraph {
	compound = "true"
	newrank = "true"
	subgraph "root" {
		"[root] a_b.c[\"q\\\"x\"]" [label = "a_b.c", shape = "box"]
		"[root] a_b.c (expand)" [label = "a_b.c", shape = "box"]
		"[root] provider[\"r.io/h/a\"]" [label = "provider[\"r.io/h/a\"]", shape = "diamond"]
		"[root] a_b.c (expand)" -> "[root] local.x (expand)"
		"[root] a_b.c[\"q\\\"x\"]" -> "[root] a_b.c (expand)"
		"[root] a_b.c[\"q\\\"x\"]" -> "[root] a_b.c (expand)"
		"[root] a_b.c (expand)" -> "[root] a_b.c (expand)" [color = "red", penwidth = "2.0"]
	}
}
"#;

const OLD: &str = r#"digraph {
	compound = "true"
	newrank = "true"
	subgraph "root" {
		"[root] a_b.c["k.\"->"]" [label = "a_b.c["k.\"->"]", shape = "box"]
		"[root] provider.a" [label = "provider.a", shape = "diamond"]
		"[root] a_b.c["k.\"->"]" -> "[root] provider.a"
		"[root] root" -> "[root] a_b.c["k.\"->"]"
	}
}
"#;

fn read_in(bytes: &[u8], window: usize) -> Result<Dot, Error> {
    read_through(Window::with_size(bytes, window), "g.dot")
}

fn read(text: &str) -> Dot {
    let dot = read_in(text.as_bytes(), 1 << 16).unwrap_or_else(|error| panic!("{text}: {error}"));
    let dripped = read_in(text.as_bytes(), 64).expect("read through a small window");
    assert_eq!(dot, dripped);
    dot
}

/// The edges by name, as `a>b`, in order.
fn edges(text: &str) -> Vec<String> {
    let dot = read(text);
    let name = |id: u32| &*dot.nodes[id as usize].name;
    let edge = |(a, b): &(u32, u32)| format!("{}>{}", name(*a), name(*b));
    let mut edges: Vec<_> = dot.edges.iter().map(edge).collect();
    edges.sort();
    edges
}

fn failure(text: &str) -> String {
    let error = read_in(text.as_bytes(), 1 << 16).map(drop).expect_err(text);
    format!("{:?}", miette::Report::new(error))
}

#[test]
fn a_simple_graph_is_read() {
    let dot = read(SIMPLE);
    assert_eq!(
        (dot.dialect, dot.nodes.len(), dot.noise),
        (Dialect::Simple, 3, 0)
    );
    assert_eq!(dot.nodes[2].label.as_deref(), Some("a_b.inner"));
    assert_eq!(
        edges(SIMPLE),
        ["a_b.web>a_b.base", "module.m.a_b.inner>a_b.web"]
    );
}

#[test]
fn a_full_graph_is_read_with_the_nodes_that_only_edges_name() {
    let dot = read(FULL);
    assert_eq!((dot.dialect, dot.nodes.len()), (Dialect::Full, 4));
    assert_eq!(&*dot.nodes[0].name, r#"[root] a_b.c["q\"x"]"#);
    let local = &dot.nodes[3];
    assert_eq!(
        (&*local.name, local.declared),
        ("[root] local.x (expand)", false)
    );
    assert!(dot.nodes[..3].iter().all(|node| node.declared));
}

#[test]
fn an_edge_with_a_colour_is_no_dependency() {
    assert_eq!(read(FULL).edges, [(0, 1), (1, 3)]);
    assert_eq!(
        edges(
            "digraph { a -> b a -> b [color=red] a -> {c -> d} [penwidth=2][color=red] b -> a [weight=1] }"
        ),
        ["a>b", "b>a", "c>d"]
    );
}

#[test]
fn keys_that_terraform_0_12_did_not_escape_are_read() {
    let dot = read(OLD);
    assert_eq!(dot.dialect, Dialect::Legacy);
    assert_eq!(&*dot.nodes[0].name, r#"[root] a_b.c["k.\"->"]"#);
    assert_eq!(dot.nodes[0].label.as_deref(), Some(r#"a_b.c["k.\"->"]"#));
    assert_eq!(dot.edges, [(0, 1), (2, 0)]);
}

#[test]
fn every_statement_of_dot_is_read() {
    assert_eq!(
        edges("strict digraph \"x y\" { a -> b -> c; a:p:n -> c:w [label=\"x\"; a=b, c]; }"),
        ["a>b", "a>c", "b>c"]
    );
    assert_eq!(
        edges("DiGraph<x>{edge[color=red]node[a=b]graph[c=d]rankdir=LR;\"n\"->1.5->-2}"),
        ["1.5>-2", "n>1.5"]
    );
    assert_eq!(
        edges("digraph { {a b} -> subgraph x { c; {d} } -> e }"),
        ["a>c", "a>d", "b>c", "b>d", "c>e", "d>e"]
    );
    assert_eq!(
        edges("digraph { subgraph s { a {a b} -> c } -> d }"),
        ["a>c", "a>d", "b>c", "b>d", "c>d"]
    );
    assert_eq!(edges("digraph { a -> {} -> b }"), [""; 0]);
    assert_eq!(
        edges("digraph { \"subgraph\" -> \"no\" + \"de\" a -1 }"),
        ["subgraph>node"]
    );
}

#[test]
fn an_empty_graph_is_a_graph() {
    let simple = "digraph G {\n  /* There are no resources */\n  /* to show. */\n}\n";
    assert_eq!(read(simple).dialect, Dialect::Simple);
    assert_eq!(
        read("digraph {\n\tsubgraph \"root\" {\n\t}\n}\n").dialect,
        Dialect::Full
    );
    assert!(read("// by hand\n# 1\n/* x */ digraph {}").nodes.is_empty());
}

#[test]
fn what_wrappers_print_around_the_graph_is_passed_over_and_counted() {
    let noisy = format!(
        "[command]/usr/bin/terraform-bin graph\n{SIMPLE}\n::debug::Terraform exited with code 0.\n"
    );
    let dot = read_in(noisy.as_bytes(), 1 << 16).expect("a graph");
    assert_eq!((dot.noise, dot.nodes.len()), (38, 3));
    let windows = SIMPLE.replace('\n', "\r\n");
    assert_eq!(read(&windows), read(SIMPLE));
}

#[test]
fn what_is_malformed_is_shown_with_its_line_and_column() {
    let shown = failure("digraph {\n  \"a\" -> \"b\"\n  \"a\" => \"b\"\n}\n");
    assert!(shown.contains("line 3, column 8"), "{shown}");
    assert!(shown.contains("\"a\" => \"b\""), "{shown}");
    for wrong in [
        "digraph { a -- b }",
        "digraph { a -> }",
        "digraph { -> }",
        "digraph { a [b }",
        "digraph { = }",
        "digraph { a = [ }",
        "digraph a b {}",
        "digraph { a, b }",
        "digraph { subgraph x y {} }",
        "digraph { @ }",
        "strict {}",
    ] {
        assert!(failure(wrong).contains("line 1, column"), "{wrong}");
    }
    assert!(failure("graph { a -- b }").contains("undirected"));
}

#[test]
fn a_second_graph_and_other_text_behind_the_end_are_errors() {
    assert!(failure(&format!("{SIMPLE}{FULL}")).contains("second graph"));
    assert!(failure(&format!("{SIMPLE}}}")).contains("behind the end"));
}

#[test]
fn what_is_no_graph_is_told_and_how_to_make_one() {
    for (text, want) in [
        ("", "empty"),
        ("{\"planned_values\":{}}", "plan document"),
        ("Error: Cycle: a", "cycle"),
        ("// c\nx", "something else"),
    ] {
        let shown = failure(text);
        assert!(
            shown.contains(want) && shown.contains("terraform graph"),
            "{shown}"
        );
    }
}

#[test]
fn missing_files_and_folders_say_what_to_name() {
    assert!(
        super::read("src")
            .expect_err("a folder")
            .message()
            .contains("is a directory")
    );
    assert!(
        super::read("no/such.dot")
            .expect_err("nothing")
            .message()
            .contains("cannot read no/such.dot")
    );
}

#[test]
fn graphs_that_powershell_wrote_are_read() {
    for mark in ["\u{feff}", ""] {
        let text = format!("{mark}{FULL}");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut utf8 = String::new();
        let mut reader = super::decode(Box::new(std::io::Cursor::new(bytes))).expect("memory");
        reader.read_to_string(&mut utf8).expect("text");
        assert_eq!(read(&utf8), read(FULL));
    }
}

#[test]
fn every_cut_of_a_graph_is_an_error() {
    for text in [SIMPLE, FULL, OLD] {
        let end = text.trim_end().len();
        for cut in 0..end {
            let error = read_in(&text.as_bytes()[..cut], 64).expect_err("cut");
            let told = error.message().contains("ends in the middle")
                || cut < 8
                || error.message().contains("is not valid DOT");
            assert!(told, "{cut}: {error}");
        }
    }
}

#[test]
fn a_thousand_subgraphs_inside_each_other_are_refused_without_a_crash() {
    let deep = |n: usize| format!("digraph {{ {}a{} }}", "{".repeat(n), "}".repeat(n));
    assert_eq!(read(&deep(200)).nodes.len(), 1);
    assert!(failure(&deep(201)).contains("too deeply"));
    assert!(failure(&deep(100_000)).contains("too deeply"));
}

#[test]
fn subgraphs_do_not_multiply_without_bound() {
    let set = |c: char| {
        (0..4000).fold(String::new(), |mut text, n| {
            let _ = write!(text, "{c}{n} ");
            text
        })
    };
    assert!(
        failure(&format!(
            "digraph {{ {{{}}} -> {{{}}} }}",
            set('a'),
            set('b')
        ))
        .contains("ten million")
    );
}

#[test]
fn names_of_every_byte_are_text_that_cannot_steer_a_terminal() {
    let dot = read_in(b"digraph { \"a\x1b[0m\xff\" }", 64).expect("a graph");
    assert_eq!(&*dot.nodes[0].name, "a\\u{1b}[0m\u{fffd}");
}

/// A random graph: names, and edges between them by number.
fn graphs() -> impl Strategy<Value = (Vec<String>, Vec<(usize, usize)>)> {
    let key = "([a-z.\\[\\]() {}é\"\\\\>-]|->|//|/\\*){0,8}";
    let name = (
        key,
        prop_oneof![Just(""), Just(" (expand)"), Just(" (destroy)")],
    )
        .prop_map(|(key, suffix)| format!("a_b.c[{key:?}]{suffix}"));
    let names = proptest::collection::btree_set(name, 1..8);
    (
        names,
        proptest::collection::vec((0_usize..8, 0_usize..8), 0..12),
    )
        .prop_map(|(names, edges)| {
            let names: Vec<_> = names.into_iter().collect();
            let edge = |(a, b): (usize, usize)| (a % names.len(), b % names.len());
            let edges = edges.into_iter().map(edge).collect();
            (names, edges)
        })
}

fn by_name(dot: &Dot) -> BTreeMap<String, BTreeSet<String>> {
    let name = |id: u32| dot.nodes[id as usize].name.to_string();
    let mut map: BTreeMap<_, _> = dot
        .nodes
        .iter()
        .map(|node| (node.name.to_string(), BTreeSet::new()))
        .collect();
    for (a, b) in &dot.edges {
        map.entry(name(*a)).or_default().insert(name(*b));
    }
    map
}

/// Writes a graph as Terraform does, with `quote` for its names.
fn written(
    names: &[String],
    edges: &[(usize, usize)],
    simple: bool,
    quote: impl Fn(&str) -> String,
) -> String {
    let mut text = String::from(if simple {
        "digraph G {\n"
    } else {
        "digraph {\n\tsubgraph \"root\" {\n"
    });
    let end = if simple { ";" } else { "" };
    for name in names {
        let _ = writeln!(
            text,
            "\t\t{} [label = \"x\", shape = \"box\"]{end}",
            quote(name)
        );
    }
    for (a, b) in edges {
        let _ = writeln!(
            text,
            "\t\t{} -> {}{end}",
            quote(&names[*a]),
            quote(&names[*b])
        );
    }
    text + if simple { "}\n" } else { "\t}\n}\n" }
}

proptest! {
    #[test]
    fn random_graphs_are_read_back_in_every_dialect((names, links) in graphs()) {
        let rooted = |name: &str| go_quoted(&format!("[root] {name}"));
        let old = |name: &str| format!("\"[root] {name}\"");
        for (prefix, text) in [
            ("", written(&names, &links, true, go_quoted)),
            ("[root] ", written(&names, &links, false, rooted)),
            ("[root] ", written(&names, &links, false, old)),
        ] {
            let mut want: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for name in &names {
                want.insert(safe(&format!("{prefix}{name}")), BTreeSet::new());
            }
            for (a, b) in &links {
                let (a, b) = (format!("{prefix}{}", names[*a]), format!("{prefix}{}", names[*b]));
                want.entry(safe(&a)).or_default().insert(safe(&b));
            }
            prop_assert_eq!(by_name(&read(&text)), want, "{}", text);
        }
    }

    #[test]
    fn any_bytes_in_a_graph_end(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..300) {
        let mut text = FULL.as_bytes().to_vec();
        text.splice(at..at, bytes.iter().copied());
        let _ = read_in(&text, 64);
        let _ = read_in(&bytes, 64);
    }

    #[test]
    fn any_statements_end_alike_in_every_window(text in "([a-c]|->|--|[{}\\[\\];,=:\"<>]| |subgraph |node|\\[root\\] |\\[\"|color|label){0,40}") {
        let text = format!("digraph {{{text}}}");
        let (small, large) = (read_in(text.as_bytes(), 16), read_in(text.as_bytes(), 4096));
        let shown = |result: Result<Dot, Error>| result.map_err(|error| error.to_string());
        prop_assert_eq!(shown(small), shown(large));
    }
}
