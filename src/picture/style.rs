//! What a change looks like, in every format the same: a sign, a word and two pairs of colours.

use super::Node;

/// What is planned for a node, told apart as far as a reader has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// Destroyed.
    Delete,
    /// Destroyed, then created.
    Replace,
    /// Created, then destroyed.
    ReplaceAfter,
    /// Left alone, and out of the state.
    Forget,
    /// Updated in place.
    Update,
    /// Created.
    Create,
    /// Read during apply.
    Read,
}

/// Every action, worst first: the order of legends.
pub(super) const ACTIONS: [Action; 7] = [
    Action::Delete,
    Action::Replace,
    Action::ReplaceAfter,
    Action::Forget,
    Action::Update,
    Action::Create,
    Action::Read,
];

impl Action {
    /// What is planned for a node; nothing when it stays as it is.
    pub(super) fn of(node: &Node) -> Option<Self> {
        match node.change.as_deref()? {
            ["delete", "create"] => Some(Self::Replace),
            ["create", "delete"] => Some(Self::ReplaceAfter),
            change => [
                ("delete", Self::Delete),
                ("forget", Self::Forget),
                ("update", Self::Update),
                ("create", Self::Create),
                ("read", Self::Read),
            ]
            .into_iter()
            .find_map(|(word, action)| change.contains(&word).then_some(action)),
        }
    }

    /// As Terraform marks it in its own output.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Delete => "-",
            Self::Replace => "-/+",
            Self::ReplaceAfter => "+/-",
            Self::Forget => ".",
            Self::Update => "~",
            Self::Create => "+",
            Self::Read => "<=",
        }
    }

    /// What it is called in a legend.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Replace => "delete, then create",
            Self::ReplaceAfter => "create, then delete",
            Self::Forget => "forget",
            Self::Update => "update",
            Self::Create => "create",
            Self::Read => "read during apply",
        }
    }

    /// A name for classes.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Replace | Self::ReplaceAfter => "replace",
            Self::Forget => "forget",
            Self::Update => "update",
            Self::Create => "create",
            Self::Read => "read",
        }
    }

    /// Fill and line on light ground, fill and line on dark ground.
    pub(super) fn colours(self) -> [&'static str; 4] {
        match self {
            Self::Delete => ["#ffd8d3", "#c4231c", "#5c1512", "#ff7b72"],
            Self::Replace | Self::ReplaceAfter => ["#f4d9f7", "#8a2aa5", "#47195a", "#d68cf0"],
            Self::Forget => ["#e4e1ee", "#6b6390", "#322e48", "#a9a1d1"],
            Self::Update => ["#fff0c2", "#9a6700", "#4d3800", "#e3b341"],
            Self::Create => ["#d6f5dd", "#1a7f37", "#10401f", "#56d364"],
            Self::Read => ["#d8ecff", "#0a69c9", "#0c2f57", "#79c0ff"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{changed, node};
    use super::{ACTIONS, Action};

    #[test]
    fn order_of_a_replacement_and_no_change_are_told_apart() {
        let of = |change: &[&'static str]| Action::of(&changed("x.y", change));
        assert_eq!(of(&["delete", "create"]), Some(Action::Replace));
        assert_eq!(of(&["create", "delete"]), Some(Action::ReplaceAfter));
        assert_eq!(of(&["create", "forget"]), Some(Action::Forget));
        assert_eq!(of(&["no-op"]), None);
        assert_eq!(Action::of(&node("x.y")), None);
    }

    #[test]
    fn every_action_has_its_own_sign_and_word() {
        let signs: std::collections::BTreeSet<_> =
            ACTIONS.iter().map(|a| (a.sign(), a.word())).collect();
        assert_eq!(signs.len(), ACTIONS.len());
    }
}
