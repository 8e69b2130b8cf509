//! Takes in what a reader tells.

use super::attributes::Attributes;
use super::builder::Builder;
use super::called::called;
use super::element::Element;
use super::kept::identity_prints;
use super::references::REMOTE_STATE;
use super::state::Head;
use super::values::tag_of;
use super::{Configuration, PlanEvents, StatePlace};
use crate::catalog::attributes::hardly_changes;
use crate::input::address::Mode;
use crate::input::json::parts::{Malformed, fields, get, text_or_none};
use crate::input::time::seconds;

impl PlanEvents for Builder {
    fn begin(&mut self, key: &str, offset: u64) {
        let again = !self.keys.insert(key.to_owned());
        self.standing = matches!(key, "values" | "outputs");
        if key == "resource_changes" {
            self.expect_drift();
            self.book.expect(offset);
        }
        if !again {
            return;
        }
        self.settle_environments();
        match key {
            "resource_changes" => {
                self.plan.counts = super::Counts {
                    output: self.plan.counts.output,
                    ..super::Counts::default()
                };
                self.drifts.forget_changes();
                self.ids.clear();
                for object in &mut self.plan.objects {
                    object.listed = false;
                    object.change = None;
                }
            }
            "resource_drift" => self.drifts.forget(),
            "checks" | "condition_results" => self.checks.retain(|check| !check.is_of(key)),
            "deferred_changes" => self.plan.deferred.clear(),
            "output_changes" => {
                self.plan.outputs.clear();
                self.plan.counts.output = 0;
            }
            "configuration" => self.plan.configuration = Configuration::default(),
            "prior_state" => {
                self.plan.tainted.clear();
                let objects = self.plan.objects.iter_mut();
                objects.for_each(|object| object.prior = false);
            }
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
            "timestamp" => self.plan.made = text_or_none(raw).and_then(|text| seconds(&text)),
            "provider_config" => self.configuration().providers(raw)?,
            "version" | "lineage" | "serial" => self.about_state(key, raw),
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, key: &str, raw: &[u8]) -> Result<usize, Malformed> {
        match key {
            "resource_changes" => self.change(raw),
            "resource_drift" => self.drift(raw),
            "relevant_attributes" => self.relevant(raw),
            "checks" => self.check(raw),
            "condition_results" => self.condition(raw),
            _ => self.deferred(raw),
        }
    }

    fn planned(&mut self, anything: bool) {
        self.plan.leaves_nothing = !anything;
    }

    fn state_resource(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let (element, used) = Element::read(raw)?;
        if self.standing {
            self.stand(&element);
            return Ok(used);
        }
        let dependencies = element.depends_on.map(|raw| self.dependencies(raw));
        let id = self.object(&element);
        // The state of an object with a change is what the change has as `before`.
        if !self.plan.objects[id].listed
            && let (Some(values), Some(marks)) = (element.values, element.sensitive_values)
        {
            self.secrets.add_marked(values, marks);
        }
        self.label(id, &element);
        let block = &self.plan.blocks[self.plan.objects[id].block];
        if block.mode == Mode::Data {
            let values = element.values.unwrap_or_default();
            self.book.data(id, &block.kind, values);
            if hardly_changes(&block.kind) {
                let found = identity_prints(values, &self.hasher);
                self.plan.returned.insert(id, found);
            }
            if &*block.kind == REMOTE_STATE {
                let place = StatePlace::of_values(values, &mut self.names);
                self.plan.states_read.push((id, place));
            }
        }
        let tag = self.options.owner_tag.as_deref();
        let tag = tag.and_then(|tag| {
            let marks = element.sensitive_values.unwrap_or_default();
            // Of an object with a change the change tells, and what is marked there.
            let listed = self.plan.objects[id].listed;
            tag_of(element.values.filter(|_| !listed)?, &[marks], tag)
        });
        let tag = tag.map(|tag| self.names.intern(&tag));
        if !self.plan.objects[id].listed && element.mode == Mode::Managed {
            let (values, marks) = (element.values, element.sensitive_values);
            let attributes = Attributes::of(values.unwrap_or_default()).each;
            let called = called(&attributes, marks.unwrap_or_default(), &self.hasher);
            self.plan.objects[id].called = called;
        }
        if element.tainted {
            self.plan.tainted.insert(id);
        }
        let object = &mut self.plan.objects[id];
        object.prior = true;
        object.dependencies = dependencies;
        if object.tag.is_none() {
            object.tag = tag.map(Box::new);
        }
        Ok(used)
    }

    fn root_module(&mut self) {
        self.configuration().root_module();
    }

    fn root_field(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        self.configuration().root_field(key, raw)
    }

    fn root_call(&mut self, name: &str, raw: &[u8]) -> Result<(), Malformed> {
        self.configuration().root_call(name, raw)
    }

    fn state_outputs(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        if self.standing {
            self.outputs_that_stand(raw);
        }
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

    fn raw_instance(&mut self, head: &Head, raw: &[u8]) -> Result<usize, Malformed> {
        self.read_instance(head, raw)
    }
}

fn bool_of(raw: &[u8]) -> Option<bool> {
    match raw {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}
