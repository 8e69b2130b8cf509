//! Collects the nodes and edges of a graph while it is read: each name once, each edge once.

use super::{Dialect, Dot, DotNode};
use crate::input::ids::Ids;
use crate::safe::safe;
use foldhash::fast::RandomState;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use std::borrow::Cow;
use std::hash::BuildHasher as _;

/// A graph in the making.
#[derive(Default)]
pub(super) struct Builder {
    nodes: Vec<DotNode>,
    known: Ids,
    hasher: RandomState,
    edges: Vec<(u32, u32)>,
    marks: Vec<(u32, u32)>,
}

impl Builder {
    /// The node of this name; nothing when there are more than 2^32.
    pub(super) fn node(&mut self, raw: &[u8]) -> Option<u32> {
        // Names come back many times, and as they stand in the file: only a new one is made safe.
        self.find(raw).or_else(|| {
            let name = tidy(raw);
            match name {
                Cow::Owned(changed) => self.find(changed.as_bytes()).or_else(|| self.add(&changed)),
                Cow::Borrowed(name) => self.add(name),
            }
        })
    }

    fn find(&self, name: &[u8]) -> Option<u32> {
        let same = |id: usize| self.nodes[id].name.as_bytes() == name;
        let found = self.known.find(self.hasher.hash_one(name), same)?;
        u32::try_from(found).ok()
    }

    fn add(&mut self, name: &str) -> Option<u32> {
        let id = u32::try_from(self.nodes.len()).ok()?;
        self.nodes.push(DotNode {
            name: name.into(),
            label: None,
            declared: false,
        });
        let hash = self.hasher.hash_one(name.as_bytes());
        self.known.insert(hash, id as usize);
        Some(id)
    }

    /// A statement of its own names the node, with a label or without.
    pub(super) fn declare(&mut self, id: u32, label: Option<Box<str>>) {
        let node = &mut self.nodes[id as usize];
        node.declared = true;
        node.label = label.or(node.label.take());
    }

    /// `a` waits for `b`.
    pub(super) fn edge(&mut self, a: u32, b: u32) {
        self.edges.push((a, b));
    }

    /// `-draw-cycles` drew an edge from `a` to `b`, in the order of its list and not of anything that waits.
    pub(super) fn mark(&mut self, a: u32, b: u32) {
        self.marks.push((a, b));
    }

    /// Marks that took the place of edges: what they mark is a circle, and without them it is none (Terraform
    /// 1.11 prints an edge that is marked once, in colour).
    fn marked_edges(&self) -> Vec<(u32, u32)> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let mut graph = DiGraph::<(), (), u32>::from_edges(&self.edges);
        while graph.node_count() < self.nodes.len() {
            graph.add_node(());
        }
        let mut knot = vec![0; graph.node_count()];
        for (nth, members) in tarjan_scc(&graph).iter().enumerate() {
            for member in members {
                knot[member.index()] = nth;
            }
        }
        let marks = self.marks.iter().copied();
        marks
            .filter(|(a, b)| knot[*a as usize] != knot[*b as usize])
            .collect()
    }

    /// The graph. `named` says that the header names it.
    pub(super) fn finish(mut self, named: bool, noise: u64) -> Dot {
        let hidden = self.marked_edges();
        self.edges.extend(hidden);
        if !self.edges.is_sorted_by(|a, b| a < b) {
            self.edges.sort_unstable();
            self.edges.dedup();
        }
        Dot {
            dialect: dialect(&self.nodes, named),
            nodes: self.nodes,
            edges: self.edges,
            noise,
        }
    }
}

/// Text of the file as text of tfguard.
pub(super) fn tidy(raw: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(raw);
    let plain = raw
        .iter()
        .fold(true, |plain, byte| plain & matches!(byte, 0x20..=0x7e));
    if plain { text } else { Cow::Owned(safe(&text)) }
}

/// The names tell more than the header, which a tool may have changed. Without names there is only the header.
fn dialect(nodes: &[DotNode], named: bool) -> Dialect {
    let prefixed = |node: &DotNode| node.name.starts_with("[root] ");
    // Terraform 0.13 brought both marks, and every graph but an empty one has either.
    let modern =
        |node: &DotNode| node.name.ends_with(" (expand)") || node.name.contains("provider[\"");
    if nodes.is_empty() && named || !nodes.is_empty() && !nodes.iter().any(prefixed) {
        Dialect::Simple
    } else if nodes.iter().any(modern) || !nodes.iter().any(of_resource) {
        Dialect::Full
    } else {
        Dialect::Legacy
    }
}

fn of_resource(node: &DotNode) -> bool {
    node.name
        .strip_prefix("[root] ")
        .is_some_and(|name| name != "root")
}

#[cfg(test)]
mod tests {
    use super::{Builder, tidy};
    use crate::input::dot::Dialect;

    fn dialect(names: &[&str], named: bool) -> Dialect {
        let mut builder = Builder::default();
        for name in names {
            builder.node(name.as_bytes());
        }
        builder.finish(named, 0).dialect
    }

    #[test]
    fn names_are_known_again_and_edges_kept_once_in_order() {
        let mut builder = Builder::default();
        let (a, b) = (
            builder.node(b"a").expect("room"),
            builder.node(b"b").expect("room"),
        );
        assert_eq!(builder.node(b"a"), Some(a));
        for (from, to) in [(b, a), (a, b), (b, a), (a, a)] {
            builder.edge(from, to);
        }
        assert_eq!(builder.finish(true, 0).edges, [(a, a), (a, b), (b, a)]);
    }

    #[test]
    fn marks_count_only_where_there_would_be_no_circle_without_them() {
        let mut builder = Builder::default();
        for name in [b"a", b"b", b"c", b"d", b"e"] {
            builder.node(name);
        }
        for (from, to) in [(0, 1), (1, 2), (2, 0)] {
            builder.edge(from, to);
        }
        for (from, to) in [(0, 2), (2, 1), (1, 0), (3, 4), (4, 3)] {
            builder.mark(from, to);
        }
        let edges = builder.finish(true, 0).edges;
        assert_eq!(edges, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 3)]);
    }

    #[test]
    fn a_later_line_without_a_label_does_not_take_the_label_away() {
        let mut builder = Builder::default();
        let a = builder.node(b"a").expect("room");
        builder.declare(a, Some("x".into()));
        builder.declare(a, None);
        assert_eq!(builder.finish(true, 0).nodes[0].label.as_deref(), Some("x"));
    }

    #[test]
    fn text_that_steers_a_terminal_is_made_visible() {
        assert_eq!(tidy(b"a b~"), "a b~");
        assert_eq!(
            tidy("k\u{1b}[0m\u{202e}ö".as_bytes()),
            "k\\u{1b}[0m\\u{202e}ö"
        );
        assert_eq!(tidy(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn dialects_are_told_by_names_before_the_header() {
        assert_eq!(dialect(&[], true), Dialect::Simple);
        assert_eq!(dialect(&[], false), Dialect::Full);
        assert_eq!(dialect(&["a_b.c"], false), Dialect::Simple);
        assert_eq!(dialect(&["[root] a_b.c (expand)"], true), Dialect::Full);
        assert_eq!(dialect(&["[root] root"], false), Dialect::Full);
        let destroy = ["[root] a_b.c", "[root] provider[\"h/n/a\"] (close)"];
        assert_eq!(dialect(&destroy, false), Dialect::Full);
        assert_eq!(
            dialect(&["[root] a_b.c", "[root] provider.a (close)"], false),
            Dialect::Legacy
        );
    }
}
