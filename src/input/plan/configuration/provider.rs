//! The parts of a provider configuration's key.

use crate::input::plan::join;

/// The key of a provider configuration in its parts: `module.m:aws.west`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderKey<'k> {
    /// The module it stands in, without keys, `""` for the root.
    pub module: &'k str,
    /// The provider's local name.
    pub name: &'k str,
    /// Its alias, `""` for the default configuration.
    pub alias: &'k str,
}

impl<'k> ProviderKey<'k> {
    /// The parts of a key.
    pub fn of(key: &'k str) -> Self {
        let (module, own) = key.rsplit_once(':').unwrap_or(("", key));
        let (name, alias) = own.split_once('.').unwrap_or((own, ""));
        Self {
            module,
            name,
            alias,
        }
    }

    /// What Terraform calls it: `module.m.provider.aws.west`.
    pub fn address(&self) -> String {
        let dot = if self.alias.is_empty() { "" } else { "." };
        let own = ["provider.", self.name, dot, self.alias].concat();
        join(self.module, &own)
    }
}

#[cfg(test)]
mod tests {
    use super::ProviderKey;

    #[test]
    fn a_key_tells_the_module_the_name_and_the_alias() {
        for (key, parts, address) in [
            ("aws", ["", "aws", ""], "provider.aws"),
            ("aws.dev", ["", "aws", "dev"], "provider.aws.dev"),
            (
                "module.a.module.b:aws",
                ["module.a.module.b", "aws", ""],
                "module.a.module.b.provider.aws",
            ),
            (
                "module.m:aws.dev",
                ["module.m", "aws", "dev"],
                "module.m.provider.aws.dev",
            ),
        ] {
            let own = ProviderKey::of(key);
            assert_eq!([own.module, own.name, own.alias], parts, "{key}");
            assert_eq!(own.address(), address);
        }
    }
}
