//! The united graph against what Terraform itself prints, from every combination of inputs.

mod common;

use common::{out, run};
use std::collections::{BTreeMap, BTreeSet};
use tfguard::input::gather::Inputs;
use tfguard::picture::Picture;

const CASE: &str = "fixtures/_graph";

fn inputs(plan: bool, source: bool, graph: Option<&str>) -> Inputs {
    let path = |name: &str| format!("{CASE}/{name}");
    Inputs {
        plans: if plan {
            vec![path("plan.json")]
        } else {
            Vec::new()
        },
        source: source.then(|| path("after").into()),
        graph: graph.map(path),
        terraform: None,
    }
}

/// Every pair of blocks of which the first waits for the second, over any number of steps.
fn closure(picture: &Picture) -> BTreeSet<(String, String)> {
    let block = |node: usize| picture.nodes[node].config_address.clone();
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for edge in picture.edges.iter().filter(|edge| !edge.is_past()) {
        next.entry(edge.from).or_default().push(edge.to);
    }
    let mut pairs = BTreeSet::new();
    for start in (0..picture.nodes.len()).filter(|node| block(*node).is_some()) {
        let (mut seen, mut left) = (BTreeSet::new(), vec![start]);
        while let Some(at) = left.pop() {
            for to in next.get(&at).into_iter().flatten() {
                if seen.insert(*to) {
                    left.push(*to);
                }
            }
        }
        let reached = seen.into_iter().filter_map(block);
        let from = block(start).expect("a block");
        pairs.extend(
            reached
                .filter(|to| *to != from)
                .map(|to| (from.clone(), to)),
        );
    }
    pairs
}

/// The pairs that `terraform graph` shows, read by the plainest means.
fn printed() -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(format!("{CASE}/graph.dot")).expect("a recorded graph");
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines() {
        let names: Vec<&str> = line
            .trim()
            .trim_end_matches(';')
            .split(" -> ")
            .map(|name| name.trim_matches('"'))
            .collect();
        if let [from, to] = names.as_slice() {
            next.entry(from).or_default().push(to);
        }
    }
    let mut pairs = BTreeSet::new();
    for start in next.keys() {
        let (mut seen, mut left) = (BTreeSet::new(), vec![*start]);
        while let Some(at) = left.pop() {
            for to in next.get(at).into_iter().flatten() {
                if seen.insert(*to) {
                    left.push(to);
                }
            }
        }
        pairs.extend(
            seen.into_iter()
                .map(|to| ((*start).to_owned(), to.to_owned())),
        );
    }
    pairs
}

fn drawn(inputs: &Inputs) -> Picture {
    tfguard::draw(inputs).expect("a graph").picture
}

#[test]
fn the_order_is_that_of_terraform_whatever_it_was_read_from() {
    let printed = printed();
    assert!(printed.len() > 30, "a graph worth comparing");
    for (plan, source, graph) in [
        (true, true, Some("graph.dot")),
        (true, true, None),
        (true, false, Some("graph.dot")),
        (true, false, Some("graph-plan.dot")),
        (true, false, Some("graph-apply.dot")),
        (false, true, None),
        (false, false, Some("graph.dot")),
        (false, false, Some("graph-plan.dot")),
    ] {
        let found = closure(&drawn(&inputs(plan, source, graph)));
        assert_eq!(
            found, printed,
            "plan {plan}, source {source}, graph {graph:?}"
        );
    }
}

#[test]
fn the_plan_alone_lacks_what_it_does_not_hold() {
    let found = closure(&drawn(&inputs(true, false, None)));
    let missing: Vec<_> = printed().difference(&found).cloned().collect();
    assert!(found.is_subset(&printed()));
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert!(missing.contains(&pair("terraform_data.triggered", "terraform_data.other")));
    assert!(missing.contains(&pair(
        "terraform_data.conditioned",
        "terraform_data.through_locals"
    )));
}

#[test]
fn an_edge_knows_who_tells_of_it() {
    let picture = drawn(&inputs(true, true, None));
    let kinds = |from: &str, to: &str| {
        let is = |node: usize, id: &str| picture.nodes[node].id == id;
        let edge = picture
            .edges
            .iter()
            .find(|edge| is(edge.from, from) && is(edge.to, to));
        edge.map(|edge| edge.kinds.clone()).unwrap_or_default()
    };
    assert_eq!(
        kinds(
            "terraform_data.replaced_by_override",
            "terraform_data.other"
        ),
        ["reference", "source"]
    );
    assert_eq!(
        kinds("terraform_data.triggered", "terraform_data.other"),
        ["source"]
    );
    assert_eq!(
        kinds("terraform_data.through_locals", "terraform_data.base"),
        ["depends_on", "source"]
    );
    let picture = drawn(&inputs(true, false, Some("graph.dot")));
    let is = |node: usize, id: &str| picture.nodes[node].id == id;
    let only = picture
        .edges
        .iter()
        .find(|e| is(e.from, "terraform_data.triggered"))
        .expect("an edge");
    assert_eq!(only.kinds, ["dot"]);
}

#[test]
fn a_literal_key_leads_to_that_instance_alone() {
    let picture = drawn(&inputs(true, true, None));
    let id = |node: usize| picture.nodes[node].id.as_str();
    let (mut seen, mut left) = (BTreeSet::new(), vec!["terraform_data.uses_one"]);
    while let Some(at) = left.pop() {
        for edge in picture.edges.iter().filter(|edge| id(edge.from) == at) {
            if seen.insert(id(edge.to)) {
                left.push(id(edge.to));
            }
        }
    }
    assert!(
        seen.contains("module.net[\"a\"].module.leaf.terraform_data.leaf"),
        "{seen:?}"
    );
    assert!(
        !seen.iter().any(|id| id.starts_with("module.net[\"b\"]")),
        "{seen:?}"
    );
}

#[test]
fn redundancy_through_locals_is_seen_with_sources_and_with_the_full_graph() {
    for extra in [
        ["--source", "fixtures/_graph/after"],
        ["--graph", "fixtures/_graph/graph-plan.dot"],
    ] {
        let report = out(&run(&[
            &["-v", "--fail-on", "never"],
            &extra[..],
            &["fixtures/_graph/plan.json"],
        ]
        .concat()));
        assert!(
            report.contains("note[redundant-depends-on]: terraform_data.through_locals"),
            "{report}"
        );
        assert!(report.contains("local.second -> local.first"), "{report}");
    }
}

#[test]
fn every_form_of_the_graph_is_the_same_twice_and_names_what_is_in_it() {
    for (format, holds) in [
        ("dot", "digraph"),
        ("mermaid", "flowchart LR"),
        ("json", "\"version\":1"),
        ("svg", "</svg>"),
    ] {
        let arguments = [
            "graph",
            "-f",
            format,
            "--source",
            "fixtures/_graph/after",
            "fixtures/_graph/plan.json",
        ];
        let (first, second) = (out(&run(&arguments)), out(&run(&arguments)));
        assert_eq!(first, second);
        assert!(
            first.contains(holds) && first.contains("uses_one"),
            "{first}"
        );
    }
}

#[test]
fn what_is_printed_as_dot_can_be_read_again() {
    let text = out(&run(&[
        "graph",
        "--source",
        "fixtures/_graph/after",
        "fixtures/_graph/plan.json",
    ]));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    let path = file.path().to_str().expect("a path").to_owned();
    let again = run(&["graph", "-f", "json", "--graph", &path]);
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn focus_shows_the_neighbours_and_names_a_near_miss() {
    let base = [
        "graph",
        "-f",
        "json",
        "fixtures/_graph/plan.json",
        "--source",
        "fixtures/_graph/after",
    ];
    let near = out(&run(&[
        &base[..],
        &["--focus", "terraform_data.triggered", "--depth", "1"],
    ]
    .concat()));
    assert!(
        near.contains("terraform_data.other") && !near.contains("terraform_data.base"),
        "{near}"
    );
    let missed = run(&[&base[..], &["--focus", "terraform_data.trigered"]].concat());
    assert_eq!(missed.status.code(), Some(2));
    assert!(common::err(&missed).contains("did you mean terraform_data.triggered?"));
}

/// What a provider, a name or an entry has behind a local is not in the order that the short form shows.
#[test]
fn the_short_form_of_a_graph_does_not_tell_what_locals_are_made_of() {
    let case = "fixtures/planned-replace/flags-through-a-local";
    let plan = format!("{case}/plan.json");
    let beside = |more: &[&str]| out(&run(&[&[&*plan], more].concat()));
    let short = format!("{case}/graph.dot");
    assert!(beside(&["--graph", &short]).contains("through locals could not be followed"));
    let sources = format!("{case}/after");
    assert!(!beside(&["--source", &sources]).contains("could not be followed"));
}

#[test]
fn what_is_no_longer_configured_is_drawn_as_the_objects_it_has() {
    let plan = "fixtures/planned-delete/flags-edited-in-a-module-with-several-calls/plan.json";
    let drawn = out(&run(&["graph", plan, "-f", "json"]));
    assert!(
        drawn.contains("module.eu.terraform_data.sessions"),
        "{drawn}"
    );
    assert!(!drawn.contains("(block)"), "{drawn}");
}
