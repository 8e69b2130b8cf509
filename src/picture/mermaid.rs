//! Mermaid, for Markdown. What Mermaid does not take is left out, and the picture says so: it refuses more than
//! 500 edges and more than 50,000 characters, and no diagram may raise that.

use super::modules::{self, Step};
use super::style::{ACTIONS, Action};
use super::{Node, NodeKind, Picture, fit, label};
use std::fmt::Write as _;

/// Mermaid's `maxEdges`.
const EDGES: usize = 500;
/// Mermaid's `maxTextSize`, counted in bytes to be on the safe side.
const SIZE: usize = 50_000;
/// The sizes tried; the last one always fits.
const NODES: [usize; 7] = [300, 200, 140, 100, 60, 30, 10];
/// Columns of a label.
const COLUMNS: usize = 60;
/// How many notes are shown, and how much of each.
const NOTES: (usize, usize) = (8, 200);

/// The Mermaid of a tidy picture.
pub(super) fn text(picture: &Picture) -> String {
    let attempts = NODES.iter().map(|most| {
        let mut smaller = fit::fit(picture, *most);
        if smaller.edges.len() > EDGES {
            smaller = fit::without_implied(&smaller);
        }
        let text = drawn(&smaller);
        (smaller.edges.len() <= EDGES && text.len() <= SIZE, text)
    });
    let mut text = String::new();
    for (fits, attempt) in attempts {
        text = attempt;
        if fits {
            break;
        }
    }
    text
}

fn drawn(picture: &Picture) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for note in picture.notes.iter().take(NOTES.0) {
        comment(&label::fitted(note, NOTES.1), &mut out);
    }
    for (number, step) in modules::nested(picture).into_iter().enumerate() {
        match step {
            Step::Open(_, name, depth) => {
                let name = escaped(&label::fitted(name, COLUMNS));
                line(depth, &format!("subgraph m{number}[\"{name}\"]"), &mut out);
            }
            Step::Node(index, depth) => line(depth, &node(index, &picture.nodes[index]), &mut out),
            Step::Close(depth) => line(depth, "end", &mut out),
        }
    }
    for edge in &picture.edges {
        let arrow = if edge.is_past() { "-.->" } else { "-->" };
        line(0, &format!("n{} {arrow} n{}", edge.from, edge.to), &mut out);
    }
    notes(&picture.notes, &mut out);
    classes(picture, &mut out);
    out
}

/// A comment is a line that begins with `%%`, unless a brace follows.
fn comment(text: &str, out: &mut String) {
    let plain = |c: char| c.is_alphanumeric() || " .,:;_-+/()[]".contains(c);
    let text = text.replace(|c| !plain(c), "_");
    line(0, &format!("%% {text}"), out);
}

fn node(index: usize, node: &Node) -> String {
    let label = label::label(node, COLUMNS);
    let mut text = escaped(&label::signed(&label));
    if node.collapsed.is_some() {
        text = format!("{text} · {}", escaped(&label.place));
    }
    let (open, close) = match node.kind {
        _ if node.collapsed.is_some() => ("[[", "]]"),
        NodeKind::Managed => ("[", "]"),
        NodeKind::Data | NodeKind::Ephemeral => ("[/", "/]"),
        NodeKind::Provider => ("{{", "}}"),
        NodeKind::Module | NodeKind::Variable | NodeKind::Local | NodeKind::Output => ("([", "])"),
    };
    let class = Action::of(node).map_or(String::new(), |action| format!(":::{}", action.class()));
    format!("n{index}{open}\"{text}\"{close}{class}")
}

fn notes(notes: &[String], out: &mut String) {
    for (number, note) in notes.iter().take(NOTES.0).enumerate() {
        let note = escaped(&label::fitted(note, NOTES.1));
        line(0, &format!("note{number}[\"{note}\"]:::note"), out);
    }
    if notes.len() > NOTES.0 {
        let more = notes.len() - NOTES.0;
        line(0, &format!("more[\"and {more} more notes\"]:::note"), out);
    }
}

/// The classes that are used. Colours are fixed, with dark text on light fill: they do on both grounds.
fn classes(picture: &Picture, out: &mut String) {
    let used = |action: &&Action| {
        let class = Some(action.class());
        picture
            .nodes
            .iter()
            .any(|node| Action::of(node).map(Action::class) == class)
    };
    // Both orders of a replacement share one class.
    let one = |action: &&Action| **action != Action::ReplaceAfter;
    for action in ACTIONS.iter().filter(one).filter(used) {
        let [fill, stroke, ..] = action.colours();
        let class = action.class();
        let look =
            format!("classDef {class} fill:{fill},stroke:{stroke},stroke-width:2px,color:#1f2328");
        line(0, &look, out);
    }
    if !picture.notes.is_empty() {
        line(
            0,
            "classDef note fill:#ffffff,stroke:#57606a,stroke-dasharray:4 3,color:#1f2328",
            out,
        );
    }
}

fn line(depth: usize, text: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:1$}{text}", "", depth * 2 + 2);
}

/// A text as the inside of a quoted label. Everything that Mermaid, its Markdown or its directives could take
/// for syntax becomes an entity. A plain space behind a sign or `1.` at the start would make a list of it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let first_space = text.find(' ');
    for (at, c) in text.char_indices() {
        match c {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            ' ' if Some(at) == first_space => out.push('\u{a0}'),
            '#' | '%' | '{' | '}' | '`' | '\\' | ':' | ';' | '$' | '*' | '@' | '~' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "#{};", c as u32);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, node, picture, written};
    use super::super::{Format, Picture};
    use super::{EDGES, SIZE};

    #[test]
    fn ids_are_ours_and_labels_quoted() {
        let mut picture = picture(&["module.a.x.end[\"k\"]"], &[]);
        picture.nodes.push(changed("x.z", &["delete", "create"]));
        picture.edges = super::super::tests::edges(&[(0, 1)]);
        let expected = concat!(
            "flowchart LR\n",
            "  n1[\"-/+\u{a0}x.z\"]:::replace\n",
            "  subgraph m1[\"module.a\"]\n",
            "    n0[\"x.end[#quot;k#quot;]\"]\n",
            "  end\n",
            "  n0 --> n1\n",
            "  classDef replace fill:#f4d9f7,stroke:#8a2aa5,stroke-width:2px,color:#1f2328\n",
        );
        assert_eq!(written(&picture, Format::Mermaid), expected);
    }

    #[test]
    fn no_name_is_taken_for_a_directive_a_list_or_markdown() {
        let hostile = "- %%{init: {}}%% `a` #quot; $$x$$ <b>";
        let text = written(&picture(&[hostile], &[]), Format::Mermaid);
        let label = text.split('"').nth(1).expect("a label");
        assert!(label.starts_with("-\u{a0}#37;#37;#123;init#58;"), "{label}");
        assert!(!label.contains(['%', '{', '`', '<', '$', '"']), "{label}");
    }

    #[test]
    fn what_mermaid_refuses_is_left_out_and_said() {
        let many = 600;
        let mut big = Picture::default();
        for at in 0..many {
            big.nodes
                .push(node(&format!("aws_thing.{}[{at}]", "long".repeat(30))));
        }
        let ends: Vec<_> = (1..many).flat_map(|at| [(at, 0), (at, at / 2)]).collect();
        big.edges = super::super::tests::edges(&ends);
        let text = written(&big, Format::Mermaid);
        assert!(text.len() <= SIZE && text.matches("-->").count() <= EDGES);
        assert!(
            text.contains("%% 600 nodes are too many")
                && text.contains("note0[\"600\u{a0}nodes are")
        );
    }

    #[test]
    fn endless_notes_still_fit() {
        let mut picture = picture(&["a.a"], &[]);
        picture.notes = vec!["#".repeat(9000); 50];
        let text = written(&picture, Format::Mermaid);
        assert!(text.len() <= SIZE && text.contains("and 42 more notes"));
    }
}
