//! Why an object is deleted: from `action_reason` where there is one, and from what stands in the
//! configuration.

use crate::input::names::Name;
use crate::input::plan::configuration::Repetition;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{BlockId, Key, ModuleId, ObjectId, Plan, block_name, join};

/// A cause and the thing whose configuration changed. Objects that share both are one finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub(super) address: String,
    /// A word of design.md, or nothing when neither plan nor configuration tells.
    pub(super) word: Option<&'static str>,
}

impl Cause {
    /// Whether one decision may be behind several blocks.
    pub(super) fn is_decided(&self) -> bool {
        matches!(
            self.word,
            Some(
                "count_decreased"
                    | "count_zero"
                    | "each_key_removed"
                    | "module_count_decreased"
                    | "module_key_removed"
            )
        )
    }
}

/// Knows the causes of a plan.
pub(super) struct Causes<'p> {
    plan: &'p Plan,
    stack: &'p str,
    /// Whether anything in a module instance, or in one inside it, stays.
    alive: Vec<bool>,
    everything_goes: bool,
    /// What `removed` blocks name.
    removed: Vec<String>,
}

impl<'p> Causes<'p> {
    pub(super) fn new(plan: &'p Plan, stack: &'p str) -> Self {
        let mut alive = vec![false; plan.modules.len()];
        let mut everything_goes = plan.leaves_nothing;
        for (id, object) in plan.managed() {
            if !object.action().removes() {
                plan.enclosing(plan.block(id).module)
                    .for_each(|module| alive[module] = true);
                everything_goes = false;
            }
        }
        Self {
            plan,
            stack,
            alive,
            everything_goes,
            removed: removed(plan),
        }
    }

    /// The cause of a delete.
    pub(super) fn of(&self, id: ObjectId) -> Cause {
        let object = &self.plan.objects[id];
        if object.deposed.is_some() {
            return Cause {
                address: self.plan.address(id),
                word: Some("deposed"),
            };
        }
        match object.reason() {
            "delete_because_no_resource_config" => {
                self.asked(id).unwrap_or_else(|| self.removed(id))
            }
            "delete_because_no_module" => self.module_instance(id),
            "delete_because_count_index" | "delete_because_each_key"
                if self.lost_by_move(id, None) =>
            {
                self.block(id, "moved_target_missing")
            }
            "delete_because_count_index" => self.block(id, self.count(id)),
            // OpenTofu 1.11: `enabled = false` leaves a block with no instance, as `count = 0` does.
            "delete_because_enabled_false" => self.block(id, "count_zero"),
            "delete_because_each_key" => self.block(id, "each_key_removed"),
            "delete_because_wrong_repetition" => self.block(id, "repetition_changed"),
            "delete_because_no_move_target" => self
                .asked(id)
                .unwrap_or_else(|| self.block(id, "moved_target_missing")),
            _ => self.unsaid(id),
        }
    }

    fn block(&self, id: ObjectId, word: &'static str) -> Cause {
        Cause {
            address: self.plan.config_address(self.plan.objects[id].block),
            word: Some(word),
        }
    }

    /// A `removed` block that names the object, its module, or a module around it.
    fn asked(&self, id: ObjectId) -> Option<Cause> {
        if self.removed.is_empty() {
            return None;
        }
        let address = self.plan.config_address(self.plan.objects[id].block);
        let names = |name: &&String| {
            let rest = address.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let named = self.removed.iter().find(names)?;
        Some(Cause {
            address: named.clone(),
            word: Some("removed_block"),
        })
    }

    /// Terraform says the same of a removed block and of a removed module call.
    fn removed(&self, id: ObjectId) -> Cause {
        let module = self.plan.block(id).module;
        let mut path: Vec<_> = self.plan.enclosing(module).collect();
        path.reverse();
        let configured = !self.plan.configuration.modules.is_empty();
        match path
            .into_iter()
            .find(|module| configured && self.plan.modules[*module].config.is_none())
        {
            Some(gone) => Cause {
                address: self.plan.config_module_address(gone).to_owned(),
                word: Some("module_removed"),
            },
            None => self.block(id, "config_removed"),
        }
    }

    /// The outermost repeated module instance of which nothing stays is the one that went.
    fn module_instance(&self, id: ObjectId) -> Cause {
        let module = self.plan.block(id).module;
        let keyed = |module: &ModuleId| self.plan.modules[*module].key.is_some();
        let path: Vec<_> = self.plan.enclosing(module).collect();
        let gone = path.iter().copied().rfind(|m| keyed(m) && !self.alive[*m]);
        let gone = gone
            .or_else(|| path.iter().copied().find(keyed))
            .unwrap_or(module);
        let word = if self.lost_by_move(id, Some(gone)) {
            "moved_target_missing"
        } else {
            self.module_word(gone)
        };
        Cause {
            address: self.plan.config_module_address(gone).to_owned(),
            word: Some(word),
        }
    }

    /// Whether a `moved` block brought an object from another key to one that is not configured: of its block, or of a module.
    /// Terraform has a reason of its own only where the whole block is missing (1.11). Who moves from an index to a key, and
    /// takes that element out, means it.
    fn lost_by_move(&self, id: ObjectId, gone: Option<ModuleId>) -> bool {
        let Some(from) = self.plan.moved_from.get(&id) else {
            return false;
        };
        let (address, key) = match gone {
            Some(gone) => {
                let module = &self.plan.modules[gone];
                (module.address.to_string(), &module.key)
            }
            None => (self.plan.address(id), &self.plan.objects[id].key),
        };
        let Some(key) = key.as_ref().map(ToString::to_string) else {
            return false;
        };
        let unkeyed = address.strip_suffix(&*key).unwrap_or(&address);
        let old = from.strip_prefix(unkeyed);
        old.is_some_and(|old| old.starts_with("[\"") && !old.starts_with(&*key))
    }

    fn module_word(&self, gone: ModuleId) -> &'static str {
        let module = &self.plan.modules[gone];
        let call = self.plan.call(gone);
        let repetition = call.map_or(&Repetition::None, |call| &call.repetition);
        let single = self.plan.modules.iter().enumerate().any(|(id, other)| {
            other.call_site() == module.call_site() && other.key.is_none() && self.alive[id]
        });
        match (&module.key, repetition) {
            _ if single => "repetition_changed",
            (Some(Key::Index(_)), Repetition::Count(_) | Repetition::None) => {
                "module_count_decreased"
            }
            (Some(Key::Text(_)), Repetition::ForEach(_) | Repetition::None) => "module_key_removed",
            _ => "repetition_changed",
        }
    }

    fn count(&self, id: ObjectId) -> &'static str {
        let (_, after) = counts(self.plan, id);
        if after == 0 {
            "count_zero"
        } else {
            "count_decreased"
        }
    }

    /// A delete without a reason: a destroy plan, a deposed object, or Terraform before 1.1.
    fn unsaid(&self, id: ObjectId) -> Cause {
        let says_reasons = self
            .plan
            .terraform_version
            .as_deref()
            .is_none_or(|version| at_least(version, 1, 1));
        let inferred = self.inferred(id);
        if let (false, Some(cause)) = (says_reasons, &inferred) {
            return cause.clone();
        }
        if self.everything_goes && self.plan.complete != Some(false) {
            return Cause {
                address: self.stack.to_owned(),
                word: Some("destroy_mode"),
            };
        }
        // Whatever is deleted for its configuration has a reason: what has none and is configured was a target.
        let configured = self.plan.resource(self.plan.objects[id].block).is_some();
        let targeted = match self.plan.complete {
            Some(complete) => !complete,
            None => configured && inferred.is_none(),
        };
        if targeted && says_reasons {
            return Cause {
                address: self.stack.to_owned(),
                word: Some("destroy_target"),
            };
        }
        inferred.unwrap_or_else(|| Cause {
            word: None,
            ..self.block(id, "")
        })
    }

    /// What the configuration alone says.
    fn inferred(&self, id: ObjectId) -> Option<Cause> {
        let object = &self.plan.objects[id];
        if self.plan.configuration.modules.is_empty() {
            return None;
        }
        let Some(resource) = self.plan.resource(object.block) else {
            return Some(self.removed(id));
        };
        match (&object.key, &resource.repetition) {
            (Some(Key::Index(_)), Repetition::Count(_)) => {
                let (before, after) = counts(self.plan, id);
                (after < before && !self.everything_goes).then(|| self.block(id, self.count(id)))
            }
            (Some(Key::Text(_)), Repetition::ForEach(_)) if !self.everything_goes => {
                Some(self.block(id, "each_key_removed"))
            }
            (None, Repetition::Count(_) | Repetition::ForEach(_))
            | (Some(Key::Index(_)), Repetition::ForEach(_))
            | (Some(Key::Text(_)), Repetition::Count(_)) => {
                Some(self.block(id, "repetition_changed"))
            }
            _ => None,
        }
    }
}

/// What the `removed` blocks of all modules name, as addresses without keys.
fn removed(plan: &Plan) -> Vec<String> {
    let configuration = &plan.configuration;
    let modules = configuration.modules.iter().enumerate();
    let some = modules.filter(|(_, module)| !module.removed.is_empty());
    some.flat_map(|(id, module)| {
        let around = configuration.module_address(id);
        module.removed.iter().map(move |name| join(&around, name))
    })
    .collect()
}

/// How many instances of the object's block there are before and after.
pub(super) fn counts(plan: &Plan, id: ObjectId) -> (usize, usize) {
    let objects = plan
        .block(id)
        .objects
        .iter()
        .map(|id| &plan.objects[*id])
        .filter(|object| object.deposed.is_none());
    let (mut before, mut after) = (0, 0);
    for object in objects.filter(|object| matches!(object.key, Some(Key::Index(_)))) {
        before += usize::from(object.prior || object.action().destroys());
        after += usize::from(!object.action().removes());
    }
    (before, after)
}

/// What decides a repetition: root variables, locals and objects, as far as the plan can be followed.
pub(super) fn origins<'p>(
    plan: &'p Plan,
    references: impl IntoIterator<Item = (ModuleId, &'p Reference)>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut left: Vec<_> = references.into_iter().collect();
    while let Some((module, reference)) = left.pop() {
        let passed_in = match &reference.target {
            Target::Variable(name) => inputs(plan, module, name),
            _ => Vec::new(),
        };
        match passed_in.as_slice() {
            [_, ..] => left.extend(passed_in),
            [] => found.push(shown(plan, module, &reference.target)),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What a block is repeated over, each with the module it is written in.
pub(super) fn repetition_of_block(
    plan: &Plan,
    block: BlockId,
) -> impl Iterator<Item = (ModuleId, &Reference)> {
    let module = plan.blocks[block].module;
    let resource = plan.resource(block).into_iter();
    let references = resource.flat_map(|resource| resource.repetition.references());
    references.map(move |reference| (module, reference))
}

/// What a module is repeated over, each with the module it is written in.
pub(super) fn repetition_of_call(
    plan: &Plan,
    module: ModuleId,
) -> impl Iterator<Item = (ModuleId, &Reference)> {
    let call = plan.call(module).zip(plan.modules[module].parent);
    call.into_iter().flat_map(|(call, parent)| {
        let references = call.repetition.references().iter();
        references.map(move |reference| (parent, reference))
    })
}

/// What decides how often a block is repeated.
pub(super) fn deciders_of_block(plan: &Plan, block: BlockId) -> Vec<String> {
    origins(plan, repetition_of_block(plan, block))
}

/// What decides how often a module is repeated.
pub(super) fn deciders_of_call(plan: &Plan, module: ModuleId) -> Vec<String> {
    origins(plan, repetition_of_call(plan, module))
}

/// What the call of a module passes to a variable, with the module it is written in; nothing for the root module or a
/// constant. What is made of `each.value` is made of what the call goes over.
pub(super) fn inputs<'p>(
    plan: &'p Plan,
    module: ModuleId,
    name: &Name,
) -> Vec<(ModuleId, &'p Reference)> {
    let (Some(call), Some(parent)) = (plan.call(module), plan.modules[module].parent) else {
        return Vec::new();
    };
    let given = call.inputs.get(name).into_iter().flatten();
    let each = call
        .each
        .contains_key(name)
        .then(|| call.repetition.references());
    let all = given.chain(each.into_iter().flatten());
    all.map(|reference| (parent, reference)).collect()
}

/// What a reference names, with the module it stands in.
pub(super) fn shown(plan: &Plan, module: ModuleId, target: &Target) -> String {
    let name = match target {
        Target::Variable(name) => format!("var.{name}"),
        Target::Local(name) => format!("local.{name}"),
        Target::Resource {
            mode, kind, name, ..
        } => block_name(*mode, kind, name),
        Target::Module { call, .. } => format!("module.{call}"),
        Target::Output { call, output, .. } => format!("module.{call}.{output}"),
    };
    join(plan.config_module_address(module), &name)
}

/// Whether a version is at least `major.minor`.
pub(in crate::rules) fn at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut parts = version
        .split(['.', '-'])
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(at_least("1.11.4", 1, 1));
        assert!(at_least("1.1.0-alpha2", 1, 1));
        assert!(!at_least("0.15.5", 1, 1));
        assert!(!at_least("1.0.11", 1, 1));
    }
}
