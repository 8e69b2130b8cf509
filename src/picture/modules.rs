//! Module addresses as a tree. They are text here, and of strangers: what does not look like one is a tree of
//! its own, and nothing recurses, however deep they are nested.

use super::{Node, Picture};

/// A module and those around it, outermost first: `module.a`, `module.a.module.b["x"]`.
pub(super) fn prefixes(module: &str) -> Vec<&str> {
    let (mut found, mut dots, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in module.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' if !quoted => {
                dots += 1;
                if dots % 2 == 0 {
                    found.push(&module[..at]);
                }
            }
            _ => {}
        }
    }
    if !module.is_empty() {
        found.push(module);
    }
    found
}

/// How deep a module is nested; the root is 0.
pub(super) fn depth(module: &str) -> usize {
    prefixes(module).len()
}

/// The module a module is called in.
pub(super) fn parent(module: &str) -> &str {
    prefixes(module).iter().rev().nth(1).copied().unwrap_or("")
}

/// The name of a node without the module before it.
pub(super) fn local_name(node: &Node) -> &str {
    let rest = node.id.strip_prefix(&node.module);
    rest.and_then(|rest| rest.strip_prefix('.'))
        .filter(|_| !node.module.is_empty())
        .unwrap_or(&node.id)
}

/// One step of writing nodes inside the modules they stand in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A module begins: its whole address, its name inside the one around it, and how deep that is.
    Open(&'a str, &'a str, usize),
    /// A node, and how deep it is.
    Node(usize, usize),
    /// A module of that depth ends.
    Close(usize),
}

/// The nodes of a picture in the order of their modules, each module opened and closed once.
pub(super) fn nested(picture: &Picture) -> Vec<Step<'_>> {
    let modules: Vec<Vec<&str>> = picture.nodes.iter().map(|n| prefixes(&n.module)).collect();
    let mut order: Vec<usize> = (0..modules.len()).collect();
    order.sort_by(|a, b| modules[*a].cmp(&modules[*b]));
    let (mut steps, mut open): (Vec<Step<'_>>, Vec<&str>) = (Vec::new(), Vec::new());
    for node in order {
        let wanted = &modules[node];
        let shared = open.iter().zip(wanted).take_while(|(a, b)| a == b).count();
        close_to(shared, &mut open, &mut steps);
        for module in &wanted[shared..] {
            let around = open.last().map_or(0, |around| around.len() + 1);
            steps.push(Step::Open(module, &module[around..], open.len()));
            open.push(module);
        }
        steps.push(Step::Node(node, open.len()));
    }
    close_to(0, &mut open, &mut steps);
    steps
}

fn close_to(depth: usize, open: &mut Vec<&str>, steps: &mut Vec<Step<'_>>) {
    while open.len() > depth {
        open.pop();
        steps.push(Step::Close(open.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{node, picture};
    use super::{Step, depth, local_name, nested, parent, prefixes};

    #[test]
    fn keys_with_dots_and_quotes_do_not_end_a_module() {
        let deep = r#"module.a["x.y\".z"].module.b[0].module.module"#;
        let around = [
            r#"module.a["x.y\".z"]"#,
            r#"module.a["x.y\".z"].module.b[0]"#,
            deep,
        ];
        assert_eq!(prefixes(deep), around);
        assert_eq!((depth(deep), depth("")), (3, 0));
        assert_eq!((parent(deep), parent("module.a")), (around[1], ""));
    }

    #[test]
    fn names_lose_their_module() {
        assert_eq!(local_name(&node("module.a.x.y")), "x.y");
        assert_eq!(local_name(&node("x.y")), "x.y");
    }

    #[test]
    fn every_module_is_opened_and_closed_once() {
        let picture = picture(
            &[
                "module.b.x.y",
                "x.z",
                "module.a.module.c.x.y",
                "module.a.x.y",
            ],
            &[],
        );
        let inside = "module.a.module.c";
        let expected = [
            Step::Node(1, 0),
            Step::Open("module.a", "module.a", 0),
            Step::Node(3, 1),
            Step::Open(inside, "module.c", 1),
            Step::Node(2, 2),
            Step::Close(1),
            Step::Close(0),
            Step::Open("module.b", "module.b", 0),
            Step::Node(0, 1),
            Step::Close(0),
        ];
        assert_eq!(nested(&picture), expected);
    }
}
