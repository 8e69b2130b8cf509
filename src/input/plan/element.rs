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
    /// The parts of the address, raw: wanted only where the address itself is missing or odd.
    pub(super) module: Option<&'a [u8]>,
    pub(super) mode: Mode,
    pub(super) kind: Option<&'a [u8]>,
    pub(super) name: Option<&'a [u8]>,
    pub(super) index: Option<&'a [u8]>,
    pub(super) deposed: Option<Cow<'a, str>>,
    pub(super) previous_address: Option<Cow<'a, str>>,
    /// The provider's address, raw: the same for all objects of a block.
    pub(super) provider: Option<&'a [u8]>,
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) change: RawChange<'a>,
    /// Whether there is one at all.
    pub(super) has_change: bool,
    pub(super) depends_on: Option<&'a [u8]>,
    pub(super) values: Option<&'a [u8]>,
    pub(super) sensitive_values: Option<&'a [u8]>,
    pub(super) tainted: bool,
}

impl<'a> Element<'a> {
    /// Reads the element that `raw` begins with; returns its length as well.
    pub(super) fn read(raw: &'a [u8]) -> Result<(Self, usize), Malformed> {
        let (mut element, mut parts) = (Element::default(), Parts::object(raw));
        while let Some(key) = parts.key()? {
            if *key == *b"change" {
                element.change = parts.enter(RawChange::read)?;
                element.has_change = true;
            } else {
                element.set(&key, parts.take()?)?;
            }
        }
        Ok((element, raw.len() - parts.after().len()))
    }

    fn set(&mut self, key: &[u8], raw: &'a [u8]) -> Result<(), Malformed> {
        match key {
            b"address" => self.address = text(raw)?,
            b"module_address" => self.module = Some(raw),
            b"mode" => self.mode = mode_of(raw),
            b"type" => self.kind = Some(raw),
            b"name" => self.name = Some(raw),
            b"index" => self.index = Some(raw),
            b"deposed" | b"deposed_key" => {
                self.deposed = text_or_none(raw).filter(|deposed| !deposed.is_empty());
            }
            b"previous_address" => {
                self.previous_address = text_or_none(raw).filter(|address| !address.is_empty());
            }
            b"provider_name" => self.provider = Some(raw),
            b"action_reason" => self.reason = text_or_none(raw).filter(|reason| !reason.is_empty()),
            b"depends_on" => self.depends_on = Some(raw),
            b"values" => self.values = Some(raw),
            b"tainted" => self.tainted = raw == b"true",
            b"sensitive_values" => self.sensitive_values = Some(raw),
            _ => {}
        }
        Ok(())
    }
}
