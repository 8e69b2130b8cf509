//! Takes secrets out of a finished plan.

use super::secrets::Mask;
use super::{Change, Key, Label, Outside, Plan, Subject, attribute_of, join};
use crate::input::address::{KeyText, Step, steps};
use crate::input::names::{Name, Names};
use std::sync::Arc;

/// Hides secrets wherever a value can end up in a text: in instance keys, deferred and drifted addresses, tags
/// and paths.
pub(super) fn hide(plan: &mut Plan, mask: &mut Mask<'_>, names: &mut Names) {
    hide_objects(plan, mask, names);
    hide_names(plan, mask, names);
    hide_values(plan, mask, names);
    hide_modules(plan, mask, names);
    plan.configuration
        .each_key(&mut |key| hide_key(key, mask, names));
}

fn hide_objects(plan: &mut Plan, mask: &mut Mask<'_>, names: &mut Names) {
    for object in &mut plan.objects {
        object
            .key
            .iter_mut()
            .for_each(|key| hide_key(key, mask, names));
        object
            .tag
            .iter_mut()
            .for_each(|tag| hide_text(tag, mask, names));
        if let Some(change) = &mut object.change {
            change
                .tag_before
                .iter_mut()
                .for_each(|tag| hide_text(tag, mask, names));
            for forced in &mut change.forced_by {
                hide_path(&mut forced.path, mask, names);
            }
            hide_kept(change, mask);
        }
    }
}

/// An address that could not be taken apart stands whole where a name would.
fn hide_names(plan: &mut Plan, mask: &Mask<'_>, names: &mut Names) {
    let opaque = |name: &Name| name.contains(['[', '"', ' ', '.']);
    let blocks = plan.blocks.iter_mut().map(|block| &mut block.name);
    let modules = plan.modules.iter_mut().map(|module| &mut module.call);
    for name in blocks.chain(modules).filter(|name| opaque(name)) {
        hide_text(name, mask, names);
    }
}

/// What stands beside the objects: labels, places, paths of values, addresses.
fn hide_values(plan: &mut Plan, mask: &mut Mask<'_>, names: &mut Names) {
    for labels in plan.labels.values_mut() {
        hide_labels(labels, mask);
    }
    for provider in plan.configuration.providers.values_mut() {
        provider
            .places
            .retain(|(_, value)| mask.text(value).is_none());
    }
    let mentions = plan.mentions.found.iter_mut();
    let mentioned = mentions.filter_map(|mention| mention.path.as_mut());
    let abroad = plan.selves.texts.iter_mut().map(|(_, path, _)| path);
    for path in mentioned.chain(abroad) {
        hide_path(path, mask, names);
    }
    for deferred in &mut plan.deferred {
        deferred.address = hide_address(&deferred.address, mask, names);
    }
    for from in plan.moved_from.values_mut() {
        *from = hide_address(from, mask, names);
    }
    for drifted in &mut plan.drift {
        if let Subject::Address(address) = &mut drifted.subject {
            *address = hide_address(address, mask, names);
        }
        hide_outside(&mut drifted.values, mask);
    }
}

/// Outer modules come first: the addresses of inner ones begin with theirs.
fn hide_modules(plan: &mut Plan, mask: &mut Mask<'_>, names: &mut Names) {
    for id in 1..plan.modules.len() {
        let module = &mut plan.modules[id];
        module
            .key
            .iter_mut()
            .for_each(|key| hide_key(key, mask, names));
        let key = module
            .key
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let own = format!("module.{}{key}", module.call);
        let parent = module
            .parent
            .map(|parent| Name::clone(&plan.modules[parent].address));
        plan.modules[id].address = names.intern(&join(&parent.unwrap_or_default(), &own));
    }
}

/// A label or a place that holds a secret is no longer one.
fn hide_kept(change: &mut Change, mask: &Mask<'_>) {
    if let Some(home) = &mut change.vanished {
        home.0.retain(|(_, value)| mask.text(value).is_none());
    }
    let home = change.kept.as_mut().and_then(|kept| kept.home.as_mut());
    if let Some(home) = home {
        home.0.retain(|(_, value)| mask.text(value).is_none());
    }
    let labels = change.kept.as_mut().and_then(|kept| kept.labels.as_mut());
    for labels in labels.into_iter().flat_map(|labels| labels.iter_mut()) {
        hide_labels(labels, mask);
    }
}

fn hide_labels(labels: &mut Vec<Label>, mask: &Mask<'_>) {
    labels.retain(|label| mask.text(&label.text).is_none());
}

/// A path that holds a secret ends at its attribute.
fn hide_outside(values: &mut Arc<[Outside]>, mask: &Mask<'_>) {
    let is_secret = |path: &str| mask.goes_through_key(path) || mask.text(path).is_some();
    if values.iter().any(|value| is_secret(&value.path)) {
        let hidden = values.iter().map(|value| {
            let mut value = value.clone();
            if is_secret(&value.path) {
                value.path = Name::clone(&value.attribute);
            }
            value
        });
        *values = hidden.collect();
    }
}

/// An address with the secrets in its keys hidden.
pub(super) fn hide_address(address: &Name, mask: &mut Mask<'_>, names: &mut Names) -> Name {
    let (mut out, mut end) = (String::new(), 0);
    for step in steps(address) {
        match step {
            Some((range, Step::Key(KeyText::Text(key)))) => {
                let key = names.intern(key);
                out.extend(["[\"", &mask.key(&key, names), "\"]"]);
                end = range.end;
            }
            Some((range, _)) => {
                out.push_str(&address[range.clone()]);
                end = range.end;
            }
            None => break,
        }
    }
    if end < address.len() {
        // What cannot be taken apart may hold anything.
        return mask
            .text(address)
            .map_or_else(|| Name::clone(address), |text| names.intern(&text));
    }
    names.intern(&out)
}

fn hide_key(key: &mut Key, mask: &mut Mask<'_>, names: &mut Names) {
    if let Key::Text(text) = key {
        *text = mask.key(text, names);
    }
}

/// A path through a key that is a secret ends at its attribute.
fn hide_path(path: &mut Name, mask: &Mask<'_>, names: &mut Names) {
    if mask.goes_through_key(path) {
        *path = names.intern(attribute_of(path));
    } else {
        hide_text(path, mask, names);
    }
}

fn hide_text(text: &mut Name, mask: &Mask<'_>, names: &mut Names) {
    if let Some(masked) = mask.text(text) {
        *text = names.intern(&masked);
    }
}
