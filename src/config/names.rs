//! Addresses in `tfguard.toml` that are what something in the plans is called. Keys hold any character: pasted, they are
//! names, and whoever pastes one means that one.

use super::{AddressGlob, Config};
use crate::input::address::modules_around;
use crate::input::plan::Plan;
use std::collections::HashSet;

/// Takes globs that something in the plans is called exactly for the names that they are.
pub fn recognise<'p>(mut globs: Vec<&mut AddressGlob>, plans: impl IntoIterator<Item = &'p Plan>) {
    if globs.is_empty() {
        return;
    }
    let wanted: HashSet<String> = globs.iter().map(|glob| glob.text().to_owned()).collect();
    let mut found: HashSet<&str> = HashSet::new();
    for plan in plans {
        for id in 0..plan.objects.len() {
            let address = plan.address(id);
            let names = std::iter::once(&*address).chain(modules_around(&address));
            found.extend(
                names
                    .filter_map(|name| wanted.get(name))
                    .map(String::as_str),
            );
        }
    }
    for glob in &mut globs {
        if found.contains(glob.text()) {
            glob.be_name();
        }
    }
}

impl Config {
    /// Lets waivers and overrides mean what they name in these plans.
    pub fn recognise<'p>(&mut self, plans: impl IntoIterator<Item = &'p Plan>) {
        let waivers = self.waivers.iter_mut().map(|waiver| &mut waiver.glob);
        let overrides = self.settings.overrides.iter_mut();
        let overrides = overrides.flat_map(|over| &mut over.addresses);
        recognise(waivers.chain(overrides).collect(), plans);
    }
}
