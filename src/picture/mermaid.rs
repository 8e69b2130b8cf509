//! The graph for Markdown. Mermaid refuses more than 500 edges and 50,000 characters: what is over is left out,
//! and said.

use super::select::reduced;
use super::{Kind, Picture};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

const MOST_EDGES: usize = 480;
const MOST_BYTES: usize = 45_000;
const MOST_NODES: usize = 300;

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let picture = &reduced(picture);
    let mut text = String::from("flowchart LR\n");
    let shown = nodes(picture, &mut text);
    let mut edges = 0;
    let mut left = 0;
    for edge in &picture.edges {
        if edge.from >= shown || edge.to >= shown || edges >= MOST_EDGES || text.len() > MOST_BYTES
        {
            left += 1;
            continue;
        }
        edges += 1;
        let arrow = if edge.kinds.is_state_alone() {
            "-.->"
        } else {
            "-->"
        };
        let _ = writeln!(text, "  n{} {arrow} n{}", edge.from, edge.to);
    }
    let mut notes = picture.notes.clone();
    if shown < picture.nodes.len() || left > 0 {
        notes.push(format!(
            "{} nodes and {left} edges are left out: too many for Mermaid",
            picture.nodes.len() - shown
        ));
    }
    for (nth, note) in notes.iter().enumerate() {
        let _ = writeln!(text, "  note{nth}>\"{}\"]", escaped(note));
    }
    text += "  classDef create fill:#c6f0c6,stroke:#2b7a2b,color:#111\n  classDef update fill:#ffe9a8,stroke:#8a6d00,color:#111\n  classDef delete fill:#ffb3b3,stroke:#a11,color:#111\n  classDef replace fill:#ffc9a3,stroke:#a40,color:#111\n  classDef read fill:#cfe4ff,stroke:#246,color:#111\n  classDef other fill:#ddd,stroke:#555,color:#111\n";
    out.write_all(text.as_bytes())
}

/// Writes the nodes, modules as groups; how many there was room for.
fn nodes(picture: &Picture, text: &mut String) -> usize {
    let shown = picture.nodes.len().min(MOST_NODES);
    let mut modules: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for nth in 0..shown {
        modules
            .entry(&picture.nodes[nth].module)
            .or_default()
            .push(nth);
    }
    for (group, (module, nodes)) in modules.iter().enumerate() {
        if !module.is_empty() {
            let _ = writeln!(text, "  subgraph m{group}[\"{}\"]", escaped(module));
        }
        for nth in nodes {
            let node = &picture.nodes[*nth];
            let (open, close) = match node.kind {
                Kind::Managed | Kind::Module => ("[", "]"),
                Kind::Data | Kind::Ephemeral => ("[/", "/]"),
                Kind::Provider => ("{{", "}}"),
                Kind::Variable | Kind::Local | Kind::Output => ("(", ")"),
            };
            let class = if node.change.is_empty() {
                String::new()
            } else {
                format!(":::{}", node.colour())
            };
            let _ = writeln!(
                text,
                "    n{nth}{open}\"{}\"{close}{class}",
                escaped(&node.label())
            );
        }
        if !module.is_empty() {
            text.push_str("  end\n");
        }
    }
    shown
}

/// Text between quotes: Mermaid takes HTML in it, and Markdown between backticks.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => safe.push_str("#quot;"),
            '#' => safe.push_str("#35;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '&' => safe.push_str("#amp;"),
            '`' => safe.push_str("#96;"),
            '%' => safe.push_str("#37;"),
            '\\' => safe.push_str("#92;"),
            ';' => safe.push_str("#59;"),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}
