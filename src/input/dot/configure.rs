//! What a graph alone tells of the configuration: which blocks and modules there are.

use super::{Dot, End};
use crate::input::address::{config_address, module_steps};
use crate::input::names::Names;
use crate::input::plan::configuration::{
    Call, ConfigModule, ConfigModuleId, Configuration, Provider, Repetition, Resource,
};
use std::collections::BTreeMap;

/// The blocks a graph names, without what they refer to.
pub fn configuration(dot: &Dot, names: &mut Names) -> Configuration {
    let mut found = Configuration {
        modules: vec![ConfigModule::default()],
        ..Configuration::default()
    };
    for end in dot.ends() {
        match end {
            End::Block(address) | End::Instance(address) => {
                let module = module(&mut found, address.module, names);
                let key = (
                    address.mode,
                    names.intern(address.kind),
                    names.intern(address.name),
                );
                let resource = Resource {
                    provider: names.intern(""),
                    repetition: Repetition::None,
                    references: [].into(),
                    depends_on: Vec::new(),
                    arguments: None,
                    literals: Vec::new(),
                    criteria: Vec::new(),
                    written: Vec::new(),
                    remote_state: None,
                };
                found.modules[module]
                    .resources
                    .entry(key)
                    .or_insert_with(|| Box::new(resource));
            }
            End::Variable(of, _)
            | End::Local(of, _)
            | End::Output(of, _)
            | End::ModuleEntry(of)
            | End::ModuleEnd(of) => {
                module(&mut found, of, names);
            }
            End::Provider(of, name, alias) => provider(&mut found, of, name, alias, names),
            End::Nothing => {}
        }
    }
    found
}

fn provider(
    found: &mut Configuration,
    of: &str,
    name: &str,
    alias: Option<&str>,
    names: &mut Names,
) {
    let local = alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"));
    let key = if of.is_empty() {
        local
    } else {
        format!("{of}:{local}")
    };
    let provider = Provider {
        module: names.intern(of),
        references: [].into(),
        places: Vec::new(),
        is_bare: false,
    };
    found.providers.insert(names.intern(&key), provider);
}

fn module(found: &mut Configuration, address: &str, names: &mut Names) -> ConfigModuleId {
    let address = config_address(address);
    let mut at = 0;
    for (call, _) in module_steps(&address).unwrap_or_default() {
        let name = names.intern(call);
        at = if let Some(child) = found.modules[at].children.get(&name) {
            *child
        } else {
            let call = Call {
                words: Box::default(),
                name: name.clone(),
                source: names.intern(""),
                repetition: Repetition::None,
                inputs: BTreeMap::new(),
                each: BTreeMap::new(),
                depends_on: Vec::new(),
            };
            let child = found.modules.len();
            found.modules.push(ConfigModule {
                parent: Some(at),
                call: Some(call),
                ..ConfigModule::default()
            });
            found.modules[at].children.insert(name, child);
            child
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::configuration;
    use crate::input::dot::read_from;
    use crate::input::names::Names;

    #[test]
    fn blocks_are_found_in_their_modules() {
        let text = "digraph G {\n  \"module.a.module.b.aws_x.y\" [label=\"x\"];\n  \"aws_x.z\" [label=\"z\"];\n}\n";
        let dot = read_from(text.as_bytes(), "x").expect("a graph");
        let found = configuration(&dot, &mut Names::default());
        let module = found.module(["a", "b"]).expect("module.a.module.b");
        assert_eq!(found.modules[module].resources.len(), 1);
        assert_eq!(found.modules[0].resources.len(), 1);
    }
}
