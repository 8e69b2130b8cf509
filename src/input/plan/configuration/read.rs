//! Reads the `configuration` of a plan document.

use super::{
    Call, ConfigModule, ConfigModuleId, Configuration, Entry, Output, Provider, Repetition,
    Resource, ResourceKey,
};
use crate::input::address::Mode;
use crate::input::json::parts::{Malformed, elements, fields, get, text_or_none, texts};
use crate::input::names::{Name, Names};
use crate::input::plan::references::{Reference, heads, single};
use crate::input::plan::secrets::Secrets;
use std::collections::BTreeMap;

/// Deeper nesting of modules or blocks than anybody writes is refused rather than followed.
const DEEPEST: usize = 500;

/// Reads the raw `configuration` value. Sensitive constants it holds go to `secrets`.
pub(in crate::input::plan) fn read(
    raw: &[u8],
    names: &mut Names,
    secrets: &mut Secrets,
) -> Result<Configuration, Malformed> {
    let mut reader = Reader {
        names,
        secrets,
        configuration: Configuration::default(),
    };
    for field in fields(raw) {
        match field? {
            (key, value) if key == "root_module" => {
                reader.configuration.modules.clear();
                reader.module(value, ConfigModule::default(), 0)?;
            }
            (key, value) if key == "provider_config" => reader.providers(value)?,
            _ => {}
        }
    }
    Ok(reader.configuration)
}

struct Reader<'a> {
    names: &'a mut Names,
    secrets: &'a mut Secrets,
    configuration: Configuration,
}

impl Reader<'_> {
    fn providers(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (key, value) = field?;
            let module = get(value, "module_address")
                .and_then(text_or_none)
                .unwrap_or_default();
            let mut references = Vec::new();
            if let Some(expressions) = get(value, "expressions") {
                self.references(expressions, &mut references, 0)?;
            }
            let provider = Provider {
                module: self.names.intern(&module),
                references,
            };
            let key = self.names.intern(&key);
            self.configuration.providers.insert(key, provider);
        }
        Ok(())
    }

    fn module(
        &mut self,
        raw: &[u8],
        module: ConfigModule,
        depth: usize,
    ) -> Result<ConfigModuleId, Malformed> {
        if depth > DEEPEST {
            return Err(Malformed::new(raw, "modules nested too deep"));
        }
        let id = self.configuration.modules.len();
        self.configuration.modules.push(module);
        for field in fields(raw) {
            let (key, value) = field?;
            match &*key {
                "resources" => self.resources(id, value)?,
                "outputs" => self.outputs(id, value)?,
                "variables" => self.variables(id, value)?,
                "module_calls" => self.calls(id, value, depth)?,
                _ => {}
            }
        }
        Ok(id)
    }

    fn resources(&mut self, id: ConfigModuleId, raw: &[u8]) -> Result<(), Malformed> {
        for element in elements(raw) {
            let (key, resource) = self.resource(element?)?;
            if let Some(key) = key {
                self.configuration.modules[id]
                    .resources
                    .insert(key, resource);
            }
        }
        Ok(())
    }

    fn resource(&mut self, raw: &[u8]) -> Result<(Option<ResourceKey>, Resource), Malformed> {
        let (mut mode, mut kind, mut name) = (Mode::Managed, None, None);
        let mut block = Block::default();
        let mut provider = self.names.intern("");
        for field in fields(raw) {
            let (key, value) = field?;
            match &*key {
                "mode" => mode = mode_of(value),
                "type" => kind = text_or_none(value).map(|text| self.names.intern(&text)),
                "name" => name = text_or_none(value).map(|text| self.names.intern(&text)),
                "provider_config_key" => {
                    provider = self.names.intern(&text_or_none(value).unwrap_or_default());
                }
                "provisioners" => self.provisioners(value, &mut block)?,
                "expressions" => self.expressions(value, &mut block)?,
                _ => self.block_field(&key, value, &mut block)?,
            }
        }
        let Block {
            repetition,
            references,
            depends_on,
        } = block;
        let key = kind.zip(name).map(|(kind, name)| (mode, kind, name));
        Ok((
            key,
            Resource {
                provider,
                repetition,
                references,
                depends_on,
            },
        ))
    }

    fn expressions(&mut self, raw: &[u8], block: &mut Block) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (argument, value) = field?;
            let mut found = Vec::new();
            self.references(value, &mut found, 0)?;
            if !found.is_empty() {
                let argument = self.names.intern(&argument);
                block.references.extend(
                    found
                        .into_iter()
                        .map(|reference| (Name::clone(&argument), reference)),
                );
            }
        }
        Ok(())
    }

    fn provisioners(&mut self, raw: &[u8], block: &mut Block) -> Result<(), Malformed> {
        let mut found = Vec::new();
        for element in elements(raw) {
            self.references(element?, &mut found, 0)?;
        }
        let argument = self.names.intern("provisioner");
        block.references.extend(
            found
                .into_iter()
                .map(|reference| (Name::clone(&argument), reference)),
        );
        Ok(())
    }

    /// What resources and module calls have in common.
    fn block_field(&mut self, key: &str, raw: &[u8], block: &mut Block) -> Result<(), Malformed> {
        match key {
            "count_expression" => block.repetition = Repetition::Count(self.all_references(raw)?),
            "for_each_expression" => {
                block.repetition = Repetition::ForEach(self.all_references(raw)?);
            }
            "depends_on" => block.depends_on = self.entries(raw),
            _ => {}
        }
        Ok(())
    }

    fn entries(&mut self, raw: &[u8]) -> Vec<Entry> {
        texts(raw)
            .map(|text| Entry {
                reference: single(&text, self.names),
                text: self.names.intern(&text),
            })
            .collect()
    }

    fn outputs(&mut self, id: ConfigModuleId, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (name, value) = field?;
            let mut output = Output::default();
            for field in fields(value) {
                match field? {
                    (key, value) if key == "expression" => {
                        output.references = self.all_references(value)?;
                    }
                    (key, value) if key == "depends_on" => output.depends_on = self.entries(value),
                    _ => {}
                }
            }
            let name = self.names.intern(&name);
            self.configuration.modules[id].outputs.insert(name, output);
        }
        Ok(())
    }

    /// Variables matter for their secrets alone: what flows into them stands in the calls.
    fn variables(&mut self, id: ConfigModuleId, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (name, value) = field?;
            if get(value, "sensitive") != Some(b"true") {
                continue;
            }
            if let Some(default) = get(value, "default") {
                self.secrets.add_all(default);
            }
            if id == 0 {
                self.secrets.add_variable(&name);
            }
        }
        Ok(())
    }

    fn calls(&mut self, id: ConfigModuleId, raw: &[u8], depth: usize) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (name, value) = field?;
            let name = self.names.intern(&name);
            let call = self.call(Name::clone(&name), value)?;
            let child = ConfigModule {
                parent: Some(id),
                call: Some(call),
                ..ConfigModule::default()
            };
            let child = self.module(get(value, "module").unwrap_or(b"{}"), child, depth + 1)?;
            self.configuration.modules[id].children.insert(name, child);
        }
        Ok(())
    }

    fn call(&mut self, name: Name, raw: &[u8]) -> Result<Call, Malformed> {
        let mut block = Block::default();
        let mut inputs = BTreeMap::new();
        let mut source = self.names.intern("");
        for field in fields(raw) {
            let (key, value) = field?;
            match &*key {
                "source" => source = self.names.intern(&text_or_none(value).unwrap_or_default()),
                "expressions" => {
                    inputs = self.inputs(value, get(raw, "module").unwrap_or(b"{}"))?;
                }
                _ => self.block_field(&key, value, &mut block)?,
            }
        }
        Ok(Call {
            name,
            source,
            repetition: block.repetition,
            inputs,
            depends_on: block.depends_on,
        })
    }

    fn inputs(
        &mut self,
        raw: &[u8],
        module: &[u8],
    ) -> Result<BTreeMap<Name, Vec<Reference>>, Malformed> {
        let variables = get(module, "variables").unwrap_or(b"{}");
        let mut inputs = BTreeMap::new();
        for field in fields(raw) {
            let (name, value) = field?;
            let constant = get(value, "constant_value");
            if let Some(constant) = constant
                && get(variables, &name).and_then(|variable| get(variable, "sensitive"))
                    == Some(b"true")
            {
                self.secrets.add_all(constant);
            }
            let references = self.all_references(value)?;
            inputs.insert(self.names.intern(&name), references);
        }
        Ok(inputs)
    }

    fn all_references(&mut self, raw: &[u8]) -> Result<Vec<Reference>, Malformed> {
        let mut found = Vec::new();
        self.references(raw, &mut found, 0)?;
        Ok(found)
    }

    /// Collects references from an expression, or from nested blocks of them.
    fn references(
        &mut self,
        raw: &[u8],
        found: &mut Vec<Reference>,
        depth: usize,
    ) -> Result<(), Malformed> {
        if depth > DEEPEST {
            return Err(Malformed::new(raw, "blocks nested too deep"));
        }
        match raw.first() {
            Some(b'[') => {
                for element in elements(raw) {
                    self.references(element?, found, depth + 1)?;
                }
            }
            Some(b'{') => self.expression(raw, found, depth)?,
            _ => {}
        }
        Ok(())
    }

    fn expression(
        &mut self,
        raw: &[u8],
        found: &mut Vec<Reference>,
        depth: usize,
    ) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (key, value) = field?;
            match &*key {
                // A block may have an argument of this name: its value is an object then, not a list of texts.
                "references"
                    if value.first() == Some(&b'[')
                        && elements(value).flatten().all(|e| e[0] == b'"') =>
                {
                    found.extend(heads(texts(value), self.names));
                }
                "constant_value" => {}
                _ => self.references(value, found, depth + 1)?,
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Block {
    repetition: Repetition,
    references: Vec<(Name, Reference)>,
    depends_on: Vec<Entry>,
}

/// The mode of a raw `mode` value.
pub(in crate::input::plan) fn mode_of(raw: &[u8]) -> Mode {
    match raw {
        b"\"data\"" => Mode::Data,
        b"\"ephemeral\"" => Mode::Ephemeral,
        _ => Mode::Managed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Configuration, read};
    use crate::input::address::Mode;
    use crate::input::names::Names;
    use crate::input::plan::secrets::Secrets;

    fn configuration(text: &str) -> Configuration {
        read(
            text.as_bytes(),
            &mut Names::default(),
            &mut Secrets::default(),
        )
        .expect("readable")
    }

    #[test]
    fn references_are_found_in_nested_blocks_but_not_in_constants() {
        let text = r#"{"root_module":{"resources":[{"mode":"managed","type":"x_y","name":"a","expressions":{
            "plain":{"references":["var.one"]},
            "rule":[{"cidr":{"references":["var.two"]},"inner":[{"v":{"references":["var.three"]}}]}],
            "cfg":{"a":{"constant_value":{"references":["var.no"]}}},
            "both":{"constant_value":"${var.four}","references":["var.four"]}}}]}}"#;
        let configuration = configuration(text);
        let resource = configuration.modules[0]
            .resources
            .values()
            .next()
            .expect("one");
        let shown: Vec<_> = resource
            .references
            .iter()
            .map(|(argument, r)| format!("{argument} {:?}", r.target))
            .collect();
        assert_eq!(shown.len(), 4, "{shown:?}");
        assert!(shown.iter().all(|s| !s.contains("no")), "{shown:?}");
    }

    #[test]
    fn modules_are_flattened_and_found_by_their_calls() {
        let text = r#"{"root_module":{"module_calls":{"a":{"source":"./a","count_expression":{"constant_value":2},
            "module":{"module_calls":{"b":{"source":"./b","depends_on":["module.c"],"module":{
                "resources":[{"mode":"data","type":"t","name":"n"}]}}}}}}}}"#;
        let configuration = configuration(text);
        let id = configuration.module(["a", "b"]).expect("module.a.module.b");
        assert_eq!(configuration.module_address(id), "module.a.module.b");
        assert_eq!(
            configuration.modules[id]
                .resources
                .keys()
                .next()
                .expect("one")
                .0,
            Mode::Data
        );
        assert_eq!(
            &*configuration.modules[id]
                .call
                .as_ref()
                .expect("called")
                .depends_on[0]
                .text,
            "module.c"
        );
        assert_eq!(configuration.module(["b"]), None);
    }

    #[test]
    fn module_calls_written_as_a_list_are_passed_over() {
        assert_eq!(
            configuration(r#"{"root_module":{"module_calls":[]}}"#)
                .modules
                .len(),
            1
        );
    }

    #[test]
    fn nesting_beyond_reason_is_refused() {
        let text = format!(
            "{{\"root_module\":{}{}}}",
            r#"{"module_calls":{"m":{"module":"#.repeat(600),
            "{}".to_owned() + &"}}}".repeat(600)
        );
        let wrong = read(
            text.as_bytes(),
            &mut Names::default(),
            &mut Secrets::default(),
        )
        .expect_err("refused");
        assert_eq!(wrong.what, "modules nested too deep");
    }
}
