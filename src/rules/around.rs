//! What is known around a plan: its stack, and who owns what.

use crate::input::backend::Backend;
use crate::input::names::Name;
use crate::input::plan::{ModuleId, ObjectId};
use std::collections::BTreeMap;

/// Between the names of several owners of one thing.
const BETWEEN: &str = " & ";

/// The surroundings of one plan.
#[derive(Debug, Default)]
pub struct Around {
    /// The name of the stack.
    pub name: String,
    /// Whether that is configured, and not made up from a path.
    pub named: bool,
    /// The environment of the stack, when it is configured.
    pub environment: Option<String>,
    /// Whether this is a CI job.
    pub ci: bool,
    /// Where the state is kept, as far as sources or a plan file tell.
    pub backend: Option<Backend>,
    /// Whether the sources tell workspaces apart.
    pub uses_workspace: bool,
    /// Who owns what.
    pub ownership: Ownership,
}

/// Who owns what, as far as it is configured. Several owners of one thing stand in one name: `@acme/a & @acme/b`.
#[derive(Debug, Default)]
pub struct Ownership {
    /// The owner of the stack.
    pub stack: Option<Name>,
    /// The owner of each object; nothing when no owners are configured.
    pub objects: Option<Vec<Option<Name>>>,
    /// Objects that get their tag by this plan, and whose they are by `[[owner]]`, where that is another.
    pub claimed: BTreeMap<ObjectId, Name>,
    /// Whose objects were that the plan gives a tag for the first time.
    pub untagged: BTreeMap<ObjectId, Name>,
    /// Module instances whose local source directory has no owner in CODEOWNERS, with that directory; nothing
    /// without CODEOWNERS.
    pub unowned: Option<BTreeMap<ModuleId, Name>>,
}

/// One name for several owners.
pub fn together<'n>(owners: impl IntoIterator<Item = &'n str>) -> String {
    owners.into_iter().collect::<Vec<_>>().join(BETWEEN)
}

/// Whether two names have an owner in common: either may then decide.
pub fn share(one: &str, other: &str) -> bool {
    one == other
        || one
            .split(BETWEEN)
            .any(|one| other.split(BETWEEN).any(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::{share, together};

    #[test]
    fn several_owners_share_what_one_of_them_owns() {
        let both = together(["@acme/a", "@acme/b"]);
        assert!(share(&both, "@acme/b") && share("@acme/a", &both) && share(&both, &both));
        assert!(!share(&both, "@acme/c") && !share("@acme/a", "@acme/b"));
        assert!(share("Team Network", "Team Network") && !share("Team Network", "Team App"));
    }
}
