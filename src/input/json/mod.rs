//! JSON as tfguard needs it: one pass, raw parts, numbers as text, nothing decoded that nobody asks for.

pub(crate) mod parts;
pub(crate) mod skip;
pub(crate) mod stream;
pub(crate) mod strings;
