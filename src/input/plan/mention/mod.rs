//! Which object is called by its id, ARN or name in the values of another one, whether or not anything refers to it.
//!
//! Values are compared as hashes; what comes out is who calls whom, where, and how sure that is.

mod arn;
mod book;
mod call;
mod candidates;
mod known;
mod lookup;
mod notes;
mod noun;
mod text;
mod values;
mod walk;

pub(super) use book::Book;
pub(super) use lookup::criteria;
pub(crate) use noun::{is_region, wants_another};
pub use walk::Written;

use super::{BlockId, Name, ObjectId};

/// A value of one object that is what another object is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The block whose object has the value.
    pub block: BlockId,
    /// The object; nothing for a data source that is not read yet.
    pub object: Option<ObjectId>,
    /// Where the value stands; nothing when a data source does not say literally what it looks for.
    pub path: Option<Name>,
    /// The object that is called so.
    pub named: ObjectId,
    /// How it is called.
    pub how: How,
}

/// How a text calls an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By an id or ARN that no other object has.
    Id,
    /// By an ARN that the object will have: type and name are those of a new object.
    Arn,
    /// By a name, in an attribute that wants such a type.
    Name,
    /// By what a data source looks for.
    Lookup,
}

/// What objects call each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// In the order of blocks.
    pub found: Vec<Mention>,
    /// Whether there were too many objects to look.
    pub given_up: bool,
}
