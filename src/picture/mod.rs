//! The dependency graph for people and programs: as JSON, DOT, Mermaid and SVG.
//!
//! What is drawn is a [`Picture`]: nodes with the names that Terraform gives them, edges that know who tells of
//! them. It is made from the graph ([`of`]), cut to what was asked for ([`select`]), and written.

mod dot;
mod json;
mod layout;
mod mermaid;
mod of;
pub mod select;
mod svg;

pub use of::of;

use std::io::{self, Write};

/// A graph to be written.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Nodes, in the order of their ids.
    pub nodes: Vec<Node>,
    /// Edges, from the dependent to its dependency, in order.
    pub edges: Vec<Edge>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name, unique.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The address, of objects only.
    pub address: Option<String>,
    /// The address without keys, of objects and blocks.
    pub config_address: Option<String>,
    /// The planned actions; empty for none.
    pub change: &'static [&'static str],
    /// The module instance it stands in, `""` for the root.
    pub module: String,
    /// How many objects a box stands for that is a whole module.
    pub holds: usize,
    /// Managed objects that depend on it, and that it depends on, over any number of steps.
    pub reach: Option<(u64, u64)>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A resource.
    #[default]
    Managed,
    /// A data source.
    Data,
    /// An ephemeral resource.
    Ephemeral,
    /// An input variable.
    Variable,
    /// A local value.
    Local,
    /// An output.
    Output,
    /// A module.
    Module,
    /// A provider configuration.
    Provider,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Index of the dependent.
    pub from: usize,
    /// Index of the dependency.
    pub to: usize,
    /// Why it is there, and who tells of it.
    pub kinds: Kinds,
}

/// Why an edge is there: a set of words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinds(u8);

impl Kinds {
    const WORDS: [&str; 6] = [
        "reference",
        "depends_on",
        "module_depends_on",
        "state",
        "dot",
        "source",
    ];
    pub(crate) const REFERENCE: Self = Self(1);
    pub(crate) const DEPENDS_ON: Self = Self(2);
    pub(crate) const MODULE_DEPENDS_ON: Self = Self(4);
    pub(crate) const STATE: Self = Self(8);
    pub(crate) const DOT: Self = Self(16);
    pub(crate) const SOURCE: Self = Self(32);

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether only the prior state remembers it: it is no part of today's order.
    pub fn is_state_alone(self) -> bool {
        self == Self::STATE
    }

    /// The words, in a fixed order.
    pub fn words(self) -> Vec<&'static str> {
        let words = Self::WORDS.iter().enumerate();
        words
            .filter(|(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, word)| *word)
            .collect()
    }
}

impl Kind {
    /// The word for it.
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
}

impl Node {
    /// The sign that Terraform puts before such a change.
    fn sign(&self) -> &'static str {
        match self.change {
            ["create"] => "+",
            ["update"] => "~",
            ["delete"] => "-",
            ["delete", "create"] => "-/+",
            ["create", "delete"] => "+/-",
            ["read"] => "<=",
            ["forget"] => ".",
            [] => "",
            _ => "?",
        }
    }

    /// The word for its colour.
    fn colour(&self) -> &'static str {
        match self.change {
            [] => "same",
            ["create"] => "create",
            ["update"] => "update",
            ["read"] => "read",
            words if words.contains(&"delete") && words.len() > 1 => "replace",
            words if words.contains(&"delete") => "delete",
            _ => "other",
        }
    }

    /// The name as it stands in its module, with the sign of the change.
    fn label(&self) -> String {
        let inside = if self.module.is_empty() || self.kind == Kind::Module {
            &self.id
        } else {
            self.id
                .strip_prefix(&*self.module)
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(&self.id)
        };
        let mut label = match self.sign() {
            "" => inside.to_owned(),
            sign => format!("{sign} {inside}"),
        };
        if self.holds > 0 {
            label = format!("{label} ({} objects)", self.holds);
        }
        label
    }
}

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Graphviz.
    Dot,
    /// For Markdown.
    Mermaid,
    /// For machines.
    Json,
    /// A picture.
    Svg,
}

/// Writes a picture. The same picture gives the same bytes.
///
/// # Errors
/// `out` cannot be written to.
pub fn write(picture: &Picture, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Dot => dot::write(picture, out),
        Format::Mermaid => mermaid::write(picture, out),
        Format::Json => json::write(picture, out),
        Format::Svg => svg::write(picture, out),
    }
}
