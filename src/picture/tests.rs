//! What the tests of this folder share, and what every format has to withstand.

use super::modules::prefixes;
use super::{Edge, Format, Node, NodeKind, Picture, write};
use proptest::prelude::*;

/// A managed object.
pub(super) fn node(id: &str) -> Node {
    let around = prefixes(id);
    let calls = around.iter().zip(around.iter().skip(1));
    let module = calls
        .take_while(|(module, _)| {
            module
                .rsplit_once("module.")
                .is_some_and(|(_, name)| !name.contains('.'))
        })
        .last();
    Node {
        id: id.to_owned(),
        kind: NodeKind::Managed,
        address: Some(id.to_owned()),
        config_address: None,
        change: None,
        module: module.map_or("", |(module, _)| module).to_owned(),
        collapsed: None,
        reach: None,
    }
}

/// A managed object that changes.
pub(super) fn changed(id: &str, change: &[&'static str]) -> Node {
    Node {
        change: Some(change.to_vec()),
        ..node(id)
    }
}

/// References.
pub(super) fn edges(ends: &[(usize, usize)]) -> Vec<Edge> {
    let edge = |(from, to): &(usize, usize)| Edge {
        from: *from,
        to: *to,
        kinds: vec!["reference"],
    };
    ends.iter().map(edge).collect()
}

/// Objects and references between them.
pub(super) fn picture(ids: &[&str], ends: &[(usize, usize)]) -> Picture {
    Picture {
        nodes: ids.iter().map(|id| node(id)).collect(),
        edges: edges(ends),
        notes: Vec::new(),
    }
}

/// The ids of the nodes.
pub(super) fn ids(picture: &Picture) -> Vec<String> {
    picture.nodes.iter().map(|node| node.id.clone()).collect()
}

/// What is written.
pub(super) fn written(picture: &Picture, format: Format) -> String {
    let mut out = Vec::new();
    write(picture, format, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// Who reaches whom, by the plainest algorithm there is.
pub(super) fn reaches(picture: &Picture) -> Vec<Vec<bool>> {
    let many = picture.nodes.len();
    let mut reach = vec![vec![false; many]; many];
    for edge in &picture.edges {
        reach[edge.from][edge.to] = true;
    }
    for via in 0..many {
        for from in 0..many {
            if reach[from][via] {
                let beyond = reach[via].clone();
                for (to, there) in reach[from].iter_mut().zip(beyond) {
                    *to |= there;
                }
            }
        }
    }
    reach
}

/// Any picture of up to so many nodes, with cycles, loops, repeated edges and nested modules.
pub(super) fn drawn(most: usize) -> impl Strategy<Value = Picture> {
    let modules = prop::sample::select(vec!["", "module.a.", "module.b.", "module.a.module.b."]);
    let changes = prop::sample::select(vec![
        vec![],
        vec!["delete"],
        vec!["create"],
        vec!["delete", "create"],
    ]);
    let kinds = prop::sample::select(vec!["reference", "state"]);
    prop::collection::vec((modules, changes), 1..most).prop_flat_map(move |nodes| {
        let many = nodes.len();
        let ends = prop::collection::vec((0..many, 0..many, kinds.clone()), 0..many * 2);
        (Just(nodes), ends).prop_map(|(nodes, ends)| {
            let named = |(at, (module, change)): (usize, (&str, Vec<&'static str>))| Node {
                change: (!change.is_empty()).then_some(change),
                ..node(&format!("{module}x.n{at}"))
            };
            let edge = |(from, to, kind)| Edge {
                from,
                to,
                kinds: vec![kind],
            };
            Picture {
                nodes: nodes.into_iter().enumerate().map(named).collect(),
                edges: ends.into_iter().map(edge).collect(),
                notes: Vec::new(),
            }
        })
    })
}

/// Names that try to get out of every format.
const HOSTILE: [&str; 12] = [
    "a\"b",
    "two\nlines\r\n%% x",
    "</svg><script>alert(1)</script>",
    "]]>",
    "-->",
    "`code` **bold** - list",
    "\u{202e}reversed\u{200b}",
    "%%{init: {\"theme\": \"dark\"}}%%",
    "end\\",
    "#quot;&lt;&#0;\u{0}\u{ffff}\u{1b}[31m",
    "subgraph x; click n0 \"javascript:x\"",
    "${jndi} $$x$$ 東京 🚀",
];

/// Pictures in which every text is hostile.
fn hostile() -> impl Strategy<Value = Picture> {
    let text = prop::collection::vec(prop::sample::select(HOSTILE.to_vec()), 1..4)
        .prop_map(|parts| parts.concat());
    let texts = (
        text.clone(),
        prop_oneof![Just(String::new()), text.clone()],
        any::<bool>(),
    );
    let notes = prop::collection::vec(text, 0..3);
    (drawn(8), prop::collection::vec(texts, 8), notes).prop_map(|(mut picture, texts, notes)| {
        for (at, (node, (id, module, many))) in picture.nodes.iter_mut().zip(texts).enumerate() {
            node.id = format!("{id}{at}");
            node.module = module;
            node.collapsed = many.then_some(at);
        }
        Picture { notes, ..picture }
    })
}

/// Whether every quote of a line is closed; `escape` is what takes the meaning from the next character.
fn quotes_close(line: &str, escape: Option<char>) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            c if quoted && Some(c) == escape => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    !quoted
}

/// The tags of a document that is well-formed as far as one without comments and sections can be.
fn tags(svg: &str) -> Result<Vec<String>, String> {
    let (mut open, mut all, mut rest): (Vec<&str>, Vec<String>, &str) =
        (Vec::new(), Vec::new(), svg.trim_end());
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start])?;
        let end = rest.find('>').ok_or("a tag does not end")?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_matches('/').split(' ').next().unwrap_or("");
        check_attributes(tag.trim_matches('/').trim_start_matches(name))?;
        all.push(name.to_owned());
        if tag.starts_with('/') {
            (open.pop() == Some(name))
                .then_some(())
                .ok_or(format!("{name} is closed, not open"))?;
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        (open.is_empty() == rest.is_empty())
            .then_some(())
            .ok_or("more or less than one element")?;
    }
    Ok(all)
}

fn check_text(text: &str) -> Result<(), String> {
    let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
    let mut entities = text.match_indices('&').map(|(at, _)| &text[at..]);
    let fine = entities.all(|rest| known.iter().any(|entity| rest.starts_with(entity)));
    let legal = |c: char| matches!(c, ' '..='\u{fffd}' | '\u{10000}'.. | '\n');
    let fine = fine && text.chars().all(legal) && !text.contains("]]>");
    fine.then_some(()).ok_or(format!("bad text: {text}"))
}

fn check_attributes(text: &str) -> Result<(), String> {
    check_text(text)?;
    let parts: Vec<&str> = text.split('"').collect();
    let named = parts
        .iter()
        .step_by(2)
        .filter(|name| !name.trim().is_empty());
    let fine = parts.len() % 2 == 1
        && named
            .clone()
            .all(|name| name.starts_with(' ') && name.ends_with('='));
    fine.then_some(()).ok_or(format!("bad attributes: {text}"))
}

proptest! {
    #[test]
    fn hostile_names_leave_no_format_broken(picture in hostile()) {
        let json: serde_json::Value = serde_json::from_str(&written(&picture, Format::Json)).expect("JSON");
        prop_assert_eq!(json["nodes"].as_array().map(Vec::len), Some(picture.nodes.len()));

        let dot = written(&picture, Format::Dot);
        prop_assert!(dot.lines().all(|line| quotes_close(line, Some('\\'))), "{}", dot);
        prop_assert_eq!(dot.matches(" {\n").count() + dot.matches("subgraph cluster_").count(), dot.matches("}\n").count());

        let mermaid = written(&picture, Format::Mermaid);
        prop_assert!(mermaid.lines().all(|line| quotes_close(line, None)), "{}", mermaid);
        let starts = ["flowchart LR", "%% ", "subgraph m", "n", "end", "classDef "];
        prop_assert!(mermaid.lines().all(|line| starts.iter().any(|start| line.trim_start().starts_with(start))), "{}", mermaid);
        prop_assert_eq!(mermaid.find("%%{"), None);

        let svg = written(&picture, Format::Svg);
        let tags = tags(&svg).map_err(TestCaseError::fail)?;
        let known = ["svg", "title", "style", "defs", "marker", "path", "g", "rect", "text"];
        prop_assert!(tags.iter().all(|tag| known.contains(&tag.trim_start_matches('/'))), "{:?}", tags);
    }

    #[test]
    fn the_order_of_nodes_and_edges_does_not_matter(picture in drawn(12), turn in 0..12_usize) {
        let many = picture.nodes.len();
        let mut turned = picture.clone();
        turned.nodes.rotate_left(turn % many);
        for edge in &mut turned.edges {
            edge.from = (edge.from + many - turn % many) % many;
            edge.to = (edge.to + many - turn % many) % many;
        }
        turned.edges.reverse();
        for format in [Format::Dot, Format::Mermaid, Format::Json, Format::Svg] {
            prop_assert_eq!(written(&picture, format), written(&turned, format));
        }
    }
}

#[test]
fn an_empty_picture_is_a_picture() {
    for format in [Format::Dot, Format::Mermaid, Format::Json, Format::Svg] {
        assert!(written(&Picture::default(), format).ends_with('\n'));
    }
    assert!(tags(&written(&Picture::default(), Format::Svg)).is_ok());
}

#[test]
fn an_svg_shows_changes_cycles_notes_and_what_is_collapsed() {
    let mut picture = picture(&["a.a", "module.m.b.b"], &[(0, 1), (1, 0), (0, 0)]);
    picture.nodes.push(Node {
        collapsed: Some(3),
        kind: NodeKind::Module,
        ..changed("module.n", &["delete"])
    });
    picture.notes.push("2 are <left out>".to_owned());
    let svg = written(&picture, Format::Svg);
    for part in [
        ">- delete<",
        ">- module.n<",
        ">3 objects<",
        ">module.m<",
        "a cycle",
        "depends on itself",
        ">2 are &lt;left out&gt;<",
    ] {
        assert!(svg.contains(part), "{part} is not in\n{svg}");
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = "module.m.".repeat(3000);
    let picture = picture(&[&format!("{deep}x.y"), "x.z"], &[(0, 1)]);
    for format in [Format::Dot, Format::Mermaid, Format::Json, Format::Svg] {
        written(&picture, format);
    }
}
