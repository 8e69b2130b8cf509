//! What the end of an edge is in today's order.

use super::names::{Role, What, what};
use super::{Dialect, Dot};
use crate::input::address::Address;

/// What a node stands for, as far as it has a place in today's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    /// A configured block: all its instances.
    Block(Address<'a>),
    /// One instance, in graphs of an apply.
    Instance(Address<'a>),
    /// An input variable: its module without keys, its name.
    Variable(&'a str, &'a str),
    /// A local value.
    Local(&'a str, &'a str),
    /// An output.
    Output(&'a str, &'a str),
    /// What everything in a module waits for.
    ModuleEntry(&'a str),
    /// Everything in a module.
    ModuleEnd(&'a str),
    /// A provider configuration: its module, its local name, its alias.
    Provider(&'a str, &'a str, Option<&'a str>),
    /// Destroys, deposed and orphaned objects, ends of providers, checks, the root.
    Nothing,
}

impl Dot {
    /// What every node stands for.
    pub fn ends(&self) -> impl Iterator<Item = End<'_>> {
        self.nodes
            .iter()
            .map(|node| End::of(self.dialect, &node.name))
    }

    /// Whether it shows what is destroyed and nothing of what is configured, as `-type=plan-destroy` does, or `-plan` of a
    /// plan that destroys everything.
    pub fn only_destroys(&self) -> bool {
        let mut nodes = self.nodes.iter();
        let destroys = nodes.any(|node| {
            matches!(
                what(self.dialect, &node.name),
                What::Resource {
                    role: Role::Destroy,
                    ..
                }
            )
        });
        let is_resource = |end| matches!(end, End::Block(_) | End::Instance(_));
        destroys && !self.ends().any(is_resource)
    }

    /// Whether any name in it is one that Terraform gives; that of a configuration of nothing has none at all.
    pub(super) fn is_of_terraform(&self) -> bool {
        let is_known = |name| !matches!(what(self.dialect, name), What::Other);
        self.nodes.is_empty() || self.nodes.iter().any(|node| is_known(&node.name))
    }
}

impl<'a> End<'a> {
    fn of(dialect: Dialect, name: &'a str) -> Self {
        match what(dialect, name) {
            What::Resource {
                address,
                role: Role::Block,
            } => Address::parse(address).map_or(Self::Nothing, Self::Block),
            What::Resource {
                address,
                role: Role::Instance,
            } => Address::parse(address).map_or(Self::Nothing, Self::Instance),
            What::Variable { module, name } => Self::Variable(module, name),
            What::Local { module, name } => Self::Local(module, name),
            What::Output { module, name } => Self::Output(module, name),
            What::ModuleExpand(module) => Self::ModuleEntry(module),
            What::ModuleClose(module) => Self::ModuleEnd(module),
            What::Provider {
                module,
                name,
                alias,
                close: false,
            } => Self::Provider(module, name, alias),
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialect;
    use super::End;

    #[test]
    fn only_what_has_a_place_in_todays_order_is_an_end() {
        let end = |name| End::of(Dialect::Full, name);
        assert!(
            matches!(end("[root] module.a.aws_x.y (expand)"), End::Block(a) if a.module == "module.a")
        );
        assert!(matches!(end("[root] aws_x.y[\"k (b)\"]"), End::Instance(_)));
        assert_eq!(end("[root] aws_x.y[0] (destroy)"), End::Nothing);
        assert_eq!(end("[root] module.m (close)"), End::ModuleEnd("module.m"));
        assert_eq!(
            end("[root] module.m.var.in (expand, reference)"),
            End::Variable("module.m", "in")
        );
        assert_eq!(end("[root] provider[\"a/b/aws\"] (close)"), End::Nothing);
        assert!(matches!(
            End::of(Dialect::Simple, "data.aws_x.y"),
            End::Block(_)
        ));
    }
}
