//! What the name of a node means.
//!
//! A name is an address, perhaps with a suffix in parentheses. Keys of addresses may hold anything, parentheses and
//! arrows included, so the suffix begins at the first parenthesis outside quotes.

#[cfg(test)]
mod tests;

use super::Dialect;
use crate::input::address::{Address, KeyText, Step, module_steps, steps};

/// What a node stands for. Module paths are empty in the root module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// A resource, or something Terraform does to it.
    Resource {
        /// The address with module path and keys, without the suffix.
        address: &'a str,
        /// What the node is to the resource.
        role: Role<'a>,
    },
    /// An input variable, its value or its validation.
    Variable {
        /// The module that declares it.
        module: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// A local value.
    Local {
        /// The module that declares it.
        module: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// An output value.
    Output {
        /// The module that declares it.
        module: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// The start of everything in a module: it waits for the call's `count`, `for_each` and `depends_on`.
    ModuleExpand(&'a str),
    /// The end of everything in a module: what depends on the whole module waits for it.
    ModuleClose(&'a str),
    /// A provider configuration.
    Provider {
        /// The module it stands in.
        module: &'a str,
        /// The last part of its source: `aws`.
        name: &'a str,
        /// Its alias.
        alias: Option<&'a str>,
        /// Whether the node stops the provider when all is done.
        close: bool,
    },
    /// A `check` block.
    Check {
        /// The module that declares it.
        module: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// The node that waits for everything.
    Root,
    /// Something that orders the others and has no meaning to tfguard: actions, policies, bookkeeping.
    Other,
}

/// What a node is to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'a> {
    /// The block: `(expand)`, or a config address where there are only such.
    Block,
    /// An instance that is created, updated or read.
    Instance,
    /// An instance that is destroyed.
    Destroy,
    /// An instance that leaves the state and stays in the world.
    Forget,
    /// An instance in the state whose block is gone.
    Orphan,
    /// An object that a create-before-destroy replacement left behind, by its key.
    Deposed(&'a str),
    /// The destruction of such an object, by its key.
    DestroyDeposed(&'a str),
    /// Such an object that leaves the state, by its key.
    ForgetDeposed(&'a str),
    /// The end of an ephemeral resource.
    Close,
    /// Any other suffix: `prepare state` and `clean up state` of Terraform 0.12, or one yet to come.
    Other(&'a str),
}

/// Tells what a name means in a dialect.
pub fn what(dialect: Dialect, name: &str) -> What<'_> {
    let name = name.strip_prefix("[root] ").unwrap_or(name);
    let Some((head, suffix)) = split(name) else {
        return What::Other;
    };
    if dialect == Dialect::Simple && suffix.is_none() {
        return resource(head, Role::Block);
    }
    let (module, rest) = module_and_rest(head);
    let (word, behind) = rest.split_once('.').unwrap_or((rest, ""));
    match (word, plain(behind)) {
        ("", _) if !module.is_empty() => of_module(module, suffix),
        ("root", None) if name == "root" => What::Root,
        ("var", Some(name)) => What::Variable { module, name },
        ("local", Some(name)) => What::Local { module, name },
        ("output", Some(name)) => What::Output { module, name },
        ("check", Some(name)) => What::Check { module, name },
        // Bookkeeping of Terraform 1.0 and earlier.
        ("meta" | "provisioner", _) => What::Other,
        _ if rest.starts_with("provider.") || rest.starts_with("provider[") => {
            provider(module, rest, suffix)
        }
        _ => resource(head, role(dialect, head, suffix)),
    }
}

/// A name that is one word.
fn plain(text: &str) -> Option<&str> {
    let broken = text.is_empty() || text.contains(['.', '[', '"', ' ']);
    (!broken).then_some(text)
}

/// The name and the suffix in parentheses; nothing when the quotes of the name are not balanced.
fn split(name: &str) -> Option<(&str, Option<&str>)> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'(' if !quoted && name[..at].ends_with(' ') => {
                let suffix = name[at + 1..].strip_suffix(')');
                return suffix.map(|suffix| (&name[..at - 1], Some(suffix)));
            }
            _ => {}
        }
    }
    (!quoted).then_some((name, None))
}

/// The module path of an address and what follows it, without the dot between them.
fn module_and_rest(text: &str) -> (&str, &str) {
    let (mut end, mut named) = (0, true);
    for step in steps(text) {
        let Some((at, step)) = step else { break };
        match step {
            Step::Name("module") if named => named = false,
            Step::Name(_) if !named => (end, named) = (at.end, true),
            Step::Key(_) if named && end == at.start && end > 0 => end = at.end,
            _ => break,
        }
    }
    let rest = &text[end..];
    (&text[..end], rest.strip_prefix('.').unwrap_or(rest))
}

fn of_module<'a>(module: &'a str, suffix: Option<&str>) -> What<'a> {
    match suffix {
        Some("expand") if module_steps(module).is_some() => What::ModuleExpand(module),
        Some("close") if module_steps(module).is_some() => What::ModuleClose(module),
        _ => What::Other,
    }
}

/// `provider["host/namespace/type"]`, in Terraform 0.12 `provider.type`; either may go on with an alias.
fn provider<'a>(module: &'a str, text: &'a str, suffix: Option<&str>) -> What<'a> {
    let mut parts = steps(text).skip(1).map(|step| step.map(|(_, step)| step));
    let name = match parts.next().flatten() {
        Some(Step::Key(KeyText::Text(source))) => source.rsplit('/').next().unwrap_or(source),
        Some(Step::Name(name)) => name,
        _ => return What::Other,
    };
    let alias = match parts.next() {
        None => None,
        Some(Some(Step::Name(alias))) => Some(alias),
        Some(_) => return What::Other,
    };
    if parts.next().is_some() {
        return What::Other;
    }
    let close = suffix == Some("close");
    What::Provider {
        module,
        name,
        alias,
        close,
    }
}

fn resource<'a>(address: &'a str, role: Role<'a>) -> What<'a> {
    let known = Address::parse(address).is_some() || before_0_12(address);
    if known {
        What::Resource { address, role }
    } else {
        What::Other
    }
}

/// Terraform 0.11 numbered instances with a dot: `aws_x.y.0`, `aws_x.y.deposed`.
fn before_0_12(address: &str) -> bool {
    address.rsplit_once('.').is_some_and(|(block, last)| {
        let instance = last == "deposed" || last.bytes().all(|byte| byte.is_ascii_digit());
        !last.is_empty() && instance && Address::parse(block).is_some_and(|a| a.key.is_none())
    })
}

fn role<'a>(dialect: Dialect, address: &str, suffix: Option<&'a str>) -> Role<'a> {
    let deposed = |suffix: &'a str, before: &str| suffix.strip_prefix(before);
    match suffix {
        None if dialect == Dialect::Legacy => legacy_role(address),
        None => Role::Instance,
        Some("expand") => Role::Block,
        Some("destroy") => Role::Destroy,
        Some("forget") => Role::Forget,
        Some("orphan") => Role::Orphan,
        Some("close") => Role::Close,
        Some("deposed") => Role::Deposed(""),
        Some(suffix) => None
            .or_else(|| deposed(suffix, "deposed ").map(Role::Deposed))
            .or_else(|| deposed(suffix, "destroy deposed ").map(Role::DestroyDeposed))
            .or_else(|| deposed(suffix, "forget deposed ").map(Role::ForgetDeposed))
            .unwrap_or(Role::Other(suffix)),
    }
}

/// Without `(expand)` only a key tells an instance from its block.
fn legacy_role(address: &str) -> Role<'static> {
    if Address::parse(address).is_some_and(|a| a.key.is_none()) {
        Role::Block
    } else if address.ends_with(".deposed") {
        Role::Deposed("")
    } else {
        Role::Instance
    }
}
