//! Puts a [`Plan`] together from what a reader tells.

use super::action::Action;
use super::configuration;
use super::element::Element;
use super::hide::hide;
use super::secrets::Secrets;
use super::values::{RawChange, tag_of};
use super::{BlockId, Change, Deferred, ModuleId, Object, Plan, PlanEvents, ReadOptions};
use crate::input::json::parts::{Malformed, Parts, elements, fields, get, text_or_none, texts};
use crate::input::names::{Name, Names};
use foldhash::HashMap;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::collections::BTreeSet;

/// The keys by which anything is known to be a plan.
const PLAN_KEYS: [&str; 5] = [
    "planned_values",
    "resource_changes",
    "configuration",
    "output_changes",
    "resource_drift",
];

/// A plan in the making.
#[derive(Default)]
pub(super) struct Builder {
    options: ReadOptions,
    pub(super) names: Names,
    secrets: Secrets,
    pub(super) plan: Plan,
    keys: BTreeSet<String>,
    pub(super) modules: HashMap<Box<str>, ModuleId>,
    /// By address without the instance key.
    pub(super) blocks: HashMap<Box<str>, BlockId>,
    pub(super) objects: HashTable<u32>,
    pub(super) hasher: RandomState,
    dependency_lists: HashMap<Box<[u8]>, u32>,
    drift: Vec<(Box<str>, Vec<Name>)>,
    variables: Vec<u8>,
}

impl Builder {
    pub(super) fn new(options: &ReadOptions) -> Self {
        let mut builder = Self {
            options: options.clone(),
            ..Self::default()
        };
        builder.module("");
        builder
    }

    /// The top-level keys seen.
    pub(super) fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// Whether what was read is a plan.
    pub(super) fn is_plan(&self) -> bool {
        PLAN_KEYS.iter().any(|key| self.keys.contains(*key))
    }

    fn change(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        let element = Element::read(raw)?;
        let values = &element.change;
        let (action, importing) = (values.action, values.importing);
        self.plan.counts.add(action);
        self.plan.counts.import += usize::from(importing);
        self.plan.counts.moved += usize::from(element.previous_address.is_some());
        self.mark(values);
        let mut id = self.object(&element);
        if self.plan.objects[id].listed {
            // The same address twice: an edited file. Neither may hide the other.
            let Object {
                block,
                ref key,
                ref deposed,
                ..
            } = self.plan.objects[id];
            id = self.add(block, key.clone(), deposed.clone());
        }
        let tag = self
            .options
            .owner_tag
            .as_deref()
            .and_then(|tag| values.tag(tag))
            .map(|tag| self.names.intern(&tag));
        let compared = matches!(action, Action::Update | Action::Replace { .. });
        let change = Change {
            action,
            reason: element
                .reason
                .as_deref()
                .map(|reason| self.names.intern(reason)),
            previous_address: element
                .previous_address
                .as_deref()
                .map(|address| self.names.intern(address)),
            importing,
            forced_by: values.forced(&mut self.names),
            changed: if compared {
                values.changed(&mut self.names)
            } else {
                Vec::new()
            },
            drifted: Vec::new(),
        };
        let object = &mut self.plan.objects[id];
        object.tag = tag;
        object.listed = true;
        object.change = (change != Change::default()).then(|| Box::new(change));
        let block = object.block;
        if self.plan.blocks[block].provider.is_none() {
            self.plan.blocks[block].provider = element
                .provider
                .as_deref()
                .map(|provider| self.names.intern(provider));
        }
        Ok(())
    }

    fn mark(&mut self, values: &RawChange<'_>) {
        if let (Some(after), Some(marks)) = (values.after, values.after_sensitive) {
            self.secrets.add_marked(after, marks);
        }
        // Nothing changes: before is after.
        if values.action != Action::NoOp
            && let (Some(before), Some(marks)) = (values.before, values.before_sensitive)
        {
            self.secrets.add_marked(before, marks);
        }
    }

    fn drift(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        let element = Element::read(raw)?;
        self.mark(&element.change);
        let changed = element
            .change
            .changed(&mut self.names)
            .into_iter()
            .map(|changed| changed.attribute)
            .collect();
        self.drift.push((element.address.into(), changed));
        Ok(())
    }

    fn deferred(&mut self, raw: &[u8]) {
        let reason = get(raw, "reason")
            .and_then(text_or_none)
            .unwrap_or_default();
        let change = get(raw, "resource_change").unwrap_or_default();
        let address = get(change, "address")
            .and_then(text_or_none)
            .unwrap_or_default();
        let deferred = Deferred {
            address: self.names.intern(&address),
            reason: self.names.intern(&reason),
        };
        self.plan.deferred.push(deferred);
    }

    fn dependencies(&mut self, raw: &[u8]) -> u32 {
        if let Some(id) = self.dependency_lists.get(raw) {
            return *id;
        }
        let list: Vec<Name> = texts(raw).map(|text| self.names.intern(&text)).collect();
        let id = u32::try_from(self.plan.dependency_lists.len()).expect("fewer lists than objects");
        self.plan.dependency_lists.push(list);
        self.dependency_lists.insert(raw.into(), id);
        id
    }

    fn outputs(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (_, change) = field?;
            self.mark(&RawChange::read(&mut Parts::object(change))?);
        }
        Ok(())
    }

    fn checks(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for element in elements(raw) {
            let address = get(element?, "address").unwrap_or_default();
            if get(address, "kind").and_then(text_or_none).as_deref() == Some("check") {
                let module = get(address, "module")
                    .and_then(text_or_none)
                    .unwrap_or_default();
                let module = self.names.intern(&module);
                self.plan.check_modules.insert(module);
            }
        }
        Ok(())
    }

    /// The finished plan: secrets hidden, configuration found for every module instance.
    pub(super) fn finish(mut self) -> Plan {
        self.secrets.add_variables(&self.variables);
        self.find_drifted();
        self.expand();
        let mut mask = self.secrets.mask();
        if !mask.is_empty() {
            hide(&mut self.plan, &mut mask, &mut self.names);
        }
        self.plan
    }

    /// Drift comes before the changes: it is joined to them when all are known.
    fn find_drifted(&mut self) {
        let drift = std::mem::take(&mut self.drift);
        if drift.is_empty() {
            return;
        }
        let drift: HashMap<Box<str>, Vec<Name>> = drift.into_iter().collect();
        for id in 0..self.plan.objects.len() {
            if self.plan.objects[id].change.is_some()
                && self.plan.objects[id].deposed.is_none()
                && let Some(changed) = drift.get(&*self.plan.address(id))
                && let Some(change) = &mut self.plan.objects[id].change
            {
                change.drifted.clone_from(changed);
            }
        }
    }
}

impl PlanEvents for Builder {
    fn begin(&mut self, key: &str) {
        let again = !self.keys.insert(key.to_owned());
        if !again {
            return;
        }
        match key {
            "resource_changes" => {
                self.plan.counts = super::Counts::default();
                for object in &mut self.plan.objects {
                    object.listed = false;
                    object.change = None;
                }
            }
            "resource_drift" => self.drift.clear(),
            "deferred_changes" => self.plan.deferred.clear(),
            "prior_state" => self
                .plan
                .objects
                .iter_mut()
                .for_each(|object| object.prior = false),
            _ => {}
        }
    }

    fn whole(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        match key {
            "format_version" => {
                self.plan.format_version = text_or_none(raw).map(|text| self.names.intern(&text));
            }
            "terraform_version" => {
                self.plan.terraform_version =
                    text_or_none(raw).map(|text| self.names.intern(&text));
            }
            "complete" => self.plan.complete = bool_of(raw),
            "errored" => self.plan.errored = bool_of(raw),
            "variables" => self.variables = raw.to_vec(),
            "output_changes" => self.outputs(raw)?,
            "checks" => self.checks(raw)?,
            "configuration" => {
                self.plan.configuration =
                    configuration::read(raw, &mut self.names, &mut self.secrets)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        match key {
            "resource_changes" => self.change(raw)?,
            "resource_drift" => self.drift(raw)?,
            _ => self.deferred(raw),
        }
        Ok(())
    }

    fn planned(&mut self, anything: bool) {
        self.plan.leaves_nothing = !anything;
    }

    fn state_resource(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        let element = Element::read(raw)?;
        if let (Some(values), Some(marks)) = (element.values, element.sensitive_values) {
            self.secrets.add_marked(values, marks);
        }
        let dependencies = element.depends_on.map(|raw| self.dependencies(raw));
        let id = self.object(&element);
        let tag = self.options.owner_tag.as_deref();
        let tag = tag.and_then(|tag| {
            tag_of(
                element.values?,
                element.sensitive_values.unwrap_or_default(),
                tag,
            )
        });
        let tag = tag.map(|tag| self.names.intern(&tag));
        let object = &mut self.plan.objects[id];
        object.prior = true;
        object.dependencies = dependencies;
        if object.tag.is_none() {
            object.tag = tag;
        }
        Ok(())
    }

    fn state_outputs(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        for field in fields(raw) {
            let (_, output) = field?;
            if get(output, "sensitive") == Some(b"true")
                && let Some(value) = get(output, "value")
            {
                self.secrets.add_all(value);
            }
        }
        Ok(())
    }
}

fn bool_of(raw: &[u8]) -> Option<bool> {
    match raw {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}
