//! Pictures of a dependency graph: DOT, Mermaid, JSON and SVG.
//!
//! A picture knows nothing of plans: whoever draws one fills in nodes and edges, may cut it down with the
//! functions of [`select`], and writes it. DOT and JSON hold all of it. Mermaid and SVG are for eyes: what is
//! too large for them is drawn smaller, and the picture itself says what was left out.

mod dot;
mod fit;
mod json;
mod label;
mod layout;
mod mermaid;
mod modules;
pub mod select;
mod style;
mod svg;
#[cfg(test)]
mod tests;

use crate::safe::safe;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// A graph to draw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// What depends and is depended on.
    pub nodes: Vec<Node>,
    /// Who depends on what, by index into the nodes.
    pub edges: Vec<Edge>,
    /// What was left out, one sentence each; shown in every format.
    pub notes: Vec<String>,
}

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its unique name, as Terraform writes it (`module.m.aws_x.y[0]`, `module.m.var.z`).
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// The address, of objects.
    pub address: Option<String>,
    /// The address without instance keys, where a configuration block stands behind it.
    pub config_address: Option<String>,
    /// The planned actions, in their order (`["delete", "create"]`).
    pub change: Option<Vec<&'static str>>,
    /// Address of the module it stands in; empty in the root.
    pub module: String,
    /// How many objects stand in it, for a module drawn as one box.
    pub collapsed: Option<usize>,
    /// How many managed objects depend on an object, and on how many it depends, over any number of steps.
    pub reach: Option<(u64, u64)>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A resource instance or block.
    Managed,
    /// A data source.
    Data,
    /// An ephemeral resource.
    Ephemeral,
    /// An input variable.
    Variable,
    /// A local value.
    Local,
    /// An output value.
    Output,
    /// A module instance.
    Module,
    /// A provider configuration.
    Provider,
}

impl NodeKind {
    /// The kind in lower case, as formats write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Data => "data",
            Self::Ephemeral => "ephemeral",
            Self::Variable => "variable",
            Self::Local => "local",
            Self::Output => "output",
            Self::Module => "module",
            Self::Provider => "provider",
        }
    }

    /// Whether it is an object and not something that only carries references.
    pub fn is_object(self) -> bool {
        matches!(self, Self::Managed | Self::Data | Self::Ephemeral)
    }
}

/// One arrow, from a dependent to its dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Index of the dependent.
    pub from: usize,
    /// Index of the dependency.
    pub to: usize,
    /// Why it is there: reference, `depends_on`, module `depends_on`, state, dot, source.
    pub kinds: Vec<&'static str>,
}

impl Edge {
    /// Whether only the state of the last apply knows it: history, not part of today's order.
    pub fn is_past(&self) -> bool {
        self.kinds == ["state"]
    }
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Graphviz.
    Dot,
    /// For Markdown; cut down to what Mermaid takes.
    Mermaid,
    /// For programs; versioned and whole.
    Json,
    /// For eyes; cut down to what can be read.
    Svg,
}

/// Writes a picture. The same picture gives the same bytes, in whatever order nodes and edges come.
///
/// # Errors
/// The writer's.
pub fn write(picture: &Picture, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    let picture = tidy(picture);
    match format {
        Format::Json => json::write(&picture, out),
        Format::Dot => out.write_all(dot::text(&picture).as_bytes()),
        Format::Mermaid => out.write_all(mermaid::text(&picture).as_bytes()),
        Format::Svg => out.write_all(svg::text(&picture).as_bytes()),
    }
}

/// The picture with text that is safe to show, nodes and edges sorted, and one edge between two nodes.
fn tidy(picture: &Picture) -> Picture {
    let mut nodes: Vec<(usize, Node)> = picture.nodes.iter().map(safe_node).enumerate().collect();
    nodes.sort_by(|(_, a), (_, b)| (&a.id, a.kind, &a.module).cmp(&(&b.id, b.kind, &b.module)));
    let mut place = vec![0; nodes.len()];
    for (new, (old, _)) in nodes.iter().enumerate() {
        place[*old] = new;
    }
    let edges = picture.edges.iter().map(|edge| Edge {
        from: place[edge.from],
        to: place[edge.to],
        kinds: edge.kinds.clone(),
    });
    Picture {
        edges: merged(edges),
        nodes: nodes.into_iter().map(|(_, node)| node).collect(),
        notes: picture.notes.iter().map(|note| safe(note)).collect(),
    }
}

fn safe_node(node: &Node) -> Node {
    Node {
        id: safe(&node.id),
        address: node.address.as_deref().map(safe),
        config_address: node.config_address.as_deref().map(safe),
        module: safe(&node.module),
        ..node.clone()
    }
}

/// Sorted edges, one for each pair of nodes, with the kinds of all that were there.
fn merged(edges: impl Iterator<Item = Edge>) -> Vec<Edge> {
    let mut pairs: BTreeMap<(usize, usize), BTreeSet<&'static str>> = BTreeMap::new();
    for edge in edges {
        pairs
            .entry((edge.from, edge.to))
            .or_default()
            .extend(edge.kinds);
    }
    let edge = |((from, to), kinds): (_, BTreeSet<_>)| Edge {
        from,
        to,
        kinds: kinds.into_iter().collect(),
    };
    pairs.into_iter().map(edge).collect()
}
