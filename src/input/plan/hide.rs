//! Takes secrets out of a finished plan.

use super::secrets::Mask;
use super::{Change, Key, Plan, join};
use crate::input::names::{Name, Names};

/// Hides secrets wherever a value can end up in a text: in instance keys, deferred and previous addresses,
/// tags and paths.
pub(super) fn hide(plan: &mut Plan, mask: &mut Mask<'_>, names: &mut Names) {
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
            for forced in &mut change.forced_by {
                hide_text(&mut forced.path, mask, names);
            }
            hide_kept(change, mask);
        }
    }
    // An address that could not be taken apart stands whole where a name would.
    let opaque = |name: &Name| name.contains(['[', '"', ' ', '.']);
    for block in plan.blocks.iter_mut().filter(|block| opaque(&block.name)) {
        hide_text(&mut block.name, mask, names);
    }
    for module in plan
        .modules
        .iter_mut()
        .filter(|module| opaque(&module.call))
    {
        hide_text(&mut module.call, mask, names);
    }
    for provider in plan.configuration.providers.values_mut() {
        provider
            .places
            .retain(|(_, value)| mask.text(value).is_none());
    }
    for path in plan
        .mentions
        .found
        .iter_mut()
        .filter_map(|mention| mention.path.as_mut())
    {
        hide_text(path, mask, names);
    }
    for deferred in &mut plan.deferred {
        hide_text(&mut deferred.address, mask, names);
    }
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
    plan.configuration
        .each_key(&mut |key| hide_key(key, mask, names));
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
        labels.retain(|label| mask.text(&label.text).is_none());
    }
}

fn hide_key(key: &mut Key, mask: &mut Mask<'_>, names: &mut Names) {
    if let Key::Text(text) = key {
        *text = mask.key(text, names);
    }
}

fn hide_text(text: &mut Name, mask: &Mask<'_>, names: &mut Names) {
    if let Some(masked) = mask.text(text) {
        *text = names.intern(&masked);
    }
}
