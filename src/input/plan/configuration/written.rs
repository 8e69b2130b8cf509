//! What is written where: the words in the calls of modules, and the place of a module that has several calls.

use super::{ConfigModuleId, Configuration, Name};
use crate::input::json::parts::{Malformed, fields, get};
use crate::input::names::Names;
use crate::input::plan::rewording;
use std::hash::BuildHasher;

/// What stands literally in the arguments of a call.
pub(super) fn words(
    expressions: &[u8],
    hasher: &impl BuildHasher,
    names: &mut Names,
) -> Result<Box<[(Name, u64)]>, Malformed> {
    let mut found = Vec::new();
    for field in fields(expressions) {
        let (name, value) = field?;
        let constant = get(value, "constant_value");
        // Lists and maps are nobody's words; switches are equal by chance.
        let tells = |value: &&[u8]| matches!(value.first(), Some(b'"' | b'-' | b'0'..=b'9'));
        if let Some(constant) = constant.filter(tells) {
            let name = names.intern(&name);
            let words = rewording::words(constant, hasher).into_iter();
            found.extend(words.map(|word| (Name::clone(&name), word)));
        }
    }
    Ok(found.into_boxed_slice())
}

impl Configuration {
    /// Where a module is written: its local sources from the root on, or from where the outermost that is none comes from.
    /// What is written there, all calls have.
    pub fn written_in(&self, id: ConfigModuleId) -> String {
        let Some(module) = self.modules.get(id) else {
            return String::new();
        };
        let (Some(call), Some(parent)) = (&module.call, module.parent) else {
            return String::new();
        };
        if !call.source.starts_with('.') {
            return call.source.to_string();
        }
        let around = self.written_in(parent);
        let mut steps: Vec<&str> = around.split('/').filter(|step| !step.is_empty()).collect();
        for step in call.source.split('/') {
            match step {
                "" | "." => {}
                ".." if steps.last().is_some_and(|last| *last != "..") => {
                    steps.pop();
                }
                step => steps.push(step),
            }
        }
        steps.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::{Configuration, Name};
    use crate::input::plan::configuration::{Call, ConfigModule, Repetition};

    fn module(found: &mut Configuration, parent: usize, name: &str, source: &str) -> usize {
        let id = found.modules.len();
        let call = Call {
            name: name.into(),
            source: source.into(),
            repetition: Repetition::None,
            inputs: std::collections::BTreeMap::new(),
            each: std::collections::BTreeMap::new(),
            words: Box::default(),
            depends_on: Vec::new(),
        };
        found.modules[parent].children.insert(Name::from(name), id);
        found.modules.push(ConfigModule {
            parent: Some(parent),
            call: Some(call),
            ..ConfigModule::default()
        });
        id
    }

    #[test]
    fn a_module_is_written_where_its_local_sources_lead() {
        let mut found = Configuration {
            modules: vec![ConfigModule::default()],
            ..Configuration::default()
        };
        let calls = [
            ("./modules/a", "../shared", "modules/shared"),
            ("./modules/b/", "../shared", "modules/shared"),
            ("../other", "./inner", "../other/inner"),
            ("org/r/aws", "./inner", "org/r/aws/inner"),
        ];
        for (source, inner, written) in calls {
            let outer = module(&mut found, 0, source, source);
            let inner = module(&mut found, outer, "inner", inner);
            assert_eq!(found.written_in(inner), written);
        }
        assert_eq!(found.written_in(0), "");
    }
}
