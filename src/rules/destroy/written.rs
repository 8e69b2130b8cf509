//! What is written in a module that has several calls: one edit there is one, however many of them it changes.

use super::cause::repetition_of_block;
use super::origin::{MOST_STEPS, Place, all_told, behind, places};
use crate::input::address::Mode;
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, ModuleId, Plan, inside};

/// Where a block is written: the same in all instances of its module, and in all calls of it.
pub(super) fn written(plan: &Plan, block: BlockId) -> String {
    let module = plan.blocks[block].module;
    let address = plan.config_address(block);
    let around = plan.config_module_address(module);
    match (plan.modules[module].config, inside(around, &address)) {
        (Some(config), Some(name)) if module != 0 => {
            format!("{} {name}", plan.configuration.written_in(config))
        }
        _ => address,
    }
}

/// Where a module is called: the same in all instances of the module around it, and in all calls of that.
pub(super) fn written_call(plan: &Plan, module: ModuleId) -> String {
    let around = plan.modules[module].parent;
    let config = around.and_then(|around| plan.modules[around].config);
    match config {
        Some(config) if around != Some(0) => {
            let written = plan.configuration.written_in(config);
            format!("{written} module.{}", plan.modules[module].call)
        }
        _ => plan.config_module_address(module).to_owned(),
    }
}

/// Whether how often a block is repeated is decided where it is written, and no call has a say in it.
pub(super) fn repeats_by_itself(plan: &Plan, block: BlockId) -> bool {
    is_own(plan, repetition_of_block(plan, block), instances)
}

/// Whether an attribute is decided where its block is written.
pub(super) fn has_by_itself(plan: &Plan, block: BlockId, attribute: &str) -> bool {
    // What stands in `each.value` is no reference.
    repeats_by_itself(plan, block) && is_own(plan, places(plan, block, attribute), |_, _, _| None)
}

/// What the instances of a resource in the module are made of, which something is repeated over.
fn instances<'p>(plan: &'p Plan, module: ModuleId, target: &Target) -> Option<Vec<Place<'p>>> {
    let Target::Resource {
        mode, kind, name, ..
    } = target
    else {
        return None;
    };
    let block = plan.find_block(module, *mode, kind, name)?;
    let repeated = *mode == Mode::Managed;
    repeated.then(|| repetition_of_block(plan, block).collect())
}

fn is_own<'p>(
    plan: &'p Plan,
    places: impl Iterator<Item = Place<'p>>,
    behind_others: fn(&'p Plan, ModuleId, &'p Target) -> Option<Vec<Place<'p>>>,
) -> bool {
    all_told(places, MOST_STEPS, |module, target| match target {
        // The default is written in the module.
        Target::Variable(name) => {
            let call = plan.call(module);
            let is_given = call.is_none_or(|call| call.inputs.contains_key(name));
            (!is_given).then(Vec::new)
        }
        Target::Local(_) => behind(plan, module, target),
        _ => behind_others(plan, module, target),
    })
}
