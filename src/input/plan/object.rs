//! Objects, and what is planned for them.

use super::{Action, BlockId, Called, Home, Kept, Name, Rewording};
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::LazyLock;

/// A resource instance object: of the prior state, of the changes, or both.
#[derive(Debug)]
pub struct Object {
    /// Its block.
    pub block: BlockId,
    /// Its instance key.
    pub key: Option<Key>,
    /// The deposed key: such an object shares its address with the current one.
    pub deposed: Option<Box<Name>>,
    /// Whether `resource_changes` has it: `-target` leaves objects out, and data read while planning.
    pub listed: bool,
    /// What is planned; nothing when it is nothing.
    pub change: Option<Box<Change>>,
    /// Value of the tag that names the owner, when the configuration asks for one.
    pub tag: Option<Box<Name>>,
    /// What its values say of its environment.
    pub called: Called,
    /// Whether the prior state has it.
    pub prior: bool,
    /// What it depended on at the last apply.
    pub dependencies: Option<ListId>,
}

/// Which of [`super::Plan::dependency_lists`] or [`super::Plan::attribute_lists`]. One that may be missing takes half the room of such an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(NonZeroU32);

impl ListId {
    pub(super) fn of(index: usize) -> Self {
        let nth = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(nth.expect("fewer lists than objects"))
    }

    /// Its place among the lists.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A planned change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is planned.
    pub action: Action,
    /// `action_reason`.
    pub reason: Option<Name>,
    /// Whether the object is imported.
    pub importing: bool,
    /// Attributes that force a replacement.
    pub forced_by: Box<[Forced]>,
    /// Which of [`super::Plan::attribute_lists`] an update, or what replaces a tainted object, changes to values that are
    /// known; nothing where it changes none.
    pub changed: Option<ListId>,
    /// Whether an update changes anything to a value that is not known before apply.
    pub to_unknown: bool,
    /// The tag that named the owner before, when the plan changes it; empty where it had none.
    pub tag_before: Option<Box<Name>>,
    /// Top-level attributes that drifted since the last apply, and that the plan changes back as far as is known.
    pub drifted: Box<[Name]>,
    /// Where the object was, when it is created because it could not be found any more.
    pub vanished: Option<Box<Home>>,
    /// What is kept of the values of an object that comes, goes or shifts.
    pub kept: Option<Box<Kept>>,
}

impl Change {
    /// Whether an update, or what replaces a tainted object, changes anything to a value that is known.
    pub fn to_known(&self) -> bool {
        self.changed.is_some()
    }
}

/// One of the `replace_paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forced {
    /// The path as a reader writes it: `ingress[0].cidr`.
    pub path: Name,
    /// The top-level attribute.
    pub attribute: Name,
    /// Whether the new value is not known before apply.
    pub unknown: bool,
    /// The prints of the texts in the old value, as [`super::Kept::identities`] has those of objects.
    pub was: Box<[u64]>,
    /// The print of the new value, where it is a text and known.
    pub will_be: Option<NonZeroU64>,
    /// How the value changed, where it is known and no secret.
    pub rewording: Option<Box<Rewording>>,
}

/// An instance key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// From `count`.
    Index(u64),
    /// From `for_each`: the escaped text as it stands in addresses.
    Text(Name),
    /// Not known yet.
    Unknown,
}

impl Key {
    /// The place in a list that it stands for: an index of `count`, or the number in a key of
    /// `{ for i, element in list : i => element }`, of which Terraform makes a text.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Text(text) => number(text),
            Self::Unknown => None,
        }
    }
}

/// A text that is a number as Terraform writes one.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| digits && plain)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(n) => write!(f, "[{n}]"),
            Self::Text(text) => write!(f, "[\"{text}\"]"),
            Self::Unknown => f.write_str("[*]"),
        }
    }
}

static UNPLANNED: LazyLock<Change> = LazyLock::new(Change::default);

impl Object {
    /// What is planned for it.
    pub fn action(&self) -> Action {
        self.change().action
    }

    /// The planned change.
    pub fn change(&self) -> &Change {
        self.change.as_deref().unwrap_or(&UNPLANNED)
    }

    /// The reason of the change, `""` for none.
    pub fn reason(&self) -> &str {
        self.change().reason.as_deref().unwrap_or_default()
    }
}
