//! JSON, version 1: what `tfguard graph -f json` promises other programs. Keys are only ever added.

use super::{Edge, Node, Picture};
use serde::{Serialize, Serializer};
use std::io;

#[derive(Serialize)]
struct View<'a> {
    version: u32,
    #[serde(serialize_with = "nodes")]
    nodes: &'a [Node],
    #[serde(serialize_with = "edges")]
    edges: &'a Picture,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct NodeView<'a> {
    id: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_address: Option<&'a str>,
    change: Option<&'a [&'static str]>,
    /// Only in pictures where modules are drawn as one box.
    #[serde(skip_serializing_if = "Option::is_none")]
    collapsed: Option<usize>,
    /// Of objects: the managed objects that depend on it, over any number of steps…
    #[serde(skip_serializing_if = "Option::is_none")]
    dependents: Option<u64>,
    /// …and those it depends on.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<u64>,
}

#[derive(Serialize)]
struct EdgeView<'a> {
    from: &'a str,
    to: &'a str,
    kinds: &'a [&'static str],
}

/// Writes a tidy picture, all of it.
pub(super) fn write(picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View {
        version: 1,
        nodes: &picture.nodes,
        edges: picture,
        notes: &picture.notes,
    };
    serde_json::to_writer(&mut *out, &view)?;
    writeln!(out)
}

fn nodes<S: Serializer>(nodes: &[Node], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(nodes.iter().map(|node| NodeView {
        id: &node.id,
        kind: node.kind.word(),
        address: node.address.as_deref(),
        config_address: node.config_address.as_deref(),
        change: node.change.as_deref(),
        collapsed: node.collapsed,
        dependents: node.reach.map(|reach| reach.0),
        dependencies: node.reach.map(|reach| reach.1),
    }))
}

fn edges<S: Serializer>(picture: &Picture, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(picture.edges.iter().map(|edge: &Edge| EdgeView {
        from: &picture.nodes[edge.from].id,
        to: &picture.nodes[edge.to].id,
        kinds: &edge.kinds,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, node, picture, written};
    use super::super::{Edge, Format, NodeKind, Picture};

    #[test]
    fn the_contract_is_kept_to_the_byte() {
        let mut picture = Picture {
            nodes: vec![
                changed("x.y", &["delete", "create"]),
                node("module.m.var.v"),
            ],
            ..Picture::default()
        };
        picture.nodes[0].config_address = Some("x.y".to_owned());
        picture.nodes[1].kind = NodeKind::Variable;
        picture.nodes[1].address = None;
        for kinds in [vec!["state"], vec!["reference"]] {
            picture.edges.push(Edge {
                from: 0,
                to: 1,
                kinds,
            });
        }
        let expected = concat!(
            r#"{"version":1,"nodes":[{"id":"module.m.var.v","kind":"variable","change":null},"#,
            r#"{"id":"x.y","kind":"managed","address":"x.y","config_address":"x.y","change":["delete","create"]}],"#,
            r#""edges":[{"from":"x.y","to":"module.m.var.v","kinds":["reference","state"]}]}"#,
            "\n"
        );
        assert_eq!(written(&picture, Format::Json), expected);
    }

    #[test]
    fn notes_are_there_when_there_are_any() {
        let mut picture = picture(&["x.y"], &[]);
        picture.notes.push("3 nodes are left out".to_owned());
        assert!(
            written(&picture, Format::Json).ends_with("\"notes\":[\"3 nodes are left out\"]}\n")
        );
    }
}
