//! A state beside the plans: what another stack has. Of its objects is kept what they are called, of its outputs the
//! names, and of values nothing.

use super::attributes::Attributes;
use super::builder::Builder;
use super::element::Element;
use super::home::Home;
use super::references::REMOTE_STATE;
use super::shape::Reshaped;
use super::{Action, Name, OutputChange, StatePlace};
use crate::input::address::{Mode, quoted};
use crate::input::json::parts::{
    Malformed, Parts, elements, get, members, text_or_none, value_len,
};
use crate::input::names::Names;
use std::collections::BTreeMap;

/// What a state says of itself.
#[derive(Debug, Default)]
pub struct State {
    /// The version of the raw format, `4` since Terraform 0.12; nothing in what `terraform show -json` prints.
    pub version: Option<Name>,
    /// What all versions of one state have in common; only raw states say it.
    pub lineage: Option<Name>,
    /// Which version of the state it is.
    pub serial: u64,
    /// By provider, where its objects are; nothing where they do not agree.
    places: BTreeMap<Name, BTreeMap<&'static str, Option<Name>>>,
}

impl State {
    /// Where all objects of a provider are, as far as they say it and agree.
    pub fn places(&self, provider: &str) -> impl Iterator<Item = (&'static str, &Name)> {
        let known = self.places.get(provider).into_iter().flatten();
        known.filter_map(|(place, value)| Some((*place, value.as_ref()?)))
    }

    fn settle(&mut self, provider: &Name, home: Home) {
        let known = self.places.entry(Name::clone(provider)).or_default();
        for (place, value) in home.0 {
            let agreed = known.entry(place).or_insert_with(|| Some(value.clone()));
            if agreed.as_ref() != Some(&value) {
                *agreed = None;
            }
        }
    }
}

/// What the instances of a block of a raw state have in common.
#[derive(Debug, Default)]
pub(crate) struct Head {
    module: String,
    mode: Mode,
    kind: String,
    name: String,
    provider: Vec<u8>,
}

impl Head {
    /// Takes in a member of the block.
    pub(super) fn set(&mut self, key: &str, raw: &[u8]) {
        let text = || text_or_none(raw).unwrap_or_default().into_owned();
        match key {
            "module" => self.module = text(),
            "mode" => self.mode = super::configuration::mode_of(raw),
            "type" => self.kind = text(),
            "name" => self.name = text(),
            "provider" => self.provider = raw.to_vec(),
            _ => {}
        }
    }

    /// Whether it is known which block this is. Terraform writes the module before all else.
    pub(super) fn is_known(&self) -> bool {
        !self.kind.is_empty() && !self.name.is_empty()
    }

    /// The address of an instance of a raw key.
    fn address(&self, index: Option<&[u8]>) -> String {
        let name = super::block_name(self.mode, &self.kind, &self.name);
        let mut address = super::join(&self.module, &name);
        match index.map(|raw| (raw, text_or_none(raw))) {
            Some((_, Some(key))) => address.extend(["[", &quoted(&key), "]"]),
            Some((raw, None)) => address.extend(["[", &String::from_utf8_lossy(raw), "]"]),
            None => {}
        }
        address
    }
}

/// The raw parts of an instance in a raw state.
#[derive(Default)]
struct Instance<'a> {
    index: Option<&'a [u8]>,
    deposed: Option<&'a [u8]>,
    attributes: &'a [u8],
    sensitive: &'a [u8],
}

impl<'a> Instance<'a> {
    /// Reads the instance that `raw` begins with; returns its length as well.
    fn read(raw: &'a [u8]) -> Result<(Self, usize), Malformed> {
        let (mut instance, mut parts) = (Self::default(), Parts::object(raw));
        while let Some(key) = parts.key()? {
            let value = parts.take()?;
            match &*key {
                b"index_key" => instance.index = Some(value).filter(|raw| *raw != b"null"),
                b"deposed" => instance.deposed = Some(value),
                // Providers made before Terraform 0.12 leave `attributes_flat`, with the same names on top.
                b"attributes" | b"attributes_flat" if value.first() == Some(&b'{') => {
                    instance.attributes = value;
                }
                b"sensitive_attributes" => instance.sensitive = value,
                _ => {}
            }
        }
        Ok((instance, raw.len() - parts.after().len()))
    }
}

impl Builder {
    /// Takes in an instance of a raw state, which `raw` begins with; returns its length.
    pub(super) fn read_instance(&mut self, head: &Head, raw: &[u8]) -> Result<usize, Malformed> {
        if raw.first() != Some(&b'{') {
            return value_len(raw).ok_or_else(|| Malformed::new(raw, "expected a value"));
        }
        let (instance, used) = Instance::read(raw)?;
        for path in elements(instance.sensitive).flatten() {
            let value = marked(instance.attributes, path);
            self.secrets.add_all(value);
        }
        let deposed = instance.deposed.and_then(text_or_none);
        self.stand(&Element {
            address: head.address(instance.index).into(),
            mode: head.mode,
            deposed: deposed.filter(|deposed| !deposed.is_empty()),
            provider: Some(&head.provider),
            values: Some(instance.attributes),
            ..Element::default()
        });
        Ok(used)
    }

    /// Takes in an object of a state.
    pub(super) fn stand(&mut self, element: &Element<'_>) {
        let values = element.values.unwrap_or_default();
        self.secrets
            .add_marked(values, element.sensitive_values.unwrap_or_default());
        let id = self.object(element);
        self.plan.objects[id].prior = true;
        let block = self.plan.objects[id].block;
        let kind = Name::clone(&self.plan.blocks[block].kind);
        match element.mode {
            // A deposed object has no address of its own.
            Mode::Managed if element.deposed.is_none() => {
                self.book.stands(id, &kind, values);
                self.settle_place(block, element, values);
            }
            Mode::Data if &*kind == REMOTE_STATE => {
                let place = StatePlace::of_values(values, &mut self.names);
                self.plan.states_read.push((id, place));
            }
            _ => {}
        }
    }

    fn settle_place(&mut self, block: usize, element: &Element<'_>, values: &[u8]) {
        let provider = element.provider.and_then(text_or_none).unwrap_or_default();
        let provider = self.names.intern(&provider);
        let home = Home::of(&Attributes::of(values).each, &mut self.names);
        self.state().settle(&provider, home);
        self.plan.blocks[block].provider = Some(provider);
    }

    /// Takes in a member of a raw state that is about all of it.
    pub(super) fn about_state(&mut self, key: &str, raw: &[u8]) {
        let text = String::from_utf8_lossy(raw);
        let text = text.trim_matches('"');
        match key {
            "version" => self.state().version = Some(self.names.intern(text)),
            "lineage" => self.state().lineage = Some(self.names.intern(text)),
            _ => self.state().serial = text.parse().unwrap_or_default(),
        }
    }

    /// What the state says of itself.
    pub(super) fn state(&mut self) -> &mut State {
        self.plan.state.get_or_insert_default()
    }

    /// Takes in the outputs of a state. They stay as they are.
    pub(super) fn outputs_that_stand(&mut self, raw: &[u8]) {
        for (name, _) in members(raw).flatten() {
            let name = intern(&name, &mut self.names);
            self.outputs_of_state.push(OutputChange {
                name,
                action: Action::NoOp,
                reshaped: Reshaped::No,
                parts: BTreeMap::new(),
            });
        }
    }
}

fn intern(name: &[u8], names: &mut Names) -> Name {
    names.intern(&String::from_utf8_lossy(name))
}

/// The value at a marked path, `[{"type":"get_attr","value":"password"}]`; where a step cannot be followed, as into a
/// set, all there is above it.
fn marked<'a>(values: &'a [u8], path: &[u8]) -> &'a [u8] {
    let mut found = values;
    for (nth, step) in elements(path).flatten().enumerate() {
        let value = get(step, "value").unwrap_or_default();
        // The key of an index is wrapped with its type.
        let value = get(value, "value").unwrap_or(value);
        let next = if let Some(name) = text_or_none(value) {
            get(found, &name)
        } else {
            let nth = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok());
            nth.and_then(|nth: usize| elements(found).flatten().nth(nth))
        };
        match next {
            Some(next) => found = unwrapped(next),
            // There is no such attribute.
            None if nth == 0 => return &[],
            None => break,
        }
    }
    found
}

/// The inside of a value whose type is not fixed, `{"value": …, "type": …}` in raw states; any other as it is.
pub(super) fn unwrapped(value: &[u8]) -> &[u8] {
    match (get(value, "value"), get(value, "type")) {
        (Some(inside), Some(_)) => inside,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, marked};

    #[test]
    fn marked_values_are_found_at_their_paths() {
        let values = br#"{"a":{"b":[1,{"c":"x"}]},"d":{"value":{"e":"y","f":2},"type":"dynamic"}}"#;
        let table: [(&str, &str); 6] = [
            (
                r#"[{"type":"get_attr","value":"a"}]"#,
                r#"{"b":[1,{"c":"x"}]}"#,
            ),
            (
                r#"[{"type":"get_attr","value":"a"},{"type":"get_attr","value":"b"},{"type":"index","value":{"value":1,"type":"number"}},{"type":"index","value":{"value":"c","type":"string"}}]"#,
                "\"x\"",
            ),
            (
                r#"[{"type":"get_attr","value":"d"},{"type":"get_attr","value":"e"}]"#,
                "\"y\"",
            ),
            // A set has elements as keys: all of it is meant.
            (
                r#"[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":{"c":"x"},"type":["object",{}]}}]"#,
                r#"{"b":[1,{"c":"x"}]}"#,
            ),
            (r#"[{"type":"get_attr","value":"gone"}]"#, ""),
            ("7", std::str::from_utf8(values).expect("UTF-8")),
        ];
        for (path, want) in table {
            let found = marked(values, path.as_bytes());
            assert_eq!(std::str::from_utf8(found), Ok(want), "{path}");
        }
    }

    #[test]
    fn an_instance_has_the_address_that_plans_have() {
        let mut head = Head::default();
        let parts: [(&str, &[u8]); 4] = [
            ("module", br#""module.m[\"k\"]""#),
            ("mode", br#""data""#),
            ("type", br#""a_b""#),
            ("name", br#""c""#),
        ];
        for (key, raw) in parts {
            head.set(key, raw);
        }
        assert!(head.is_known());
        let table: [(Option<&[u8]>, &str); 3] = [
            (None, "module.m[\"k\"].data.a_b.c"),
            (Some(b"3"), "module.m[\"k\"].data.a_b.c[3]"),
            (Some(br#""x\"y""#), r#"module.m["k"].data.a_b.c["x\"y"]"#),
        ];
        for (index, want) in table {
            assert_eq!(head.address(index), want);
        }
    }
}
