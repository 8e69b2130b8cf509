//! Notes local modules that the plan changes and that nobody owns by CODEOWNERS.

use crate::finding::Severity;
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct UnownedModule;

static META: Meta = Meta {
    id: "unowned-module",
    summary: "Notes changed modules whose directory has no owner in CODEOWNERS.",
    severity: Severity::Note,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/unowned-module.md"),
};

impl Rule for UnownedModule {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let Some(unowned) = &context.around.ownership.unowned else {
            return;
        };
        let plan = context.plan;
        let mut changed: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for (_, object) in plan
            .managed()
            .filter(|(_, object)| object.action().changes())
        {
            let module = plan.blocks[object.block].module;
            if let Some(directory) = unowned.get(&module) {
                let (modules, objects) = changed.entry(directory).or_default();
                modules.insert(plan.config_module_address(module));
                *objects += 1;
            }
        }
        for (directory, (modules, objects)) in changed {
            let Some(first) = modules.first() else {
                continue;
            };
            let message = format!(
                "{directory} has no owner in CODEOWNERS, and the plan changes {} in it.",
                count(objects, "object", "objects")
            );
            let finding = sink
                .finding(*first, message)
                .members(modules.iter().map(|module| (*module).to_owned()).collect())
                .fact("directory", directory)
                .fact("changes", objects)
                .fix("Add a line for the directory to CODEOWNERS.");
            sink.report(finding);
        }
    }
}
