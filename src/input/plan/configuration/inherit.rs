//! Which provider configuration a module works with that has none of its own.

use super::{Configuration, Provider};
use crate::input::names::{Name, Names};
use foldhash::HashMap;
use std::ops::Bound;

impl Configuration {
    /// Gives resources the provider configuration that their module inherits. Terraform (1.2 to 1.11) writes that down
    /// itself, but not where a module on the way does not name the provider: such a resource has an entry of its own
    /// then, with nothing in it.
    pub(in crate::input::plan) fn inherit_providers(&mut self, names: &mut Names) {
        let providers = self.providers.iter();
        let inherited: HashMap<Name, Name> = providers
            .filter_map(|(key, provider)| {
                let above = self.above(key, provider)?;
                Some((Name::clone(key), names.intern(&above)))
            })
            .collect();
        if inherited.is_empty() {
            return;
        }
        self.providers.retain(|key, _| !inherited.contains_key(key));
        let modules = self.modules.iter_mut();
        for resource in modules.flat_map(|module| module.resources.values_mut()) {
            if let Some(above) = inherited.get(&resource.provider) {
                resource.provider = Name::clone(above);
            }
        }
    }

    /// The key of what a provider without arguments stands for: the nearest above it that has some, or the one that the
    /// root module has without writing it down.
    fn above(&self, key: &str, provider: &Provider) -> Option<String> {
        let (mut module, name) = key.rsplit_once(':')?;
        // A call two or more above may hand over another configuration: its own entry is left out then.
        if !provider.is_bare
            || name.contains('.')
            || (module.matches(".module.").count() >= 2 && self.has_aliases(name))
        {
            return None;
        }
        while let Some((above, _)) = module.rsplit_once(".module.") {
            let key = format!("{above}:{name}");
            if self.providers.get(&*key).is_some_and(|own| !own.is_bare) {
                return Some(key);
            }
            module = above;
        }
        Some(name.to_owned())
    }

    /// Whether a provider has configurations beside the default one in the root module.
    fn has_aliases(&self, name: &str) -> bool {
        let alias = format!("{name}.");
        let from_there = (Bound::Included(&*alias), Bound::Unbounded);
        let next = self.providers.range::<str, _>(from_there).next();
        next.is_some_and(|(key, _)| key.starts_with(&alias))
    }
}

#[cfg(test)]
mod tests {
    use super::{Configuration, Provider};
    use crate::input::names::Names;

    /// What the last of some providers stands for; those with a `!` have arguments.
    fn inherited(keys: &[&str]) -> Option<String> {
        let mut names = Names::default();
        let mut configuration = Configuration::default();
        for key in keys {
            let provider = Provider {
                module: names.intern(""),
                references: Vec::new(),
                places: Vec::new(),
                is_bare: !key.starts_with('!'),
            };
            let key = names.intern(key.trim_start_matches('!'));
            configuration.providers.insert(key, provider);
        }
        let key = keys.last()?.trim_start_matches('!');
        configuration.above(key, &configuration.providers[key])
    }

    #[test]
    fn a_provider_without_arguments_is_the_one_above_it() {
        let deep = "module.a.module.b:aws";
        assert_eq!(inherited(&["!aws", deep]).as_deref(), Some("aws"));
        assert_eq!(inherited(&[deep]).as_deref(), Some("aws"));
        let own = ["!aws", "!module.a:aws", deep];
        assert_eq!(inherited(&own).as_deref(), Some("module.a:aws"));
        assert_eq!(inherited(&["!aws"]), None);
        assert_eq!(inherited(&["aws"]), None);
    }

    #[test]
    fn what_a_call_far_above_may_have_handed_over_stays_unknown() {
        let deepest = "module.a.module.b.module.c:aws";
        assert_eq!(inherited(&["!aws", deepest]).as_deref(), Some("aws"));
        assert_eq!(inherited(&["!aws", "!aws.west", deepest]), None);
        let near = ["!aws", "!aws.west", "module.a.module.b:aws"];
        assert_eq!(inherited(&near).as_deref(), Some("aws"));
    }
}
