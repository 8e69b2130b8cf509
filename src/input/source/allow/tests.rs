use super::{Allowance, Beside, read};
use crate::input::source::{Archive, Sources};

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut archive = Archive::default();
    for (key, text) in files {
        let module = archive.modules.entry((*key).to_owned()).or_default();
        module.push(("main.tf".to_owned(), (*text).to_owned()));
    }
    Sources::of_archive(archive)
}

fn of(text: &str) -> Vec<Allowance> {
    sources(&[("", text)]).allowances()
}

fn beside(text: &str) -> Vec<String> {
    let shown = |beside: &Beside| match beside {
        Beside::Block(address) => address.clone(),
        Beside::Backend => "backend".to_owned(),
    };
    let found = of(text);
    assert_eq!(found.len(), 1, "{text}\n{found:?}");
    found[0].beside.iter().map(shown).collect()
}

const SAYS: &str = "tfguard: allow planned-delete -- r";

#[test]
fn a_comment_stands_above_a_block_behind_its_header_or_before_its_first_argument() {
    let table = [
        "# @\nresource \"a\" \"b\" {\n x = 1\n}",
        "# @\n# more\n// words\nresource \"a\" \"b\" {\n}",
        "x {}\n\n  //@\nresource \"a\" \"b\" {\n}",
        "/* @ */\nresource \"a\" \"b\" {\n}",
        "/*\n * @\n */\nresource \"a\" \"b\" {\n}",
        "resource \"a\" \"b\" { # @\n x = 1\n}",
        "resource \"a\" \"b\" {\n\n # other\n # @\n\n x = 1\n}",
        "resource \"a\" \"b\" {} # @\nresource \"c\" \"d\" {}",
        "resource \"a\" \"b\" { x = 1 } // @",
    ];
    for text in table {
        assert_eq!(beside(&text.replace('@', SAYS)), ["a.b"], "{text}");
    }
}

#[test]
fn a_comment_elsewhere_stands_beside_nothing() {
    let table = [
        "# @\n\nresource \"a\" \"b\" {\n}",
        "resource \"a\" \"b\" {\n x = 1\n # @\n}",
        "resource \"a\" \"b\" {\n x = 1 # @\n}",
        "resource \"a\" \"b\" {\n} # @\n",
        "resource \"a\" \"b\" {\n}\n# @\n",
        "# @",
    ];
    for text in table {
        assert!(beside(&text.replace('@', SAYS)).is_empty(), "{text}");
    }
}

#[test]
fn what_is_no_comment_or_no_mark_does_not_count() {
    let table = [
        "resource \"a\" \"b\" {\n x = \"# @\"\n}",
        "resource \"a\" \"b\" {\n x = <<-E\n # @\n E\n}",
        "resource \"a\" \"b\" {\n x = \"${f(\"# @\")}\"\n}",
        "# see @\nresource \"a\" \"b\" {}",
    ];
    for text in table {
        assert_eq!(of(&text.replace('@', SAYS)), [], "{text}");
    }
}

#[test]
fn every_kind_of_block_is_called_as_findings_call_it() {
    let table = [
        ("data \"a\" \"b\" {}", "data.a.b"),
        ("module \"m\" {}", "module.m"),
        ("variable \"v\" {}", "var.v"),
        ("output \"o\" {}", "output.o"),
        (
            "provider \"aws\" {\n alias = \"west\"\n}",
            "provider.aws.west",
        ),
        ("check \"c\" {}", "check.c"),
        ("removed {\n from = a.b\n}", "a.b"),
        ("locals {\n l = 1\n}", "local.l"),
    ];
    for (block, address) in table {
        assert_eq!(beside(&format!("# {SAYS}\n{block}")), [address]);
    }
    assert_eq!(
        beside(&format!(
            "terraform {{\n x {{}}\n # {SAYS}\n backend \"s3\" {{}}\n}}"
        )),
        ["backend"]
    );
    assert_eq!(
        beside(&format!("# {SAYS}\nterraform {{\n backend \"s3\" {{}}\n}}")),
        ["backend"]
    );
}

#[test]
fn a_module_that_is_called_twice_has_its_blocks_twice_and_one_written_elsewhere_none() {
    let call = |name: &str, from: &str| format!("module \"{name}\" {{\n source = \"{from}\"\n}}\n");
    let root = call("near", "./near") + &call("far", "org/far/aws");
    let text = format!("# {SAYS}\nresource \"a\" \"b\" {{}}\n");
    let found = sources(&[("", &root), ("near", &text), ("far", &text)]).allowances();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].beside,
        [Beside::Block("module.near.a.b".to_owned())]
    );
}

#[test]
fn rules_instances_and_the_day_are_read() {
    let said = read("allow planned-delete [\"a, -- b\"], drift module.x[0].a.b expires=2027-01-31 -- why \"not\"").expect("good");
    assert_eq!(said.reason, "why \"not\"");
    assert_eq!(
        said.expires.map(|day| day.to_string()).as_deref(),
        Some("2027-01-31")
    );
    let rules: Vec<_> = said
        .rules
        .iter()
        .map(|(rule, key)| (rule.as_str(), key.as_deref()))
        .collect();
    assert_eq!(
        rules,
        [
            ("planned-delete", Some("[\"a, -- b\"]")),
            ("drift", Some("module.x[0].a.b"))
        ]
    );
    assert_eq!(
        read("allow drift[0]--r").expect("good").rules,
        [("drift".to_owned(), Some("[0]".to_owned()))]
    );
}

#[test]
fn what_is_wrong_with_a_comment_is_told() {
    let table = [
        ("allow planned-delete", "reason"),
        ("allow planned-delete --", "reason"),
        ("allow planned-delete", "reason"),
        ("allow -- r", "no rule"),
        ("allow a,, b -- r", "no rule"),
        ("ignore planned-delete -- r", "allow"),
        ("allowed planned-delete -- r", "allow"),
        ("allow drift expires=soon -- r", "2027-01-31"),
        ("allow drift expires=2027-02-30 -- r", "2027-01-31"),
    ];
    for (said, why) in table {
        let told = read(said).expect_err(said);
        assert!(told.contains(why), "{said}: {told}");
    }
    // Taken for an instance: it is held against the blocks, and found to name none.
    assert!(read("allow planned-delete because -- r").is_ok());
    assert!(read("allow planned-delete because of -- r").is_err());
}
