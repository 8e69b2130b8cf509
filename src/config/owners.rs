//! Who owns an object: its tag, else the first matching `[[owner]]`.

use super::{Config, Owner};
use crate::input::names::{Name, Names};
use crate::input::plan::{BlockId, ObjectId, Plan};

/// The owner of every object of a plan; nothing when no owners are configured.
pub fn owners_of(config: &Config, plan: &Plan) -> Option<Vec<Option<Name>>> {
    if !config.has_owners() {
        return None;
    }
    let mut names = Names::default();
    let owner = |id: ObjectId| {
        let object = &plan.objects[id];
        object.tag.as_deref().cloned().or_else(|| {
            let owner = config
                .owners
                .iter()
                .find(|owner| owner.matches(plan, id, object.block))?;
            Some(names.intern(&owner.name))
        })
    };
    Some((0..plan.objects.len()).map(owner).collect())
}

impl Owner {
    fn matches(&self, plan: &Plan, id: ObjectId, block: BlockId) -> bool {
        let kind = &plan.blocks[block].kind;
        self.types.iter().any(|glob| glob.is_match(kind))
            || !self.addresses.is_empty()
                && self
                    .addresses
                    .iter()
                    .any(|glob| glob.is_match(&plan.address(id)))
            || self
                .modules
                .iter()
                .any(|glob| sources(plan, block).any(|source| glob.is_match(source)))
    }
}

/// The sources of the modules around a block.
fn sources(plan: &Plan, block: BlockId) -> impl Iterator<Item = &Name> {
    let modules = plan.enclosing(plan.blocks[block].module);
    modules.filter_map(|id| {
        Some(
            &plan.configuration.modules[plan.modules[id].config?]
                .call
                .as_ref()?
                .source,
        )
    })
}
