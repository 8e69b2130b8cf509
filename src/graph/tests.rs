//! The graph against configurations written by hand, and against a naive oracle.

use super::Dependents;
use super::{Direction, Graph, Node, Sense, build};
use crate::input::json::stream::Stream;
use crate::input::plan::{self, Outcome, Plan};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn read(document: &Value) -> Plan {
    let text = document.to_string();
    let outcome = plan::read(
        &mut Stream::new(text.as_bytes()),
        &plan::ReadOptions::default(),
    );
    match outcome.expect("well formed") {
        Outcome::Plan(plan) => *plan,
        Outcome::Other(keys, _) => panic!("no plan: {keys:?}"),
    }
}

/// A plan that creates the addresses, with a root module.
pub(super) fn created(addresses: &[&str], root: &Value) -> Plan {
    let change = |address: &&str| json!({"address": address, "change": {"actions": ["create"]}});
    read(&json!({
        "resource_changes": addresses.iter().map(change).collect::<Vec<_>>(),
        "configuration": {"root_module": root},
    }))
}

pub(super) fn resource(name: &str, references: &[&str]) -> Value {
    let (kind, name) = name.split_once('.').expect("type and name");
    json!({"mode": "managed", "type": kind, "name": name, "provider_config_key": "p",
        "expressions": {"input": {"references": references}}})
}

/// The objects that an object reaches.
fn reached(
    plan: &Plan,
    graph: &Graph,
    from: &str,
    direction: Direction,
    sense: Sense,
) -> Vec<String> {
    let id = (0..plan.objects.len())
        .find(|id| plan.address(*id) == from)
        .expect("an object");
    let reach = graph.search([graph.object(id)], direction, sense, |_, _, _| true);
    let objects = graph.objects_among(&reach.nodes()[1..]);
    let found: BTreeSet<_> = objects.map(|id| plan.address(id)).collect();
    found.into_iter().collect()
}

fn needs(plan: &Plan, from: &str) -> Vec<String> {
    reached(
        plan,
        &build(plan, None),
        from,
        Direction::Dependencies,
        Sense::Order,
    )
}

fn flows_from(plan: &Plan, from: &str) -> Vec<String> {
    reached(
        plan,
        &build(plan, None),
        from,
        Direction::Dependencies,
        Sense::Flow,
    )
}

/// A module with an input that its resource reads, and an output of that resource.
fn passing_module() -> Value {
    json!({
        "resources": [resource("t.in", &["var.x"])],
        "variables": {"x": {}},
        "outputs": {"out": {"expression": {"references": ["t.in.id", "t.in"]}}},
    })
}

#[test]
fn module_inputs_and_outputs_are_followed_both_ways() {
    let root = json!({
        "resources": [resource("t.a", &[]), resource("t.z", &["module.m.out", "module.m"])],
        "module_calls": {"m": {"expressions": {"x": {"references": ["t.a.id", "t.a"]}}, "module": passing_module()}},
    });
    let plan = created(&["t.a", "t.z", "module.m.t.in"], &root);
    assert_eq!(needs(&plan, "t.z"), ["module.m.t.in", "t.a"]);
    let graph = build(&plan, None);
    assert_eq!(
        reached(&plan, &graph, "t.a", Direction::Dependents, Sense::Flow),
        ["module.m.t.in", "t.z"]
    );
}

#[test]
fn a_module_without_resources_passes_references_on() {
    let through = json!({
        "variables": {"x": {}},
        "outputs": {"out": {"expression": {"references": ["var.x"]}}},
    });
    let root = json!({
        "resources": [resource("t.a", &[]), resource("t.z", &["module.m.out", "module.m"])],
        "module_calls": {"m": {"expressions": {"x": {"references": ["t.a"]}}, "module": through}},
    });
    assert_eq!(needs(&created(&["t.a", "t.z"], &root), "t.z"), ["t.a"]);
}

#[test]
fn module_instances_are_kept_apart() {
    let inside = json!({"resources": [resource("t.a", &[]), resource("t.b", &["t.a"])]});
    let root = json!({"module_calls": {"m": {"for_each_expression": {}, "module": inside}}});
    let addresses = [
        "module.m[\"x\"].t.a",
        "module.m[\"x\"].t.b",
        "module.m[\"y\"].t.a",
        "module.m[\"y\"].t.b",
    ];
    assert_eq!(
        needs(&created(&addresses, &root), addresses[1]),
        [addresses[0]]
    );
}

#[test]
fn a_literal_key_reaches_one_instance_and_a_whole_reference_all() {
    let root = json!({"resources": [
        resource("t.a", &[]),
        resource("t.one", &["t.a[\"k\"].id", "t.a[\"k\"]", "t.a"]),
        resource("t.all", &["t.a"]),
    ]});
    let plan = created(&["t.a[\"k\"]", "t.a[\"l\"]", "t.one", "t.all"], &root);
    assert_eq!(needs(&plan, "t.one"), ["t.a[\"k\"]"]);
    assert_eq!(needs(&plan, "t.all"), ["t.a[\"k\"]", "t.a[\"l\"]"]);
}

#[test]
fn chained_instances_flow_one_to_one_and_are_ordered_all_to_all() {
    let mut chained = resource("t.b", &["each.value.id", "each.value"]);
    chained["for_each_expression"] = json!({"references": ["t.a"]});
    let root = json!({"resources": [resource("t.a", &[]), chained, resource("t.c", &["t.a", "each.key"])]});
    let addresses = [
        "t.a[\"k\"]",
        "t.a[\"l\"]",
        "t.b[\"k\"]",
        "t.b[\"l\"]",
        "t.c[\"k\"]",
    ];
    let plan = created(&addresses, &root);
    for from in ["t.b[\"k\"]", "t.c[\"k\"]"] {
        assert_eq!(flows_from(&plan, from), ["t.a[\"k\"]"], "{from}");
        assert_eq!(needs(&plan, from), ["t.a[\"k\"]", "t.a[\"l\"]"], "{from}");
    }
}

#[test]
fn a_key_without_a_partner_flows_from_all() {
    let root =
        json!({"resources": [resource("t.a", &[]), resource("t.c", &["t.a", "count.index"])]});
    let plan = created(&["t.a[0]", "t.a[1]", "t.c[0]", "t.c[2]"], &root);
    assert_eq!(flows_from(&plan, "t.c[0]"), ["t.a[0]", "t.a[1]"]);
}

#[test]
fn depends_on_of_a_module_call_makes_everything_in_it_wait() {
    let inside = json!({"resources": [resource("t.x", &[]), resource("t.y", &[])]});
    let nested =
        json!({"module_calls": {"deep": {"module": {"resources": [resource("t.z", &[])]}}}});
    let root = json!({"module_calls": {
        "iam": {"module": inside},
        "app": {"depends_on": ["module.iam"], "module": nested},
    }});
    let plan = created(
        &[
            "module.iam.t.x",
            "module.iam.t.y",
            "module.app.module.deep.t.z",
        ],
        &root,
    );
    assert_eq!(
        needs(&plan, "module.app.module.deep.t.z"),
        ["module.iam.t.x", "module.iam.t.y"]
    );
}

#[test]
fn outputs_and_providers_have_dependencies_of_their_own() {
    let change = |a: &str| json!({"address": a, "change": {"actions": ["create"]}});
    let plan = read(&json!({
        "resource_changes": [change("t.a"), change("t.b"), change("t.z"), change("module.m.t.in")],
        "configuration": {
            "provider_config": {"p": {"expressions": {"host": {"references": ["t.a"]}}}},
            "root_module": {
                "resources": [
                    {"mode": "managed", "type": "t", "name": "a", "provider_config_key": "q"},
                    {"mode": "managed", "type": "t", "name": "b", "provider_config_key": "p"},
                    {"mode": "managed", "type": "t", "name": "z", "provider_config_key": "q",
                        "expressions": {"input": {"references": ["module.m.o", "module.m"]}}},
                ],
                "module_calls": {"m": {"module": {
                    "resources": [{"mode": "managed", "type": "t", "name": "in", "provider_config_key": "q"}],
                    "outputs": {"o": {"expression": {}, "depends_on": ["t.in"]}},
                }}},
            },
        },
    }));
    assert_eq!(needs(&plan, "t.b"), ["t.a"]);
    assert_eq!(needs(&plan, "t.z"), ["module.m.t.in"]);
}

#[test]
fn the_state_tells_who_depended_on_what_goes_within_its_module_instance() {
    let in_state =
        |address: &str, depends_on: Value| json!({"address": address, "depends_on": depends_on});
    let resources = ["x", "y"].map(|key| {
        json!({"address": format!("module.m[\"{key}\"]"), "resources": [
            in_state(&format!("module.m[\"{key}\"].t.gone"), json!([])),
            in_state(&format!("module.m[\"{key}\"].t.stays"), json!(["module.m.t.gone"])),
        ]})
    });
    let plan = read(&json!({
        "resource_changes": [{"address": "module.m[\"x\"].t.gone", "change": {"actions": ["delete"]}}],
        "prior_state": {"values": {"root_module": {"child_modules": resources}}},
        "configuration": {"root_module": {}},
    }));
    let graph = build(&plan, None);
    let found = reached(
        &plan,
        &graph,
        "module.m[\"x\"].t.gone",
        Direction::Dependents,
        Sense::State,
    );
    assert_eq!(found, ["module.m[\"x\"].t.stays"]);
}

#[test]
fn circles_among_inputs_and_outputs_end() {
    let inside = json!({
        "variables": {"x": {}},
        "outputs": {"o": {"expression": {"references": ["var.x"]}}},
        "resources": [resource("t.a", &["var.x"])],
    });
    let root = json!({"module_calls": {"m": {
        "expressions": {"x": {"references": ["module.m.o", "module.m"]}}, "module": inside,
    }}});
    let plan = created(&["module.m.t.a"], &root);
    assert_eq!(needs(&plan, "module.m.t.a"), [""; 0]);
    let graph = build(&plan, None);
    assert!(graph.hubs(&Dependents::of(&graph), 1).is_empty());
}

#[test]
fn an_object_that_is_deleted_has_no_part_in_todays_order() {
    let plan = read(&json!({
        "resource_changes": [
            {"address": "t.a[0]", "change": {"actions": ["no-op"]}},
            {"address": "t.a[1]", "change": {"actions": ["delete"]}},
            {"address": "t.b", "change": {"actions": ["no-op"]}},
        ],
        "configuration": {"root_module": {"resources": [resource("t.a", &[]), resource("t.b", &["t.a"])]}},
    }));
    assert_eq!(needs(&plan, "t.b"), ["t.a[0]"]);
}

#[test]
fn the_shortest_path_is_the_one_with_the_fewest_nodes_a_reader_sees() {
    // Both ways have six edges in the graph; by way of t.wide fewer nodes are shown.
    for order in [["t.mid", "t.wide"], ["t.wide", "t.mid"]] {
        let root = json!({"resources": [
            resource("t.end", &[]),
            resource("t.wide", &["t.end"]),
            resource("t.first", &["t.end[0]", "t.end"]),
            resource("t.mid", &["t.first"]),
            resource("t.start", &order),
        ]});
        let addresses = [
            "t.end[0]",
            "t.end[1]",
            "t.wide[0]",
            "t.first",
            "t.mid",
            "t.start",
        ];
        let plan = created(&addresses, &root);
        let graph = build(&plan, None);
        let named = |name: &str| (0..plan.objects.len()).find(|id| plan.address(*id) == name);
        let id = |name: &str| graph.object(named(name).expect("an object"));
        let all = |_, _, _| true;
        let reach = graph.search([id("t.start")], Direction::Dependencies, Sense::Order, all);
        let path = graph.labels(&plan, &reach.path(id("t.end[0]")));
        assert_eq!(path, ["t.start", "t.wide[0]", "t.end[0]"]);
    }
}

#[test]
fn locals_are_counted_because_they_cannot_be_followed() {
    let root = json!({"resources": [resource("t.a", &["local.x"]), resource("t.b", &["local.x", "local.y"])]});
    let plan = created(&["t.a", "t.b"], &root);
    let graph = build(&plan, None);
    assert_eq!(graph.unfollowed, 3);
    let locals = graph.neighbours(graph.block(0), Direction::Dependencies, Sense::Order);
    assert!(
        locals
            .map(|(node, _)| graph.node(node))
            .any(|node| matches!(node, Node::Local(..)))
    );
}
