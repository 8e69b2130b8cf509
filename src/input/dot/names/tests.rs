//! Names of every version of Terraform, and hostile ones.

use super::{Role, What, what};
use crate::input::dot::Dialect;
use proptest::prelude::*;

fn full(name: &str) -> What<'_> {
    what(Dialect::Full, name)
}

#[test]
fn every_suffix_of_a_resource_has_its_role() {
    let table = [
        ("", Role::Instance),
        (" (expand)", Role::Block),
        (" (destroy)", Role::Destroy),
        (" (forget)", Role::Forget),
        (" (orphan)", Role::Orphan),
        (" (close)", Role::Close),
        (" (deposed 8d2b)", Role::Deposed("8d2b")),
        (" (destroy deposed 8d2b)", Role::DestroyDeposed("8d2b")),
        (" (forget deposed 8d2b)", Role::ForgetDeposed("8d2b")),
        (" (prepare state)", Role::Other("prepare state")),
        (" (clean up state)", Role::Other("clean up state")),
        (" (import id \"i-1\")", Role::Other("import id \"i-1\"")),
    ];
    let addresses = [
        "aws_x.y",
        "aws_x.y[0]",
        "data.aws_x.y",
        "ephemeral.aws_x.y",
        "module.m[\"a\"].module.n.aws_x.y[\"b.c\"]",
    ];
    for (suffix, role) in table {
        for address in addresses {
            let name = format!("[root] {address}{suffix}");
            assert_eq!(full(&name), What::Resource { address, role }, "{name}");
        }
    }
}

#[test]
fn keys_hold_whatever_looks_like_a_suffix_an_edge_or_a_name() {
    for key in [
        "(expand)",
        "x (expand)",
        "a\\\" (destroy",
        "[root] x (expand)",
        "\\\" -> \\\"",
        "]",
        ")(",
    ] {
        let address = format!("aws_x.y[\"{key}\"]");
        let (bare, destroyed) = (
            format!("[root] {address}"),
            format!("[root] {address} (destroy)"),
        );
        let address = address.as_str();
        assert_eq!(
            full(&bare),
            What::Resource {
                address,
                role: Role::Instance
            }
        );
        assert_eq!(
            full(&destroyed),
            What::Resource {
                address,
                role: Role::Destroy
            }
        );
    }
}

#[test]
fn values_and_checks_know_their_module() {
    let variable = |module| What::Variable { module, name: "x" };
    let local = |module| What::Local { module, name: "x" };
    let output = |module, name| What::Output { module, name };
    let check = |module| What::Check { module, name: "n" };
    let table = [
        ("var.x", variable("")),
        ("var.x (validation)", variable("")),
        ("var.x (expand, reference)", variable("")),
        ("module.m.var.x (expand)", variable("module.m")),
        ("module.m.var.x (expand, input)", variable("module.m")),
        ("module.m.var.x", variable("module.m")),
        ("local.x (expand)", local("")),
        ("module.m.local.x (expand)", local("module.m")),
        ("output.x (expand)", output("", "x")),
        ("output.x (destroy)", output("", "x")),
        ("module.m.output.root (expand)", output("module.m", "root")),
        ("check.n (expand)", check("")),
        ("module.m.check.n (report)", check("module.m")),
    ];
    for (name, want) in table {
        assert_eq!(full(&format!("[root] {name}")), want, "{name}");
    }
}

#[test]
fn modules_begin_and_end() {
    let table = [
        ("module.m (expand)", What::ModuleExpand("module.m")),
        (
            "module.m.module.n (close)",
            What::ModuleClose("module.m.module.n"),
        ),
        (
            "module.module (expand)",
            What::ModuleExpand("module.module"),
        ),
        ("root", What::Root),
    ];
    for (name, want) in table {
        assert_eq!(full(&format!("[root] {name}")), want, "{name}");
    }
}

#[test]
fn providers_of_every_version_are_known() {
    let table = [
        (
            "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "",
            "aws",
            None,
            false,
        ),
        (
            "provider[\"registry.terraform.io/hashicorp/aws\"].eu (close)",
            "",
            "aws",
            Some("eu"),
            true,
        ),
        (
            "module.pm.provider[\"h/n/t\"].inmod",
            "module.pm",
            "t",
            Some("inmod"),
            false,
        ),
        ("provider.aws", "", "aws", None, false),
        ("provider.aws.eu (close)", "", "aws", Some("eu"), true),
        (
            "module.m.provider.aws (disabled)",
            "module.m",
            "aws",
            None,
            false,
        ),
    ];
    for (text, module, name, alias, close) in table {
        assert_eq!(
            full(text),
            What::Provider {
                module,
                name,
                alias,
                close
            },
            "{text}"
        );
    }
}

#[test]
fn the_rest_is_other() {
    let names = [
        "meta.count-boundary (EachMode fixup)",
        "meta.count-boundary (count boundary fixup)",
        "provisioner.local-exec (close)",
        "module.m (removed)",
        "(execute checks)",
        "(evaluate policies)",
        "action.local_command.x (expand)",
        "action.local_command.x triggered by aws_x.y (plan)",
        "import aws_x.y result",
        "provider",
        "provider.a.b.c",
        "provider[0]",
        "var.x.y",
        "module.m",
        "module",
        "root (x)",
        "aws_x.y[\"a (expand)",
        "aws_x.y (expand) x",
        "",
    ];
    for name in names {
        assert_eq!(full(&format!("[root] {name}")), What::Other, "{name}");
    }
}

#[test]
fn old_versions_have_bare_blocks() {
    let old = |name| what(Dialect::Legacy, name);
    let of = |address, role| What::Resource { address, role };
    assert_eq!(
        old("[root] module.a.aws_x.y"),
        of("module.a.aws_x.y", Role::Block)
    );
    assert_eq!(old("[root] aws_x.y[0]"), of("aws_x.y[0]", Role::Instance));
    assert_eq!(old("[root] aws_x.y.0"), of("aws_x.y.0", Role::Instance));
    assert_eq!(
        old("[root] aws_x.y.deposed"),
        of("aws_x.y.deposed", Role::Deposed(""))
    );
    assert_eq!(
        old("[root] aws_x.y (deposed #0)"),
        of("aws_x.y", Role::Deposed("#0"))
    );
    assert_eq!(
        old("[root] aws_x.y (destroy)"),
        of("aws_x.y", Role::Destroy)
    );
}

#[test]
fn simple_graphs_have_blocks_only() {
    let simple = |name| what(Dialect::Simple, name);
    for address in ["aws_x.y", "module.a.data.aws_x.y", "output.y"] {
        assert_eq!(
            simple(address),
            What::Resource {
                address,
                role: Role::Block
            }
        );
    }
    assert_eq!(simple("x"), What::Other);
}

proptest! {
    #[test]
    fn any_name_means_something(name in "(\\[root\\] )?([a-z.\\[\\]\"\\\\() ]|module\\.|provider|\\PC){0,30}") {
        for dialect in [Dialect::Simple, Dialect::Full, Dialect::Legacy] {
            let _ = what(dialect, &name);
        }
    }
}
