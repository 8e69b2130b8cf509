//! What Terraform plans for an object.

use serde::Serialize;

/// The `actions` of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Action {
    /// Nothing; may still be a move or an import.
    #[default]
    NoOp,
    /// A new object.
    Create,
    /// A change in place.
    Update,
    /// The object is destroyed.
    Delete,
    /// The object is destroyed and created anew; `create_first` is `create_before_destroy`.
    Replace {
        /// Whether the new object is created before the old one is destroyed.
        create_first: bool,
    },
    /// A data source is read during apply.
    Read,
    /// The object leaves the state and lives on (Terraform and `OpenTofu` 1.7).
    Forget,
    /// A new object takes the address, the old one lives on (Terraform 1.16, `OpenTofu` 1.12).
    ForgetAndCreate,
    /// A combination this version does not know.
    Other,
    /// A combination this version does not know, with `delete` in it.
    OtherDelete,
}

impl Action {
    /// Reads the words of `actions`. Unknown ones are kept apart, never refused: Terraform may add more.
    pub fn parse(words: &[&str]) -> Self {
        match words {
            ["no-op"] => Self::NoOp,
            ["create"] => Self::Create,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["delete", "create"] => Self::Replace {
                create_first: false,
            },
            ["create", "delete"] => Self::Replace { create_first: true },
            ["read"] => Self::Read,
            ["forget"] => Self::Forget,
            ["create", "forget"] | ["forget", "create"] => Self::ForgetAndCreate,
            words if words.contains(&"delete") => Self::OtherDelete,
            _ => Self::Other,
        }
    }

    /// The words of `actions`, in Terraform's order; none for nothing.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::NoOp => &[],
            Self::Create => &["create"],
            Self::Update => &["update"],
            Self::Delete | Self::OtherDelete => &["delete"],
            Self::Replace {
                create_first: false,
            } => &["delete", "create"],
            Self::Replace { create_first: true } => &["create", "delete"],
            Self::Read => &["read"],
            Self::Forget => &["forget"],
            Self::ForgetAndCreate => &["create", "forget"],
            Self::Other => &["other"],
        }
    }

    /// Whether an existing object is destroyed.
    pub fn destroys(self) -> bool {
        matches!(
            self,
            Self::Delete | Self::Replace { .. } | Self::OtherDelete
        )
    }

    /// Whether the object is gone from the configuration's view afterwards.
    pub fn removes(self) -> bool {
        matches!(self, Self::Delete | Self::Forget | Self::OtherDelete)
    }

    /// Whether anything happens to the object.
    pub fn changes(self) -> bool {
        !matches!(self, Self::NoOp | Self::Read)
    }

    /// Whether this is destroy and create.
    pub fn replaces(self) -> bool {
        matches!(self, Self::Replace { .. })
    }
}

/// How many changes of each kind a plan holds, data sources included. An import or move is counted beside
/// its action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New objects.
    pub create: usize,
    /// Changes in place.
    pub update: usize,
    /// Objects destroyed, deposed ones included.
    pub delete: usize,
    /// Objects destroyed and created anew.
    pub replace: usize,
    /// Data sources read during apply.
    pub read: usize,
    /// Objects that leave the state.
    pub forget: usize,
    /// Objects left alone.
    #[serde(rename = "no-op")]
    pub no_op: usize,
    /// Actions this version does not know.
    pub other: usize,
    /// Objects imported.
    pub import: usize,
    /// Objects that change their address.
    #[serde(rename = "move")]
    pub moved: usize,
    /// Outputs of the root module whose value comes, goes or changes.
    pub output: usize,
}

impl Counts {
    /// Adds one change.
    pub fn add(&mut self, action: Action) {
        *match action {
            Action::NoOp => &mut self.no_op,
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Delete => &mut self.delete,
            Action::Replace { .. } => &mut self.replace,
            Action::Read => &mut self.read,
            Action::Forget => &mut self.forget,
            Action::ForgetAndCreate | Action::Other | Action::OtherDelete => &mut self.other,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Counts};

    #[test]
    fn every_combination_of_words_is_read() {
        assert_eq!(
            Action::parse(&["create", "delete"]),
            Action::Replace { create_first: true }
        );
        assert_eq!(
            Action::parse(&["forget", "create"]),
            Action::ForgetAndCreate
        );
        assert_eq!(Action::parse(&["delete", "forget"]), Action::OtherDelete);
        assert_eq!(Action::parse(&[""]), Action::Other);
        assert_eq!(Action::parse(&[]), Action::Other);
        assert_eq!(Action::parse(&["Create"]), Action::Other);
    }

    #[test]
    fn destroying_is_more_than_deleting() {
        assert!(Action::parse(&["create", "delete"]).destroys());
        assert!(Action::parse(&["delete", "new-word"]).destroys());
        assert!(!Action::Forget.destroys());
        assert!(Action::Forget.removes());
    }

    #[test]
    fn unknown_actions_are_counted_as_other() {
        let mut counts = Counts::default();
        counts.add(Action::Other);
        counts.add(Action::Delete);
        assert_eq!((counts.other, counts.delete), (1, 1));
    }
}
