//! A block or a call that is repeated, by numbers.

use crate::input::names::Name;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{BlockId, Key, ModuleId, ObjectId, Plan};
use std::collections::BTreeSet;

/// The module instance something is declared in, and its block or its call.
pub(in crate::rules::destroy) type Site<'p> = (ModuleId, Option<BlockId>, Option<&'p Name>);

/// What is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules::destroy) enum Repeated {
    /// The block of this object.
    Block(ObjectId),
    /// The call of this module instance.
    Module(ModuleId),
}

impl Repeated {
    /// Whether that is done by `for_each`, over positions.
    pub(in crate::rules::destroy) fn by_position(self, plan: &Plan) -> bool {
        let key = match self {
            Self::Block(id) => &plan.objects[id].key,
            Self::Module(id) => &plan.modules[id].key,
        };
        matches!(key, Some(Key::Text(_)))
    }

    /// The module instance it is declared in.
    pub(in crate::rules::destroy) fn module(self, plan: &Plan) -> ModuleId {
        match self {
            Self::Block(id) => plan.block(id).module,
            Self::Module(id) => plan.modules[id].parent.unwrap_or_default(),
        }
    }

    /// What tells it from others, whichever of its instances stands for it.
    pub(in crate::rules::destroy) fn site(self, plan: &Plan) -> Site<'_> {
        let (block, call) = match self {
            Self::Block(id) => (Some(plan.objects[id].block), None),
            Self::Module(id) => (None, Some(&plan.modules[id].call)),
        };
        (self.module(plan), block, call)
    }

    /// Whether an object is one of its instances, or in one of them.
    pub(in crate::rules::destroy) fn holds(self, plan: &Plan, id: ObjectId) -> bool {
        let block = plan.objects[id].block;
        match self {
            Self::Block(own) => plan.objects[own].block == block,
            Self::Module(own) => {
                let site = plan.modules[own].call_site();
                let mut around = plan.enclosing(plan.blocks[block].module);
                around.any(|module| plan.modules[module].call_site() == site)
            }
        }
    }

    /// Whether it takes the instance of its own number of one of these: `aws_instance.a[count.index]`.
    pub(in crate::rules::destroy) fn takes_same_of(
        self,
        plan: &Plan,
        sites: &BTreeSet<Site<'_>>,
    ) -> bool {
        let module = self.module(plan);
        let is_one = |reference: &Reference| {
            let site = match &reference.target {
                Target::Resource {
                    mode, kind, name, ..
                } => {
                    let block = plan.find_block(module, *mode, kind, name);
                    (module, block, None)
                }
                Target::Module { call, .. } | Target::Output { call, .. } => {
                    (module, None, Some(call))
                }
                _ => return false,
            };
            reference.same_key && sites.contains(&site)
        };
        match self {
            Self::Block(id) => {
                let resource = plan.resource(plan.objects[id].block);
                let references = resource.map_or(&[][..], |resource| &*resource.references);
                references.iter().any(|(_, reference)| is_one(reference))
            }
            Self::Module(id) => {
                let inputs = plan.call(id).into_iter().flat_map(|call| &call.inputs);
                inputs.flat_map(|(_, given)| given).any(is_one)
            }
        }
    }
}
