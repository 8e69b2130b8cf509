//! The graph for machines: version 1, keys stable.

use super::Picture;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_address: Option<&'a str>,
    change: Option<&'static [&'static str]>,
    /// How many managed objects depend on an object, over any number of steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependents: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<u64>,
}

#[derive(Serialize)]
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    kinds: Vec<&'static str>,
}

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let nodes = picture.nodes.iter().map(|node| Node {
        id: &node.id,
        kind: node.kind.word(),
        address: node.address.as_deref(),
        config_address: node.config_address.as_deref(),
        change: Some(node.change).filter(|words| !words.is_empty()),
        dependents: node.reach.map(|reach| reach.0),
        dependencies: node.reach.map(|reach| reach.1),
    });
    let edges = picture.edges.iter().map(|edge| Edge {
        from: &picture.nodes[edge.from].id,
        to: &picture.nodes[edge.to].id,
        kinds: edge.kinds.words(),
    });
    let document = Document {
        version: 1,
        nodes: nodes.collect(),
        edges: edges.collect(),
        notes: &picture.notes,
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}
