//! The graph for Graphviz: a module is a cluster, a change a colour and a sign.

use super::{Kind, Picture};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph tfguard {{")?;
    writeln!(
        out,
        "  rankdir = \"RL\";\n  node [shape = \"box\", style = \"filled\", fillcolor = \"white\", fontname = \"sans-serif\"];"
    )?;
    let mut modules: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (nth, node) in picture.nodes.iter().enumerate() {
        modules.entry(&node.module).or_default().push(nth);
    }
    for (nth, (module, nodes)) in modules.iter().enumerate() {
        let inside = !module.is_empty();
        if inside {
            writeln!(
                out,
                "  subgraph \"cluster_{nth}\" {{\n    label = {}",
                quoted(module)
            )?;
        }
        for node in nodes {
            write_node(picture, *node, out)?;
        }
        if inside {
            writeln!(out, "  }}")?;
        }
    }
    for edge in &picture.edges {
        let style = if edge.kinds.is_state_alone() {
            " [style = \"dashed\"]"
        } else {
            ""
        };
        let (from, to) = (&picture.nodes[edge.from].id, &picture.nodes[edge.to].id);
        writeln!(out, "  {} -> {}{style};", quoted(from), quoted(to))?;
    }
    for note in &picture.notes {
        writeln!(out, "  {} [shape = \"note\"];", quoted(note))?;
    }
    writeln!(out, "}}")
}

fn write_node(picture: &Picture, nth: usize, out: &mut dyn Write) -> io::Result<()> {
    let node = &picture.nodes[nth];
    let colour = match node.colour() {
        "create" => "#c6f0c6",
        "update" => "#ffe9a8",
        "delete" => "#ffb3b3",
        "replace" => "#ffc9a3",
        "read" => "#cfe4ff",
        "other" => "#dddddd",
        _ => "white",
    };
    let shape = match node.kind {
        Kind::Managed => "box",
        Kind::Data | Kind::Ephemeral => "folder",
        Kind::Module => "box3d",
        Kind::Provider => "diamond",
        Kind::Variable | Kind::Local | Kind::Output => "note",
    };
    writeln!(
        out,
        "    {} [label = {}, shape = \"{shape}\", fillcolor = \"{colour}\"];",
        quoted(&node.id),
        quoted(&node.label())
    )
}

/// A string of DOT: in it, only the quote and the backslash mean anything.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
