//! Joins the objects of a plan to its configuration.

use super::builder::Builder;
use super::configuration::ConfigModuleId;
use super::{ModuleId, ModuleInstance, call_address};
use crate::input::address::config_address;
use crate::input::names::Name;
use foldhash::HashMap;

impl Builder {
    /// Finds the configuration of every module instance, and adds what is configured but has no objects: a
    /// module of nothing but outputs still passes references on.
    pub(super) fn expand(&mut self) {
        let mut children: HashMap<(ModuleId, Name), Vec<ModuleId>> = HashMap::default();
        for (id, module) in self.plan.modules.iter().enumerate() {
            if let Some(parent) = module.parent {
                children
                    .entry((parent, Name::clone(&module.call)))
                    .or_default()
                    .push(id);
            }
        }
        let configuration = std::mem::take(&mut self.plan.configuration);
        let root = (!configuration.modules.is_empty()).then_some(0);
        let mut left: Vec<(ModuleId, Option<ConfigModuleId>)> = vec![(0, root)];
        while let Some((id, config)) = left.pop() {
            self.plan.modules[id].config = config;
            let Some(config) = config else { continue };
            let configured = &configuration.modules[config];
            let blocks = configured.resources.keys();
            self.plan.modules[id].configured = blocks
                .map(|(mode, kind, name)| self.block(id, *mode, kind, name))
                .collect();
            for (call, config) in &configured.children {
                match children.get(&(id, Name::clone(call))) {
                    Some(ids) => left.extend(ids.iter().map(|id| (*id, Some(*config)))),
                    None => left.push((self.placeholder(id, Name::clone(call)), Some(*config))),
                }
            }
        }
        self.plan.configuration = configuration;
        self.find_unconfigured();
    }

    fn find_unconfigured(&mut self) {
        let plan = &mut self.plan;
        let mut is_configured = vec![false; plan.blocks.len()];
        for id in plan.modules.iter().flat_map(|module| &module.configured) {
            is_configured[*id] = true;
        }
        let blocks = plan.blocks.iter().enumerate();
        for (id, block) in blocks.filter(|(id, _)| !is_configured[*id]) {
            if plan.modules[block.module].config.is_some() {
                plan.unconfigured.entry(block.module).or_default().push(id);
            }
        }
    }

    fn placeholder(&mut self, parent: ModuleId, call: Name) -> ModuleId {
        let address = call_address(&self.plan.modules[parent].address, &call);
        let config_address = self.names.intern(&config_address(&address));
        let address = self.names.intern(&address);
        self.plan.modules.push(ModuleInstance {
            parent: Some(parent),
            call,
            key: None,
            address,
            config_address,
            config: None,
            configured: Box::default(),
        });
        self.plan.modules.len() - 1
    }
}
