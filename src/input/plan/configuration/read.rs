//! Reads the `configuration` of a plan document.

use super::{
    Call, ConfigModule, ConfigModuleId, Configuration, Entry, Output, Provider, Repetition,
    Resource, ResourceKey, each,
};
use crate::input::address::Mode;
use crate::input::json::parts::{Malformed, elements, fields, get, members, text_or_none, texts};
use crate::input::names::{Lists, Name, Names};
use crate::input::plan::StatePlace;
use crate::input::plan::home::places;
use crate::input::plan::kept::identity_prints;
use crate::input::plan::mention::{Book, criteria};
use crate::input::plan::references::{REMOTE_STATE, Reference, heads, single};
use crate::input::plan::secrets::Secrets;
use foldhash::fast::RandomState;
use std::collections::BTreeMap;

/// Reads a configuration piece by piece. Sensitive constants it holds go to the secrets.
pub(in crate::input::plan) struct Reader<'a> {
    pub(in crate::input::plan) names: &'a mut Names,
    pub(in crate::input::plan) secrets: &'a mut Secrets,
    pub(in crate::input::plan) configuration: &'a mut Configuration,
    pub(in crate::input::plan) hasher: &'a RandomState,
    pub(in crate::input::plan) book: &'a mut Book,
    pub(in crate::input::plan) lists: &'a mut Lists<Name>,
    pub(in crate::input::plan) references: &'a mut Lists<(Name, Reference)>,
    /// The raw `variables` of the plan.
    pub(in crate::input::plan) variables: &'a [u8],
}

impl Reader<'_> {
    /// The root module begins.
    pub(in crate::input::plan) fn root_module(&mut self) {
        self.configuration.modules = vec![ConfigModule::default()];
    }

    /// A member of the root module.
    pub(in crate::input::plan) fn root_field(
        &mut self,
        key: &str,
        raw: &[u8],
    ) -> Result<(), Malformed> {
        self.module_field(0, key, raw)
    }

    /// A module call of the root module.
    pub(in crate::input::plan) fn root_call(
        &mut self,
        name: &str,
        raw: &[u8],
    ) -> Result<(), Malformed> {
        self.child(0, name, raw)
    }

    /// The raw `provider_config`.
    pub(in crate::input::plan) fn providers(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (key, value) = field?;
            let module = get(value, "module_address")
                .and_then(text_or_none)
                .unwrap_or_default();
            let expressions = get(value, "expressions");
            let references = self.all_references(expressions.unwrap_or_default())?;
            let provider = Provider {
                module: self.names.intern(&module),
                references,
                places: places(expressions.unwrap_or_default(), self.variables, self.names),
                is_bare: expressions.is_none(),
            };
            let key = self.names.intern(&key);
            self.configuration.providers.insert(key, provider);
        }
        Ok(())
    }

    fn module(&mut self, raw: &[u8], module: ConfigModule) -> Result<ConfigModuleId, Malformed> {
        let id = self.configuration.modules.len();
        self.configuration.modules.push(module);
        for field in fields(raw) {
            let (key, value) = field?;
            self.module_field(id, &key, value)?;
        }
        Ok(id)
    }

    fn module_field(&mut self, id: ConfigModuleId, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        match key {
            "resources" => self.resources(id, raw),
            "outputs" => self.outputs(id, raw),
            "variables" => self.variables(id, raw),
            "module_calls" => {
                for field in fields(raw) {
                    let (name, value) = field?;
                    self.child(id, &name, value)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn resources(&mut self, id: ConfigModuleId, raw: &[u8]) -> Result<(), Malformed> {
        let mut found = Vec::new();
        for element in elements(raw) {
            let (key, resource) = self.resource(element?)?;
            found.extend(key.map(|key| (key, Box::new(resource))));
        }
        // At once: one by one they would be packed half as tight.
        let resources = &mut self.configuration.modules[id].resources;
        resources.append(&mut found.into_iter().collect());
        Ok(())
    }

    fn resource(&mut self, raw: &[u8]) -> Result<(Option<ResourceKey>, Resource), Malformed> {
        let (mut mode, mut kind, mut name) = (Mode::Managed, None, None);
        let mut block = Block::default();
        let mut provider = self.names.intern("");
        let mut expressions = None;
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
                "expressions" => {
                    expressions = Some(value);
                    self.expressions(value, &mut block)?;
                }
                _ => self.block_field(&key, value, &mut block)?,
            }
        }
        let Block {
            repetition,
            mut references,
            depends_on,
            mut arguments,
            mut literals,
            of_each,
        } = block;
        references.extend(each::references(&repetition, of_each));
        literals.shrink_to_fit();
        arguments.sort_unstable();
        let arguments = Some(self.lists.share(arguments));
        let data = expressions.filter(|_| mode == Mode::Data);
        let data = data.zip(kind.as_deref());
        let remote = data.filter(|(_, kind)| *kind == REMOTE_STATE);
        let remote = remote.map(|(raw, _)| Box::new(StatePlace::of_expressions(raw, self.names)));
        let criteria = data.map(|(raw, kind)| criteria(kind, raw, self.hasher, self.names));
        let managed = expressions.filter(|_| mode == Mode::Managed);
        let written = managed.map(|raw| self.book.written(raw, self.names));
        let written = written.unwrap_or_default();
        let key = kind.zip(name).map(|(kind, name)| (mode, kind, name));
        Ok((
            key,
            Resource {
                provider,
                repetition,
                references: self.references.share(references),
                depends_on,
                arguments,
                literals,
                criteria: criteria.unwrap_or_default(),
                written,
                remote_state: remote,
            },
        ))
    }

    fn expressions(&mut self, raw: &[u8], block: &mut Block) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (argument, value) = field?;
            let mut found = Found::default();
            self.references(value, &mut found)?;
            let argument = self.names.intern(&argument);
            block.arguments.push(Name::clone(&argument));
            let prints = found.literals.into_iter();
            let prints = prints.map(|print| (Name::clone(&argument), print));
            block.literals.extend(prints);
            let of_each = found.of_each.into_iter();
            let of_each = of_each.map(|attribute| (Name::clone(&argument), attribute));
            block.of_each.extend(of_each);
            let found = found.references.into_iter();
            let found = found.map(|reference| (Name::clone(&argument), reference));
            block.references.extend(found);
        }
        Ok(())
    }

    fn provisioners(&mut self, raw: &[u8], block: &mut Block) -> Result<(), Malformed> {
        let mut found = Found::default();
        for element in elements(raw) {
            self.references(element?, &mut found)?;
        }
        let argument = self.names.intern("provisioner");
        block.references.extend(
            found
                .references
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
        let entries = texts(raw).map(|text| Entry {
            reference: single(&text, self.names),
            text: self.names.intern(&text),
        });
        let mut entries: Vec<_> = entries.collect();
        entries.shrink_to_fit();
        entries
    }

    fn outputs(&mut self, id: ConfigModuleId, raw: &[u8]) -> Result<(), Malformed> {
        let mut found = Vec::new();
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
            found.push((self.names.intern(&name), Box::new(output)));
        }
        let outputs = &mut self.configuration.modules[id].outputs;
        outputs.append(&mut found.into_iter().collect());
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

    fn child(&mut self, id: ConfigModuleId, name: &str, raw: &[u8]) -> Result<(), Malformed> {
        let name = self.names.intern(name);
        let (call, module) = self.call(Name::clone(&name), raw)?;
        let child = ConfigModule {
            parent: Some(id),
            call: Some(call),
            ..ConfigModule::default()
        };
        let child = self.module(module, child)?;
        self.configuration.modules[id].children.insert(name, child);
        Ok(())
    }

    /// A module call, and the raw module it calls.
    fn call<'r>(&mut self, name: Name, raw: &'r [u8]) -> Result<(Call, &'r [u8]), Malformed> {
        let mut block = Block::default();
        let (mut expressions, mut module): (&[u8], &[u8]) = (b"{}", b"{}");
        let mut source = self.names.intern("");
        for field in fields(raw) {
            let (key, value) = field?;
            match &*key {
                "source" => source = self.names.intern(&text_or_none(value).unwrap_or_default()),
                "expressions" => expressions = value,
                "module" => module = value,
                _ => self.block_field(&key, value, &mut block)?,
            }
        }
        let inputs = self.inputs(expressions, module)?;
        let call = Call {
            name,
            source,
            repetition: block.repetition,
            inputs,
            each: each::inputs(expressions, self.names)?,
            words: super::written::words(expressions, self.hasher, self.names)?,
            depends_on: block.depends_on,
        };
        Ok((call, module))
    }

    fn inputs(
        &mut self,
        raw: &[u8],
        module: &[u8],
    ) -> Result<BTreeMap<Name, Vec<Reference>>, Malformed> {
        let mut variables = None;
        let mut inputs = Vec::new();
        for field in fields(raw) {
            let (name, value) = field?;
            let constant = get(value, "constant_value");
            if let Some(constant) = constant
                && let variables = *variables.get_or_insert_with(|| variables_of(module))
                && get(variables, &name).and_then(|variable| get(variable, "sensitive"))
                    == Some(b"true")
            {
                self.secrets.add_all(constant);
            }
            let references = self.all_references(value)?;
            inputs.push((self.names.intern(&name), references));
        }
        Ok(inputs.into_iter().collect())
    }

    fn all_references(&mut self, raw: &[u8]) -> Result<Vec<Reference>, Malformed> {
        let mut found = Found::default();
        self.references(raw, &mut found)?;
        found.references.shrink_to_fit();
        Ok(found.references)
    }

    /// Collects references and literal texts of an expression, or of nested blocks of them.
    fn references(&mut self, raw: &[u8], found: &mut Found) -> Result<(), Malformed> {
        match raw.first() {
            Some(b'[') => {
                for element in elements(raw) {
                    self.references(element?, found)?;
                }
            }
            Some(b'{') => self.expression(raw, found)?,
            _ => {}
        }
        Ok(())
    }

    fn expression(&mut self, raw: &[u8], found: &mut Found) -> Result<(), Malformed> {
        for member in members(raw) {
            let (key, value) = member?;
            match &*key {
                b"references" if value.first() == Some(&b'[') => {
                    let mut only_texts = true;
                    let entries = elements(value).map_while(|entry| {
                        let entry = entry.ok()?;
                        only_texts &= entry.first() == Some(&b'"');
                        only_texts.then_some(entry)
                    });
                    let mut of_each = Vec::new();
                    let entries = entries.filter_map(text_or_none).inspect(|entry| {
                        of_each.extend(each::attribute(entry).map(str::to_owned));
                    });
                    let before = found.references.len();
                    heads(entries, self.names, &mut found.references);
                    let of_each = of_each.iter().map(|attribute| self.names.intern(attribute));
                    found.of_each.extend(of_each);
                    if !only_texts {
                        // A block may have an argument of this name: no list of texts then.
                        found.references.truncate(before);
                        self.references(value, found)?;
                    }
                }
                b"constant_value" => {
                    let prints = identity_prints(value, self.hasher);
                    found.literals.extend(prints);
                }
                _ => self.references(value, found)?,
            }
        }
        Ok(())
    }
}

/// What is found in an expression.
#[derive(Default)]
struct Found {
    references: Vec<Reference>,
    /// Prints of literal texts.
    literals: Vec<u64>,
    /// Attributes of `each.value`.
    of_each: Vec<Name>,
}

/// The raw variables of a module; passing over the rest of it is worth a constant alone.
fn variables_of(module: &[u8]) -> &[u8] {
    get(module, "variables").unwrap_or(b"{}")
}

#[derive(Default)]
struct Block {
    repetition: Repetition,
    references: Vec<(Name, Reference)>,
    depends_on: Vec<Entry>,
    arguments: Vec<Name>,
    literals: Vec<(Name, u64)>,
    /// Arguments that are made of an attribute of `each.value`, with the attribute.
    of_each: Vec<(Name, Name)>,
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
    use super::{Configuration, Malformed, Reader, fields};
    use crate::input::address::Mode;
    use crate::input::names::Lists;
    use crate::input::names::Names;
    use crate::input::plan::mention::Book;
    use crate::input::plan::secrets::Secrets;
    use foldhash::fast::RandomState;

    fn read(text: &str) -> Result<Configuration, Malformed> {
        let mut configuration = Configuration::default();
        let hasher = RandomState::default();
        let mut reader = Reader {
            book: &mut Book::new(hasher.clone()),
            hasher: &hasher,
            lists: &mut Lists::default(),
            references: &mut Lists::default(),
            variables: b"{}",
            names: &mut Names::default(),
            secrets: &mut Secrets::default(),
            configuration: &mut configuration,
        };
        reader.root_module();
        for field in fields(text.as_bytes()) {
            let (key, raw) = field?;
            reader.root_field(&key, raw)?;
        }
        Ok(configuration)
    }

    fn configuration(text: &str) -> Configuration {
        read(text).expect("readable")
    }

    #[test]
    fn references_are_found_in_nested_blocks_but_not_in_constants() {
        let text = r#"{"resources":[{"mode":"managed","type":"x_y","name":"a","expressions":{
            "plain":{"references":["var.one"]},
            "rule":[{"cidr":{"references":["var.two"]},"inner":[{"v":{"references":["var.three"]}}]}],
            "cfg":{"a":{"constant_value":{"references":["var.no"]}}},
            "both":{"constant_value":"${var.four}","references":["var.four"]}}}]}"#;
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
    fn a_reference_that_cannot_be_decoded_takes_no_other_with_it() {
        let text = r#"{"resources":[{"mode":"managed","type":"x_y","name":"a","expressions":{
            "plain":{"references":["x_y.b.id","x_y.b","x_y.c\ud800"]}}}]}"#;
        let configuration = configuration(text);
        let mut resources = configuration.modules[0].resources.values();
        assert_eq!(resources.next().expect("one").references.len(), 1);
    }

    #[test]
    fn modules_are_flattened_and_found_by_their_calls() {
        let text = r#"{"module_calls":{"a":{"source":"./a","count_expression":{"constant_value":2},
            "module":{"module_calls":{"b":{"source":"./b","depends_on":["module.c"],"module":{
                "resources":[{"mode":"data","type":"t","name":"n"}]}}}}}}}"#;
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
        assert_eq!(configuration(r#"{"module_calls":[]}"#).modules.len(), 1);
    }

    #[test]
    fn nesting_beyond_reason_is_refused() {
        let text = format!(
            "{}{}",
            r#"{"module_calls":{"m":{"module":"#.repeat(600),
            "{}".to_owned() + &"}}}".repeat(600)
        );
        let wrong = read(&text).expect_err("refused");
        assert_eq!(wrong.what, "values nested too deep");
    }
}
