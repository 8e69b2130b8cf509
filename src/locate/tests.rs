//! Where findings stand.

use super::line::{masked, snippet};
use super::{Place, block_of, find, location};
use crate::input::source::{Archive, Sources};

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut archive = Archive::default();
    for (key, text) in files {
        archive
            .modules
            .entry((*key).to_owned())
            .or_default()
            .push(("main.tf".to_owned(), (*text).to_owned()));
    }
    Sources::of_archive(archive)
}

#[test]
fn an_argument_of_a_nested_block_is_found_by_the_last_name_of_its_path() {
    let map = "resource \"k_map\" \"m\" {\n  metadata {\n    namespace = \"a\"\n    name = \"b\"\n  }\n  data = {}\n}\n";
    let sources = sources(&[("", map)]);
    let line = |path: &str| {
        let found = at(&sources, "k_map.m", &Place::Argument(path.into()));
        found.map(|(_, line, _)| line)
    };
    assert_eq!(line("metadata.namespace"), Some(3));
    assert_eq!(line("metadata[0].name"), Some(4));
    assert_eq!(line("data.key"), Some(6));
    assert_eq!(line("nothing"), Some(1));
}

const ROOT: &str = "module \"near\" {\n  source = \"./near\"\n}\n\nmodule \"far\" {\n  source = \"org/far/aws\"\n}\n\nremoved {\n  from = aws_x.gone\n}\n\nremoved { from = module.gone }\nremoved { from = module.near.aws_x.gone }\n";
const NEAR: &str = "resource \"aws_x\" \"y\" {\n  password   = \"S3CR3T\" # S3CR3T\n  depends_on = [aws_a.b, aws_c.d]\n}\n";

fn at(sources: &Sources, address: &str, place: &Place) -> Option<(String, usize, usize)> {
    let found = find(sources, address, place).map(|spot| location(sources, &spot));
    found.map(|location| (location.file, location.line, location.column))
}

#[test]
fn a_block_in_a_block_is_not_shown_at_the_line_of_another() {
    let root = "resource \"k_x\" \"y\" {\n  spec {\n    replicas = 1\n    selector {\n      of = 2\n    }\n  }\n}\n";
    let sources = sources(&[("", root)]);
    let line = |path: &str| {
        let place = Place::Argument(path.into());
        at(&sources, "k_x.y", &place).map(|(_, line, _)| line)
    };
    assert_eq!(line("spec[0].replicas"), Some(3));
    assert_eq!(line("spec[0].selector"), Some(1));
}

#[test]
fn what_a_module_is_given_stands_in_its_call() {
    let root = "module \"m\" {\n  source = \"./m\"\n  env    = \"live\"\n}\n";
    let sources = sources(&[
        ("", root),
        ("m", "variable \"env\" {}\nvariable \"app\" {}\n"),
    ]);
    let line =
        |address: &str| at(&sources, address, &Place::Passed).map(|(file, line, _)| (file, line));
    assert_eq!(line("module.m.var.env"), Some(("main.tf".to_owned(), 3)));
    let own = line("module.m.var.app").expect("its declaration");
    assert!(own.0.ends_with("m/main.tf") && own.1 == 2);
}

#[test]
fn a_provider_configuration_is_found_by_its_alias() {
    let root = "provider \"aws\" {\n  alias = \"west\"\n}\nprovider \"aws\" {\n}\nmodule \"provider\" {\n  source = \"./provider\"\n}\n";
    let near = "provider \"aws\" {\n}\nresource \"aws_x\" \"y\" {\n}\n";
    let sources = sources(&[("", root), ("provider", near)]);
    let line = |address| at(&sources, address, &Place::Block).map(|(file, line, _)| (file, line));
    let root = |line| Some(("main.tf".to_owned(), line));
    let near = |line| Some(("provider/main.tf".to_owned(), line));
    assert_eq!(line("provider.aws"), root(4));
    assert_eq!(line("provider.aws.west"), root(1));
    assert_eq!(line("module.provider.provider.aws"), near(1));
    assert_eq!(line("module.provider.aws_x.y"), near(3));
    assert_eq!(line("provider.aws.east"), None);
}

#[test]
fn a_finding_is_found_at_its_block_its_argument_or_its_entry() {
    let sources = sources(&[("", ROOT), ("near", NEAR), ("far", NEAR)]);
    let near = "module.near.aws_x.y[\"k\"]";
    let file = || "near/main.tf".to_owned();
    assert_eq!(at(&sources, near, &Place::Block), Some((file(), 1, 1)));
    assert_eq!(
        at(&sources, near, &Place::Argument("password".into())),
        Some((file(), 2, 3))
    );
    assert_eq!(
        at(&sources, near, &Place::Entry("aws_c.d".into())),
        Some((file(), 3, 26))
    );
    assert_eq!(
        at(&sources, "module.near", &Place::Block),
        Some(("main.tf".to_owned(), 1, 1))
    );
}

#[test]
fn what_stands_in_a_module_written_elsewhere_is_found_at_its_call() {
    let sources = sources(&[("", ROOT), ("near", NEAR), ("far", NEAR)]);
    let call = Some(("main.tf".to_owned(), 5, 1));
    assert_eq!(at(&sources, "module.far.aws_x.y", &Place::Block), call);
    assert_eq!(
        at(&sources, "module.far.module.deeper.aws_x.y", &Place::Block),
        call
    );
}

#[test]
fn what_is_gone_is_found_at_the_block_that_removes_it_or_nowhere() {
    let sources = sources(&[("", ROOT)]);
    assert_eq!(
        at(&sources, "aws_x.gone", &Place::Block),
        Some(("main.tf".to_owned(), 9, 1))
    );
    assert_eq!(at(&sources, "aws_x.never", &Place::Block), None);
    let line = |address| at(&sources, address, &Place::Block).map(|(_, line, _)| line);
    assert_eq!(line("module.gone"), Some(13));
    assert_eq!(line("module.gone[\"a\"].aws_x.y[0]"), Some(13));
    assert_eq!(line("module.near.aws_x.gone[0]"), Some(14));
    assert_eq!(at(&sources, "module.gone_too", &Place::Block), None);
    assert_eq!(at(&sources, "a stack", &Place::Block), None);
}

#[test]
fn a_line_is_shown_without_its_secrets() {
    let sources = sources(&[("", ROOT), ("near", NEAR)]);
    let spot = find(
        &sources,
        "module.near.aws_x.y",
        &Place::Argument("password".into()),
    );
    let shown = snippet(&sources, &spot.expect("found")).expect("a line");
    assert!(!shown.text.contains("S3CR3T"), "{shown:?}");
    assert!(shown.text[shown.at..].starts_with("password"), "{shown:?}");
}

#[test]
fn the_text_of_strings_and_comments_is_left_out_of_source_lines() {
    let line = "  password = \"hunter2\" # was hunter1";
    let (shown, span) = masked(line, &(2..22));
    assert_eq!(shown, "  password = \"..\" ");
    assert_eq!(&shown[span], "password = \"..\"");
    let line = "  depends_on = [aws_x.y[\"k\"], aws_z.w]";
    let (shown, span) = masked(line, &(30..37));
    assert_eq!(&shown[span], "aws_z.w");
    assert_eq!(masked("a = \"b", &(0..6)).0, "a = \"..");
    for line in [
        r#"a = "${x ? "S3CR3T" : "x"}-S3CR3T" # S3CR3T"#,
        r#"a = "${x["S3CR3T"]}${jsonencode({ a = "S3CR3T", b = { c = "${"S3CR3T"}" } })} S3CR3T"#,
        r#"a = "$${ S3CR3T" /* S3CR3T */"#,
        r#"a = "\\\"S3CR3T ${"ä\"S3CR3T"} S3CR3T" // S3CR3T"#,
        r#"a = "%{ if b == "S3CR3T" }S3CR3T%{ endif }""#,
    ] {
        let (shown, span) = masked(line, &(0..line.len()));
        assert!(
            shown.starts_with("a = \"..") && !shown.contains("S3CR3T"),
            "{line}: {shown}"
        );
        assert_eq!(&shown[span], shown);
    }
    let (shown, span) = masked("p = f(\"a\", -1234567890, x.b12345678, 80) + y", &(4..40));
    assert_eq!(shown, "p = f(\"..\", .., x.b12345678, 80) + y");
    assert_eq!(&shown[span], "f(\"..\", .., x.b12345678, 80)");
}

#[test]
fn of_the_line_of_a_header_nothing_else_is_shown() {
    let line = "  resource \"a_b\" \"c\" { password = \"S3CR3T\" } # S3CR3T";
    let sources = sources(&[("", line)]);
    let spot = find(&sources, "a_b.c", &Place::Block).expect("found");
    let shown = snippet(&sources, &spot).expect("a line");
    assert_eq!(shown.text, "  resource \"a_b\" \"c\" {");
    assert_eq!(
        &shown.text[shown.at..][..shown.length],
        "resource \"a_b\" \"c\""
    );
    let after = "/* S3CR3T */ resource \"a_b\" \"c\" {}";
    let sources = self::sources(&[("", after)]);
    let spot = find(&sources, "a_b.c", &Place::Block).expect("found");
    assert_eq!(
        snippet(&sources, &spot).expect("a line").text,
        "resource \"a_b\" \"c\" {"
    );
}

#[test]
fn addresses_name_blocks() {
    let shown = |address| {
        block_of(address).map(|(path, keyword, labels)| format!("{path:?} {keyword} {labels:?}"))
    };
    assert_eq!(
        shown("module.a[\"k\"].data.t.n[0]").as_deref(),
        Some("[\"a\"] data [\"t\", \"n\"]")
    );
    assert_eq!(
        shown("module.a.module.b[1]").as_deref(),
        Some("[\"a\"] module [\"b\"]")
    );
    assert_eq!(
        shown("module.a.output.o").as_deref(),
        Some("[\"a\"] output [\"o\"]")
    );
    assert_eq!(shown("a stack"), None);
}
