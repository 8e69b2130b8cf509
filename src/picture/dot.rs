//! Graphviz, all of the picture: modules as clusters, changes by colour and by sign.

use super::modules::{self, Step};
use super::style::Action;
use super::{Edge, Node, NodeKind, Picture, label};
use std::fmt::Write as _;

/// Columns of a line; wider than in SVG, since Graphviz makes room.
const COLUMNS: usize = 60;

const HEAD: &str = r##"digraph tfguard {
  graph [rankdir="LR", compound="true", fontname="Helvetica", fontsize="11", labelloc="b", labeljust="l", color="#8c959f"];
  node [shape="box", style="filled", fillcolor="#ffffff", color="#57606a", fontname="Helvetica", fontsize="11"];
  edge [color="#6e7781", arrowsize="0.7"];
"##;

/// The DOT of a tidy picture.
pub(super) fn text(picture: &Picture) -> String {
    let mut out = HEAD.to_owned();
    notes(&picture.notes, &mut out);
    for (number, step) in modules::nested(picture).into_iter().enumerate() {
        match step {
            Step::Open(_, name, depth) => open(number, name, depth, &mut out),
            Step::Node(index, depth) => node(&picture.nodes[index], depth, &mut out),
            Step::Close(depth) => line(depth, "}", &mut out),
        }
    }
    for one in &picture.edges {
        edge(picture, one, &mut out);
    }
    out.push_str("}\n");
    out
}

fn notes(notes: &[String], out: &mut String) {
    if !notes.is_empty() {
        let lines: String = notes.iter().map(|note| escaped(note) + "\\l").collect();
        line(0, &format!("label=\"{lines}\";"), out);
    }
}

fn open(number: usize, name: &str, depth: usize, out: &mut String) {
    let name = escaped(&label::fitted(name, COLUMNS));
    let head = format!("subgraph cluster_{number} {{ label=\"{name}\"; labelloc=\"t\";");
    line(depth, &head, out);
}

fn node(node: &Node, depth: usize, out: &mut String) {
    let label = label::label(node, COLUMNS);
    let mut text = escaped(&label::signed(&label));
    if node.collapsed.is_some() {
        text += "\\n";
        text += &escaped(&label.place);
    }
    let tooltip = escaped(&label::long(node));
    let head = format!(
        "{} [label=\"{text}\", tooltip=\"{tooltip}\"{}];",
        quoted(&node.id),
        look(node)
    );
    line(depth, &head, out);
}

/// Colours and shape. A line twice as thick marks a change for those who do not see colours.
fn look(node: &Node) -> String {
    let mut look = match node.kind {
        _ if node.collapsed.is_some() => ", shape=\"box3d\"",
        NodeKind::Managed => "",
        NodeKind::Data | NodeKind::Ephemeral => ", shape=\"parallelogram\"",
        NodeKind::Module => ", shape=\"folder\"",
        NodeKind::Provider => ", shape=\"hexagon\"",
        NodeKind::Variable | NodeKind::Local | NodeKind::Output => ", shape=\"note\"",
    }
    .to_owned();
    if let Some(action) = Action::of(node) {
        let [fill, line, ..] = action.colours();
        look = format!("{look}, fillcolor=\"{fill}\", color=\"{line}\", penwidth=\"2\"");
    }
    look
}

fn edge(picture: &Picture, edge: &Edge, out: &mut String) {
    let end = |index: usize| quoted(&picture.nodes[index].id);
    let kinds = escaped(&edge.kinds.join(", "));
    let past = if edge.is_past() {
        ", style=\"dashed\""
    } else {
        ""
    };
    let text = format!(
        "{} -> {} [edgetooltip=\"{kinds}\"{past}];",
        end(edge.from),
        end(edge.to)
    );
    line(0, &text, out);
}

fn line(depth: usize, text: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:1$}{text}", "", depth * 2 + 2);
}

/// A name as an id. A backslash is doubled lest one at the end escapes the closing quote.
fn quoted(id: &str) -> String {
    format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as the inside of a label, where `\N` and `&lt;` would mean something.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, node, picture, written};
    use super::super::{Format, Picture};

    #[test]
    fn modules_are_clusters_and_changes_have_signs() {
        let mut picture = picture(&["module.a.x.y"], &[]);
        picture.nodes.push(changed("x.z", &["delete", "create"]));
        picture.edges = super::super::tests::edges(&[(0, 1)]);
        let dot = written(&picture, Format::Dot);
        for part in [
            "subgraph cluster_1 { label=\"module.a\"; labelloc=\"t\";\n    \"module.a.x.y\" [label=\"x.y\"",
            "\"x.z\" [label=\"-/+ x.z\"",
            "\"module.a.x.y\" -> \"x.z\" [edgetooltip=\"reference\"];",
        ] {
            assert!(dot.contains(part), "{part} is not in\n{dot}");
        }
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        let dot = written(&picture(&["a\\", "b\"];c", "d\\N&lt;"], &[]), Format::Dot);
        for part in ["\"a\\\\\" [", "\"b\\\"];c\" [", "label=\"d\\\\N&amp;lt;\""] {
            assert!(dot.contains(part), "{part} is not in\n{dot}");
        }
    }

    #[test]
    fn past_edges_are_dashed_and_notes_shown() {
        let mut picture = Picture {
            notes: vec!["3 are left out".to_owned()],
            ..picture(&["a.a", "b.b"], &[(0, 1)])
        };
        picture.nodes[0] = node("a.a");
        picture.edges[0].kinds = vec!["state"];
        let dot = written(&picture, Format::Dot);
        assert!(dot.contains("label=\"3 are left out\\l\";") && dot.contains("style=\"dashed\""));
    }
}
