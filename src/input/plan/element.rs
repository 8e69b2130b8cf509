//! The raw parts of a resource in a plan document.

use super::configuration::mode_of;
use super::values::RawChange;
use crate::input::address::Mode;
use crate::input::json::parts::{Malformed, Parts, text, text_or_none};
use std::borrow::Cow;

/// The raw parts of a resource, of the changes or of the state.
#[derive(Default)]
pub(super) struct Element<'a> {
    pub(super) address: Cow<'a, str>,
    pub(super) module: Cow<'a, str>,
    pub(super) mode: Mode,
    pub(super) kind: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) index: Option<&'a [u8]>,
    pub(super) deposed: Option<Cow<'a, str>>,
    pub(super) previous_address: Option<Cow<'a, str>>,
    pub(super) provider: Option<Cow<'a, str>>,
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) change: RawChange<'a>,
    pub(super) depends_on: Option<&'a [u8]>,
    pub(super) values: Option<&'a [u8]>,
    pub(super) sensitive_values: Option<&'a [u8]>,
}

impl<'a> Element<'a> {
    pub(super) fn read(raw: &'a [u8]) -> Result<Self, Malformed> {
        let (mut element, mut parts) = (Element::default(), Parts::object(raw));
        while let Some(key) = parts.key()? {
            if key == "change" {
                element.change = parts.enter(RawChange::read)?;
            } else {
                element.set(&key, parts.take()?)?;
            }
        }
        Ok(element)
    }

    fn set(&mut self, key: &str, raw: &'a [u8]) -> Result<(), Malformed> {
        match key {
            "address" => self.address = text(raw)?,
            "module_address" => self.module = text_or_none(raw).unwrap_or_default(),
            "mode" => self.mode = mode_of(raw),
            "type" => self.kind = text_or_none(raw).unwrap_or_default(),
            "name" => self.name = text_or_none(raw).unwrap_or_default(),
            "index" => self.index = Some(raw),
            "deposed" | "deposed_key" => {
                self.deposed = text_or_none(raw).filter(|deposed| !deposed.is_empty());
            }
            "previous_address" => {
                self.previous_address = text_or_none(raw).filter(|address| !address.is_empty());
            }
            "provider_name" => self.provider = text_or_none(raw),
            "action_reason" => self.reason = text_or_none(raw).filter(|reason| !reason.is_empty()),
            "depends_on" => self.depends_on = Some(raw),
            "values" => self.values = Some(raw),
            "sensitive_values" => self.sensitive_values = Some(raw),
            _ => {}
        }
        Ok(())
    }
}
