//! Turns sources into the configuration model, the same that the plan's `configuration` becomes.

use super::block::{Argument, Block, Constant, Mention};
use super::{Module, Sources};
use crate::input::address::Mode;
use crate::input::names::{Name, Names};
use crate::input::plan::configuration::{
    Call, ConfigModule, Configuration, Entry, Output, Provider, Repetition, Resource,
};
use crate::input::plan::references::{Reference, single};
use std::sync::Arc;

/// Arguments of a block that are no part of its expressions.
const META: [&str; 6] = [
    "count",
    "for_each",
    "depends_on",
    "provider",
    "providers",
    "lifecycle.ignore_changes",
];
/// Arguments of a module call that are no inputs.
const CALL_META: [&str; 6] = [
    "source",
    "version",
    "count",
    "for_each",
    "depends_on",
    "providers",
];

/// The configuration that sources describe. A module whose sources are not there is one without blocks.
pub fn configuration(sources: &Sources, names: &mut Names) -> Configuration {
    let mut configuration = Configuration::default();
    for (id, module) in sources.modules.iter().enumerate() {
        let mut reader = Reader {
            names,
            sources,
            id,
            module,
        };
        let found = reader.module();
        reader.providers(&mut configuration);
        configuration.modules.push(found);
    }
    absent_calls(sources, names, &mut configuration);
    configuration
}

/// Calls whose modules are not there still wait and are waited for.
fn absent_calls(sources: &Sources, names: &mut Names, configuration: &mut Configuration) {
    for (id, module) in sources.modules.iter().enumerate() {
        for block in module.of("module") {
            let absent = block
                .labels
                .first()
                .filter(|label| !module.children.contains_key(*label));
            let Some(label) = absent else { continue };
            let mut reader = Reader {
                names: &mut *names,
                sources,
                id,
                module,
            };
            let call = Some(reader.call(block, label));
            let child = configuration.modules.len();
            configuration.modules.push(ConfigModule {
                parent: Some(id),
                call,
                ..ConfigModule::default()
            });
            let name = names.intern(label);
            configuration.modules[id].children.insert(name, child);
        }
    }
}

struct Reader<'a> {
    names: &'a mut Names,
    sources: &'a Sources,
    id: usize,
    module: &'a Module,
}

impl<'a> Reader<'a> {
    fn module(&mut self) -> ConfigModule {
        let module = self.module;
        let mut found = ConfigModule {
            parent: module.parent,
            call: self.own_call(),
            ..ConfigModule::default()
        };
        for (name, child) in &module.children {
            found.children.insert(self.names.intern(name), *child);
        }
        for block in &module.blocks {
            self.block(block, &mut found);
        }
        for block in module.of("import") {
            self.import(block, &mut found);
        }
        for block in module.of("removed") {
            if let Some(from) = names(block, "from") {
                found.removed.push(self.names.intern(from));
            }
        }
        for block in module.of("moved") {
            if let (Some(from), Some(to)) = (names(block, "from"), names(block, "to")) {
                found
                    .moved
                    .push([from, to].map(|name| self.names.intern(name)));
            }
        }
        found
    }

    fn block(&mut self, block: &'a Block, found: &mut ConfigModule) {
        match (&*block.keyword, block.labels.as_slice()) {
            ("resource" | "data" | "ephemeral", [kind, name]) => {
                let mode = match &*block.keyword {
                    "data" => Mode::Data,
                    "ephemeral" => Mode::Ephemeral,
                    _ => Mode::Managed,
                };
                let key = (mode, self.names.intern(kind), self.names.intern(name));
                let resource = Box::new(self.resource(block, kind));
                found.resources.insert(key, resource);
            }
            ("locals", _) => {
                for argument in &block.arguments {
                    let references = self.references(argument);
                    found
                        .locals
                        .entry(self.names.intern(&argument.name))
                        .or_default()
                        .extend(references);
                }
            }
            ("output", [name]) => {
                let output = Output {
                    references: self
                        .expressions(block, &["depends_on"])
                        .map(|(_, r)| r)
                        .collect(),
                    depends_on: self.entries(block),
                };
                found
                    .outputs
                    .insert(self.names.intern(name), Box::new(output));
            }
            ("variable", [name]) => {
                let references: Vec<_> = self
                    .expressions(block, &["type", "default"])
                    .map(|(_, r)| r)
                    .collect();
                found.variables.insert(self.names.intern(name), references);
            }
            _ => {}
        }
    }

    fn resource(&mut self, block: &'a Block, kind: &str) -> Resource {
        Resource {
            provider: self.provider_key(block, kind),
            repetition: self.repetition(block),
            references: self.expressions(block, &META).collect(),
            depends_on: self.entries(block),
            arguments: Some(self.arguments(block)),
            literals: Vec::new(),
            criteria: Vec::new(),
            written: Vec::new(),
            remote_state: None,
        }
    }

    /// The arguments that are set, meta-arguments left out.
    fn arguments(&mut self, block: &Block) -> Arc<[Name]> {
        let set = block.arguments.iter().map(|argument| &argument.name);
        let set = set.filter(|name| !META.contains(&name.as_str()) && !name.contains('.'));
        let mut set: Vec<_> = set.map(|name| self.names.intern(name)).collect();
        set.sort_unstable();
        set.dedup();
        set.into()
    }

    /// The ids of `import` blocks may refer to other objects.
    fn import(&mut self, block: &'a Block, found: &mut ConfigModule) {
        let Some(to) = names(block, "to") else {
            return;
        };
        let target =
            crate::input::address::Address::parse(to).filter(|address| address.module.is_empty());
        let Some(address) = target else { return };
        let key = (
            address.mode,
            self.names.intern(address.kind),
            self.names.intern(address.name),
        );
        let argument = self.names.intern("import");
        let references: Vec<_> = self
            .expressions(block, &["to", "provider"])
            .map(|(_, r)| (Name::clone(&argument), r))
            .collect();
        if let Some(resource) = found.resources.get_mut(&key) {
            resource.references = [&*resource.references, &references].concat().into();
        }
    }

    /// The call of this module, which stands in the sources of the module around it.
    fn own_call(&mut self) -> Option<Call> {
        let parent = &self.sources.modules[self.module.parent?];
        let name = self.module.path.last()?;
        let block = parent
            .of("module")
            .find(|block| block.labels.first() == Some(name))?;
        Some(self.call(block, name))
    }

    fn call(&mut self, block: &'a Block, name: &str) -> Call {
        let source = match block
            .argument("source")
            .and_then(|source| source.constant.as_ref())
        {
            Some(Constant::Text(text)) => self.names.intern(text),
            _ => self.names.intern(""),
        };
        let mut inputs = std::collections::BTreeMap::new();
        for argument in block
            .arguments
            .iter()
            .filter(|argument| !CALL_META.contains(&&*argument.name))
        {
            let references = self.references(argument);
            inputs.insert(self.names.intern(&argument.name), references);
        }
        Call {
            words: Box::default(),
            name: self.names.intern(name),
            source,
            repetition: self.repetition(block),
            inputs,
            each: std::collections::BTreeMap::new(),
            depends_on: self.entries(block),
        }
    }

    /// References of all arguments but some.
    fn expressions<'s>(
        &'s mut self,
        block: &'a Block,
        without: &'s [&str],
    ) -> impl Iterator<Item = (Name, Reference)> + use<'s, 'a> {
        let wanted = block
            .arguments
            .iter()
            .filter(move |argument| !without.contains(&&*argument.name));
        wanted.flat_map(move |argument| {
            let name = self.names.intern(&argument.name);
            let references = self.references(argument);
            references
                .into_iter()
                .map(move |reference| (Name::clone(&name), reference))
        })
    }

    fn references(&mut self, argument: &Argument) -> Vec<Reference> {
        let alone = self.is_alone(argument);
        let mentions = argument.references.iter();
        mentions
            .filter_map(|(mention, _)| self.reference(mention))
            .map(|reference| Reference { alone, ..reference })
            .collect()
    }

    /// Whether the value is a reference and nothing else. One that goes on behind an index made up on the way is not.
    fn is_alone(&self, argument: &Argument) -> bool {
        let (Some(Constant::Reference(_)), [(mention, span)]) =
            (&argument.constant, &*argument.references)
        else {
            return false;
        };
        let file = &self.sources.files[argument.file];
        file.text.get(span.clone()).map(str::trim) == Some(&*mention.text)
    }

    fn reference(&mut self, mention: &Mention) -> Option<Reference> {
        let reference = single(&mention.text, self.names)?;
        let same_key = mention.same_key && reference.attribute.is_none();
        let behind = mention.attribute.as_ref();
        let behind = behind.filter(|_| reference.ends_at_index());
        let behind = behind.map(|name| self.names.intern(name));
        Some(Reference {
            same_key,
            guarded: mention.guarded,
            attribute: reference.attribute.or(behind),
            ..reference
        })
    }

    fn repetition(&mut self, block: &'a Block) -> Repetition {
        if let Some(argument) = block.argument("count") {
            return Repetition::Count(self.references(argument));
        }
        match block.argument("for_each") {
            Some(argument) => Repetition::ForEach(self.references(argument)),
            None => Repetition::None,
        }
    }

    fn entries(&mut self, block: &'a Block) -> Vec<Entry> {
        let mentions = block.references("depends_on");
        let entry = |(mention, _): &(Mention, _)| Entry {
            reference: single(&mention.text, self.names),
            text: self.names.intern(&mention.text),
        };
        mentions.map(entry).collect()
    }

    /// Every provider configuration, under the key Terraform gives it.
    fn providers(&mut self, configuration: &mut Configuration) {
        for block in self.module.of("provider") {
            let Some(name) = block.labels.first() else {
                continue;
            };
            let alias = match block
                .argument("alias")
                .and_then(|alias| alias.constant.as_ref())
            {
                Some(Constant::Text(alias)) => Some(alias.as_str()),
                _ => None,
            };
            let key = self.key_in(self.id, name, alias);
            let references: Vec<_> = self
                .expressions(block, &["alias", "version"])
                .map(|(_, r)| r)
                .collect();
            let module = self.names.intern(&module_address(&self.module.path));
            configuration.providers.insert(
                key,
                Provider {
                    module,
                    references,
                    places: Vec::new(),
                    is_bare: block.arguments.is_empty(),
                },
            );
        }
    }

    /// Key of a provider configuration in a module: `aws.west`, `module.m:aws`.
    fn key_in(&mut self, id: usize, name: &str, alias: Option<&str>) -> Name {
        let local = alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"));
        let path = module_address(&self.sources.modules[id].path);
        let key = if path.is_empty() {
            local
        } else {
            format!("{path}:{local}")
        };
        self.names.intern(&key)
    }

    /// The provider configuration a resource uses: of its own module, or inherited from those around it. Maps of
    /// `providers` are not followed: the plan knows their effect.
    fn provider_key(&mut self, block: &Block, kind: &str) -> Name {
        let meta = block
            .argument("provider")
            .map(|argument| &argument.constant);
        let (name, alias) = match meta {
            Some(Some(Constant::Reference(text))) => match text.split_once('.') {
                Some((name, alias)) => (name.to_owned(), Some(alias.to_owned())),
                None => (text.clone(), None),
            },
            _ => (kind.split('_').next().unwrap_or(kind).to_owned(), None),
        };
        let mut at = Some(self.id);
        while let Some(id) = at {
            let module = &self.sources.modules[id];
            if module
                .of("provider")
                .any(|block| block.labels.first() == Some(&name))
            {
                return self.key_in(id, &name, alias.as_deref());
            }
            at = module.parent;
        }
        self.key_in(0, &name, alias.as_deref())
    }
}

fn module_address(path: &[String]) -> String {
    path.iter()
        .map(|name| format!("module.{name}"))
        .collect::<Vec<_>>()
        .join(".")
}

/// The address that an argument names.
fn names<'b>(block: &'b Block, argument: &str) -> Option<&'b str> {
    match block.argument(argument)?.constant.as_ref()? {
        Constant::Reference(address) => Some(address),
        _ => None,
    }
}
