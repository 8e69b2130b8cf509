//! One waiver, and what it covers.

use crate::config::{self, AddressGlob, Subject};
use crate::finding::{Finding, Location, Place};
use crate::input::address::{Step, steps};
use crate::input::day::Day;
use crate::input::source::Beside;

/// A waiver of one rule.
pub(super) struct Waiver<'a> {
    pub(super) rule: &'static str,
    /// What it covers, as it is written or as findings call it.
    pub(super) address: String,
    pub(super) scope: Scope<'a>,
    pub(super) reason: String,
    pub(super) expires: Option<Day>,
    pub(super) location: Location,
}

/// Where a waiver holds.
pub(super) enum Scope<'a> {
    /// It is written in `tfguard.toml`.
    Config(&'a config::Waiver),
    /// It is a comment beside a block, which each stack may call otherwise.
    Comment {
        beside: Vec<(usize, Beside)>,
        only: Option<Only>,
    },
}

/// The instance that a comment is limited to.
pub(super) enum Only {
    /// `["key"]` or `[0]`.
    Key(String),
    /// An address, or a glob of such.
    Address(AddressGlob),
}

impl Waiver<'_> {
    /// The address that a comment is limited to.
    pub(super) fn glob_mut(&mut self) -> Option<&mut AddressGlob> {
        match &mut self.scope {
            Scope::Comment {
                only: Some(Only::Address(glob)),
                ..
            } => Some(glob),
            _ => None,
        }
    }

    /// Where it is written.
    pub(super) fn source(&self) -> String {
        format!("{}:{}", self.location.file, self.location.line)
    }

    /// Whether it covers a member of a finding, or its address.
    pub(super) fn covers(
        &self,
        stack: usize,
        finding: &Finding,
        address: &str,
        subject: &Subject<'_>,
    ) -> bool {
        match &self.scope {
            Scope::Config(waiver) => waiver.is_for(&finding.stack) && waiver.covers(subject),
            Scope::Comment { beside, only } => {
                let mut here = beside.iter().filter(|(of, _)| *of == stack);
                here.any(|(_, beside)| match beside {
                    Beside::Block(block) => within(address, block, only.as_ref()),
                    Beside::Backend => finding.place == Place::Backend && only.is_none(),
                })
            }
        }
    }

    /// Whether it covers an object of a stack.
    pub(super) fn covers_object(&self, stack: usize, address: &str) -> bool {
        match &self.scope {
            Scope::Config(waiver) => waiver.covers(&Subject::new(address)),
            Scope::Comment { beside, only } => beside.iter().any(|(of, beside)| match beside {
                Beside::Block(block) => *of == stack && within(address, block, only.as_ref()),
                Beside::Backend => false,
            }),
        }
    }
}

/// Whether something is what a block declares, or in the module that it calls.
fn within(address: &str, block: &str, only: Option<&Only>) -> bool {
    let Some(rest) = behind(address, block) else {
        return false;
    };
    match only {
        None => true,
        Some(Only::Key(key)) => {
            let after = rest.strip_prefix(key.as_str());
            after.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        Some(Only::Address(glob)) => glob.covers(&Subject::new(address)),
    }
}

/// What follows a block's name in an address: its key, and what is in it. Keys of modules around it are passed over.
fn behind<'a>(address: &'a str, block: &str) -> Option<&'a str> {
    let mut left = block;
    for (at, step) in steps(address).flatten() {
        match step {
            Step::Name(name) => {
                left = left.strip_prefix(name)?;
                if left.is_empty() {
                    return Some(&address[at.end..]);
                }
                left = left.strip_prefix('.')?;
            }
            Step::Key(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Only, behind, within};

    #[test]
    fn a_block_stands_for_all_of_its_instances() {
        assert_eq!(behind("a.b", "a.b"), Some(""));
        assert_eq!(
            behind("module.m[0].a.b[\"k\"]", "module.m.a.b"),
            Some("[\"k\"]")
        );
        assert_eq!(behind("module.m[0].a.b", "module.m"), Some("[0].a.b"));
        assert_eq!(behind("a.bc", "a.b"), None);
        assert_eq!(behind("module.mm.a.b", "module.m"), None);
        assert_eq!(behind("a", "a.b"), None);
        assert_eq!(behind("data.a.b", "a.b"), None);
    }

    #[test]
    fn a_key_limits_a_block_to_one_instance() {
        let key = Only::Key("[\"a\"]".to_owned());
        assert!(within("a.b[\"a\"]", "a.b", Some(&key)));
        assert!(within("module.m[\"a\"].a.b", "module.m", Some(&key)));
        assert!(!within("a.b[\"ab\"]", "a.b", Some(&key)) && !within("a.b", "a.b", Some(&key)));
    }
}
