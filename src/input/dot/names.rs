//! What the name of a node means: formats from Terraform 0.7 to 1.16 and `OpenTofu`.

use crate::input::address::{Address, Step, steps};

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// A configured block: all its instances.
    Block(Address<'a>),
    /// One instance, in graphs of an apply.
    Instance(Address<'a>),
    /// A value of a module: its module without keys, its name.
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
    /// Something whose place in the order is not today's: destroys, deposed and orphaned objects, ends of
    /// providers, the root.
    Other,
}

/// What a node means. `plain_blocks` says that blocks carry no `(expand)`: the short form, and Terraform up to
/// 0.12.
pub fn what(name: &str, plain_blocks: bool) -> What<'_> {
    let name = name.strip_prefix("[root] ").unwrap_or(name);
    let (name, suffix) = split_suffix(name);
    let Some((module, rest)) = split_module(name) else {
        return What::Other;
    };
    if rest.is_empty() {
        return match suffix {
            "expand" => What::ModuleEntry(module),
            "close" => What::ModuleEnd(module),
            _ => What::Other,
        };
    }
    if let Some(provider) = provider(module, rest) {
        return if suffix.is_empty() {
            provider
        } else {
            What::Other
        };
    }
    // OpenTofu 1.9 and later splits variables: `(expand, input)` and `(expand, reference)`.
    let expands = matches!(suffix, "expand" | "expand, input" | "expand, reference");
    if let Some((kind, value)) = rest.split_once('.')
        && !value.contains(['.', '['])
        && (expands || suffix.is_empty() || suffix == "validation")
    {
        match kind {
            "var" => return What::Variable(module, value),
            "local" => return What::Local(module, value),
            "output" => return What::Output(module, value),
            "check" => return What::Other,
            _ => {}
        }
    }
    match (Address::parse(name), suffix) {
        (Some(address), "expand") => What::Block(address),
        (Some(address), "") if plain_blocks && address.key.is_none() => What::Block(address),
        (Some(address), "") => What::Instance(address),
        _ => What::Other,
    }
}

/// The name and what stands in parentheses behind it. A key may hold parentheses itself: only behind balanced
/// quotes do they count.
fn split_suffix(name: &str) -> (&str, &str) {
    let found = name
        .strip_suffix(')')
        .and_then(|open| open.rsplit_once(" ("));
    match found {
        Some((address, suffix)) if !suffix.contains(['"', ')']) && balanced(address) => {
            (address, suffix)
        }
        _ => (name, ""),
    }
}

fn balanced(text: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for byte in text.bytes() {
        if byte == b'"' && !escaped {
            inside = !inside;
        }
        escaped = byte == b'\\' && !escaped;
    }
    !inside
}

/// The module path at the front, and what follows it.
fn split_module(name: &str) -> Option<(&str, &str)> {
    let (mut end, mut expects_name) = (0, false);
    for step in steps(name) {
        let Some((at, step)) = step else {
            break;
        };
        match step {
            Step::Name("module") if !expects_name && at.start == end => expects_name = true,
            Step::Name(_) if expects_name => {
                (end, expects_name) = (at.end, false);
            }
            Step::Key(_) if !expects_name && at.start == end && end > 0 => end = at.end,
            _ => break,
        }
    }
    let rest = &name[end..];
    (!expects_name).then(|| (&name[..end], rest.strip_prefix('.').unwrap_or(rest)))
}

/// `provider["registry.terraform.io/hashicorp/aws"].west`; up to 0.12 `provider.aws.west`.
fn provider<'a>(module: &'a str, rest: &'a str) -> Option<What<'a>> {
    let tail = rest.strip_prefix("provider")?;
    if let Some(quoted) = tail.strip_prefix("[\"") {
        let (source, alias) = quoted.split_once("\"]")?;
        let name = source.rsplit('/').next().unwrap_or(source);
        return Some(What::Provider(module, name, alias.strip_prefix('.')));
    }
    let named = tail.strip_prefix('.')?;
    let (name, alias) = match named.split_once('.') {
        Some((name, alias)) => (name, Some(alias)),
        None => (named, None),
    };
    Some(What::Provider(module, name, alias))
}

#[cfg(test)]
mod tests {
    use super::{What, what};

    fn shown(name: &str) -> String {
        match what(name, false) {
            What::Block(a) => format!("block {} {}.{}", a.module, a.kind, a.name),
            What::Instance(a) => format!("instance {} {}.{} {:?}", a.module, a.kind, a.name, a.key),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn names_of_every_version_are_understood() {
        for (name, meaning) in [
            ("[root] module.a.aws_x.y (expand)", "block module.a aws_x.y"),
            ("[root] data.aws_x.y (expand)", "block  aws_x.y"),
            (
                "[root] aws_x.y[\"a (b) -> [root] x (expand)\"]",
                "instance  aws_x.y Some(Text(\"a (b) -> [root] x (expand)\"))",
            ),
            (
                "[root] module.a[\"k\"].aws_x.y[0]",
                "instance module.a[\"k\"] aws_x.y Some(Index(0))",
            ),
            ("[root] aws_x.y[\"k\"] (destroy)", "Other"),
            ("[root] aws_x.y (destroy deposed 1234)", "Other"),
            ("[root] module.m (expand)", "ModuleEntry(\"module.m\")"),
            (
                "[root] module.m.module.n (close)",
                "ModuleEnd(\"module.m.module.n\")",
            ),
            (
                "[root] module.m.var.in (expand)",
                "Variable(\"module.m\", \"in\")",
            ),
            (
                "[root] module.m.var.in (expand, reference)",
                "Variable(\"module.m\", \"in\")",
            ),
            ("[root] var.x", "Variable(\"\", \"x\")"),
            ("[root] local.tag (expand)", "Local(\"\", \"tag\")"),
            ("[root] output.o (expand)", "Output(\"\", \"o\")"),
            ("[root] output.o (destroy)", "Other"),
            (
                "[root] provider[\"registry.terraform.io/hashicorp/aws\"].west",
                "Provider(\"\", \"aws\", Some(\"west\"))",
            ),
            (
                "[root] provider[\"registry.terraform.io/hashicorp/aws\"] (close)",
                "Other",
            ),
            (
                "[root] module.pm.provider.aws",
                "Provider(\"module.pm\", \"aws\", None)",
            ),
            ("[root] root", "Other"),
            ("[root] meta.count-boundary (EachMode fixup)", "Other"),
        ] {
            assert_eq!(shown(name), meaning, "{name}");
        }
    }

    #[test]
    fn in_the_short_form_an_address_is_a_block() {
        assert!(matches!(what("module.a.aws_x.y", true), What::Block(_)));
    }
}
