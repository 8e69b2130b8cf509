//! What stands in a box: two short lines. The whole name is for the hover text.

use super::style::Action;
use super::{Node, NodeKind, modules};

/// Columns a line of a box may have; what is longer loses its middle.
pub(super) const COLUMNS: usize = 40;

/// The two lines of a box: sign and name, then where it stands.
pub(super) struct Label {
    /// The sign of the planned action, if any.
    pub(super) sign: &'static str,
    /// The name inside its module.
    pub(super) name: String,
    /// The module, and how much stands in a box for many. Empty in the root.
    pub(super) place: String,
}

/// The label of a node.
pub(super) fn label(node: &Node, columns: usize) -> Label {
    let sign = Action::of(node).map_or("", Action::sign);
    let place = match node.collapsed {
        Some(1) => "1 object".to_owned(),
        Some(many) => format!("{many} objects"),
        None => String::new(),
    };
    let parts = [place.as_str(), node.module.as_str()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Label {
        sign,
        name: fitted(modules::local_name(node), columns),
        place: fitted(&parts.join(" in "), columns),
    }
}

/// The name with its sign before it.
pub(super) fn signed(label: &Label) -> String {
    match label.sign {
        "" => label.name.clone(),
        sign => format!("{sign} {}", label.name),
    }
}

/// Everything about a node, in one line.
pub(super) fn long(node: &Node) -> String {
    let mut text = node.id.clone();
    if node.collapsed.is_none() && node.kind != NodeKind::Managed {
        text = format!("{text} ({})", node.kind.word());
    }
    if let Some(many) = node.collapsed {
        text = format!(
            "{text}: {many} {}",
            if many == 1 { "object" } else { "objects" }
        );
    }
    match (Action::of(node), node.collapsed) {
        (Some(action), None) => format!("{text}: {}", action.word()),
        (Some(action), Some(_)) => format!("{text}, at worst: {}", action.word()),
        (None, _) => text,
    }
}

/// How many columns of a fixed-width font a text takes. Everything from Hangul on counts as wide: rather too
/// much room than too little.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

/// A text with its middle left out where it is too long; the end, where keys are, is worth most.
pub(super) fn fitted(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let half = room.saturating_sub(1) / 2;
    let tail: Vec<char> = taken(text.chars().rev(), half);
    let mut out: String = taken(text.chars(), half).into_iter().collect();
    out.push('…');
    out.extend(tail.into_iter().rev());
    out
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += columns_of(*c);
            used <= room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, node};
    use super::{columns, fitted, label, long, signed};

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(fitted("aws_instance.web", 16), "aws_instance.web");
        assert_eq!(fitted("aws_instance.web[\"a\"]", 11), "aws_i…[\"a\"]");
        assert!(columns(&fitted(&"東京".repeat(40), 20)) <= 21);
    }

    #[test]
    fn a_label_has_sign_name_and_module() {
        let label = label(&changed("module.a.x.y", &["delete", "create"]), 40);
        assert_eq!(
            (signed(&label).as_str(), label.place.as_str()),
            ("-/+ x.y", "module.a")
        );
    }

    #[test]
    fn a_box_for_many_says_how_many() {
        let mut many = changed("module.a", &["update"]);
        many.collapsed = Some(2);
        assert_eq!(label(&many, 40).place, "2 objects");
        assert_eq!(long(&many), "module.a: 2 objects, at worst: update");
        assert_eq!(long(&node("x.y")), "x.y");
    }
}
