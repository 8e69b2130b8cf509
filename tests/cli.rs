//! The program itself: exit codes, arguments, and what it says when it cannot do its job.

mod common;

use common::{command, err, out, root, run};
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

const FLAGGED: &str = "fixtures/planned-delete/flags-count-decreased/plan.json";
const CLEAN: &str = "fixtures/planned-delete/allows-first-apply/plan.json";
const WARNED: &str = "fixtures/leaky-depends-on/flags-module-call/plan.json";

fn code(args: &[&str]) -> i32 {
    run(args).status.code().expect("an exit code")
}

fn with_input(args: &[&str], input: &[u8]) -> Output {
    let mut command = command(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    // The program may have read enough before all is written.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

#[test]
fn exit_codes_tell_findings_from_failures_whatever_the_format() {
    for format in ["text", "json", "sarif"] {
        assert_eq!(code(&["-f", format, CLEAN]), 0, "{format}");
        assert_eq!(code(&["-f", format, FLAGGED]), 1, "{format}");
        assert_eq!(code(&["-f", format, "missing.json"]), 2, "{format}");
        assert_eq!(code(&["-f", format, "--exit-zero", FLAGGED]), 0, "{format}");
        assert_eq!(
            code(&["-f", format, "--fail-on", "never", FLAGGED]),
            0,
            "{format}"
        );
    }
    assert_eq!(code(&[WARNED]), 0);
    assert_eq!(code(&["--fail-on", "warning", WARNED]), 1);
    assert_eq!(code(&["--no-such-option"]), 2);
    assert_eq!(code(&[]), 2);
    assert_eq!(code(&["--help"]), 0);
}

#[test]
fn a_report_for_standard_output_is_no_file_and_formats_are_separated_by_commas() {
    let output = run(&["-f", "json=-", CLEAN]);
    assert!(out(&output).starts_with('{'), "{}", out(&output));
    assert!(!root().join("-").exists());
    let output = run(&["-f", "json=x.json text", CLEAN]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("by commas"), "{}", err(&output));
}

#[test]
fn standard_input_is_a_plan_like_any_other() {
    let plan = std::fs::read(root().join(FLAGGED)).expect("a plan");
    let output = with_input(&["-f", "json", "-"], &plan);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["findings"][0]["cause"], "count_decreased");
}

/// `tfguard <(terraform show -json tfplan)`: what is read twice there is lost.
#[cfg(unix)]
#[test]
fn a_pipe_with_a_path_is_read_once_and_named_as_standard_input() {
    let plan = std::fs::read(root().join(FLAGGED)).expect("a plan");
    let clean = std::fs::read(root().join(CLEAN)).expect("a plan");
    let through = |path: &str, input: &[u8]| {
        let output = with_input(&["-f", "json", path], input);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["findings"][0]["fingerprint"].clone()
    };
    let told = through("-", &plan);
    assert!(told.is_string(), "{told}");
    assert_eq!(through("/dev/stdin", &plan), told);
    let both = [plan, clean].concat();
    assert_eq!(through("/dev/stdin", &both), through("-", &both));
}

#[test]
fn what_is_no_plan_is_named_with_the_way_to_make_one() {
    let table: [(&[u8], &str, &str); 12] = [
        (b"", "is empty", "terraform show -json"),
        (
            b"PK\x03\x04\x14\x00tfplan",
            "binary plan",
            "terraform show -json tfplan",
        ),
        (
            b"{\"@level\":\"info\",\"type\":\"version\"}\n{\"@level\":\"info\"}",
            "terraform plan -json",
            "-out=tfplan",
        ),
        (
            b"{\"format_version\":\"1.0\",\"values\":{}}",
            "is a state",
            "-out=tfplan",
        ),
        (
            b"{\"version\":4,\"lineage\":\"x\",\"serial\":1,\"resources\":[]}",
            "raw state",
            "checks plans",
        ),
        (
            b"{\"format_version\":\"1.0\",\"provider_schemas\":{}}",
            "providers schema",
            "terraform show -json",
        ),
        (
            b"{\"format_version\":\"1.0\",\"valid\":true,\"diagnostics\":[]}",
            "validate",
            "terraform show -json",
        ),
        (
            b"{\"remote_plan_format\":1,\"run_id\":\"run-x\"}",
            "HCP Terraform",
            "log in",
        ),
        (
            b"{\"meta\":{},\"encrypted_data\":\"x\",\"encryption_version\":\"v0\"}",
            "encrypted by OpenTofu",
            "tofu show",
        ),
        (b"digraph G {\n}", "a graph", "--graph"),
        (
            b"resource \"a\" \"b\" {\n}\n",
            "Terraform source",
            "--source",
        ),
        (
            b"{\"format_version\":\"9.0\",\"planned_values\":{}}",
            "format_version 9.0",
            "newer tfguard",
        ),
    ];
    for (input, what, help) in table {
        let output = with_input(&["-"], input);
        let said = err(&output)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(output.stdout.is_empty(), "{what}");
        assert!(said.contains(what) && said.contains(help), "{what}: {said}");
    }
}

#[test]
fn an_error_shows_the_place_but_no_value() {
    let plan = br#"{"format_version":"1.2","resource_changes":[{"address":"x_y.z","secret":"S3CR3T-value" oops}]}"#;
    let output = with_input(&["-"], plan);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("cannot be read at byte 87"), "{said}");
    assert!(!said.contains("S3CR3T"), "{said}");
}

#[test]
fn hostile_documents_end_with_an_error_and_not_with_a_crash() {
    let deep = |open: &str, close: &str| {
        format!(
            "{{\"resource_changes\":{}{}}}",
            open.repeat(200_000),
            close.repeat(200_000)
        )
    };
    let values = |open: &str, close: &str| {
        let value = format!("{}\"x\"{}", open.repeat(200_000), close.repeat(200_000));
        let change = format!(
            "{{\"actions\":[\"create\"],\"after\":{{\"a\":{value}}},\"after_unknown\":{{\"a\":{value}}}}}"
        );
        format!("{{\"resource_changes\":[{{\"address\":\"a_b.c\",\"change\":{change}}}]}}")
    };
    let documents = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        values("[", "]"),
        values("{\"a\":", "}"),
        format!(
            "{{\"prior_state\":{{\"values\":{{\"root_module\":{}",
            "{\"child_modules\":[".repeat(100_000)
        ),
        format!(
            "{{\"configuration\":{{\"root_module\":{}",
            "{\"module_calls\":{\"m\":{\"module\":".repeat(100_000)
        ),
        format!(
            "{{\"resource_changes\":[{{\"address\":\"{}",
            "x".repeat(5_000_000)
        ),
        "{\"resource_changes\":[{\"address\":\"\\ud800\"}]}".to_owned(),
        "{\"resource_changes\":[{\"address\":1e400,\"change\":{\"actions\":[\"delete\"]}}]}"
            .to_owned(),
    ];
    for document in documents {
        let output = with_input(&["-"], document.as_bytes());
        let code = output.status.code();
        assert!(
            matches!(code, Some(0..=2)),
            "{code:?} for {}",
            &document[..60]
        );
        assert!(code == Some(2) || !output.stdout.is_empty());
    }
}

#[test]
fn how_much_stands_before_the_changes_makes_no_difference_to_what_is_found() {
    let plan = root().join("fixtures/hidden-dependency/flags-literal-id/plan.json");
    let plan = std::fs::read_to_string(plan).expect("a fixture");
    let (key, padding) = ("\"planned_values\":{", "x".repeat(1 << 25));
    assert!(plan.contains(key));
    let padded = plan.replacen(key, &format!("{key}\"padding\":\"{padding}\","), 1);
    let [short, long] =
        [plan, padded].map(|plan| out(&with_input(&["-", "-f", "json"], plan.as_bytes())));
    assert!(short.contains("\"hidden-dependency\""), "{short}");
    assert_eq!(short, long);
}

#[test]
fn numbers_beyond_floating_point_are_read() {
    let plan = format!(
        "{{\"format_version\":\"1.2\",\"planned_values\":{{}},\"resource_changes\":[{{\"address\":\"a_b.c\",\"change\":{{\"actions\":[\"update\"],\"before\":{{\"n\":{0}}},\"after\":{{\"n\":{0}1}}}}}}]}}",
        "9".repeat(401)
    );
    assert_eq!(with_input(&["-"], plan.as_bytes()).status.code(), Some(0));
}

#[test]
fn one_bad_plan_does_not_lose_the_others() {
    let output = run(&["-f", "json", CLEAN, "missing.json", FLAGGED]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("missing.json"));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names: Vec<_> = json["stacks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|stack| stack["name"].clone())
        .collect();
    assert_eq!(names, ["allows-first-apply", "flags-count-decreased"]);
    assert!(
        json["stacks"][0]["notes"]
            .to_string()
            .contains("missing.json")
    );
}

#[test]
fn report_files_are_written_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("out.sarif");
    let format = format!("sarif={}", file.display());
    assert_eq!(code(&["-f", &format, "-f", "text", FLAGGED]), 1);
    let sarif: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(code(&["-f", &format, "missing.json"]), 2);
    assert!(!file.exists());
    let nowhere = format!("sarif={}", dir.path().join("no/such/dir/x").display());
    let output = run(&["-f", &nowhere, "-f", "text", FLAGGED]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "{}", out(&output));
    let output = run(&["-f", &format, "-f", &nowhere, FLAGGED]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!file.exists());
    let output = run(&[
        "-f",
        &format,
        "-f",
        &format.replace("sarif=", "json="),
        FLAGGED,
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("two reports cannot share"),
        "{}",
        err(&output)
    );
    let plan = dir.path().join("plan.json");
    std::fs::copy(root().join(FLAGGED), &plan).expect("copied");
    let over = format!("json={}", dir.path().join("../.").join(&plan).display());
    assert_eq!(code(&["-f", &over, plan.to_str().expect("a name")]), 2);
    assert!(
        std::fs::read(&plan).expect("there") == std::fs::read(root().join(FLAGGED)).expect("there")
    );
    std::fs::remove_file(&plan).expect("removed");
    assert!(common::entries(dir.path()).is_empty());
}

#[test]
fn two_reports_cannot_share_standard_output() {
    let output = run(&["-f", "json", "-f", "text", FLAGGED]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("cannot share standard output"));
}

#[test]
fn colour_is_for_terminals_or_on_request() {
    assert!(!out(&run(&[FLAGGED])).contains('\u{1b}'));
    assert!(out(&run(&["--color", "always", FLAGGED])).contains('\u{1b}'));
    assert!(!out(&run(&["--color", "never", FLAGGED])).contains('\u{1b}'));
    assert!(!out(&run(&["--color", "always", "-f", "json", FLAGGED])).contains('\u{1b}'));
}

#[test]
fn options_beat_the_environment_which_beats_nothing() {
    let with = |args: &[&str]| {
        command(args)
            .env("TFGUARD_FAIL_ON", "warning")
            .output()
            .expect("runs")
            .status
            .code()
    };
    assert_eq!(with(&[WARNED]), Some(1));
    assert_eq!(with(&["--fail-on", "error", WARNED]), Some(0));
}

#[test]
fn configuration_is_found_upward_and_mistakes_in_it_are_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let below = dir.path().join("a/b");
    std::fs::create_dir_all(&below).expect("made");
    std::fs::write(
        dir.path().join("tfguard.toml"),
        "[rules.planned-delete]\nseverity = \"note\"\n",
    )
    .expect("written");
    let plan = root().join(FLAGGED);
    let run_below = || {
        command(&[plan.to_str().expect("UTF-8")])
            .current_dir(&below)
            .output()
            .expect("runs")
    };
    assert_eq!(run_below().status.code(), Some(0));
    std::fs::write(
        dir.path().join("tfguard.toml"),
        "[rules.planed-delete]\nseverity = \"note\"\n",
    )
    .expect("written");
    let output = run_below();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("did you mean planned-delete?"),
        "{}",
        err(&output)
    );
}

#[test]
fn sources_of_another_configuration_are_told_and_not_used() {
    let other = "fixtures/leaky-depends-on/flags-module-call/after";
    let output = run(&["--source", other, CLEAN]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        out(&output).contains("not those of this plan"),
        "{}",
        out(&output)
    );
    let output = run(&["--source", "fixtures/nowhere", CLEAN]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_a_plan_nothing_is_said_of_what_it_does() {
    let sources = "fixtures/leaky-depends-on/flags-module-call/after";
    let report = out(&run(&["--source", sources]));
    assert!(report.contains("leaky-depends-on"), "{report}");
    assert!(report.contains("\n      no plan\n"), "{report}");
    assert!(!report.contains("after this plan"), "{report}");
    let page = out(&run(&["--source", sources, "-f", "markdown"]));
    assert!(!page.contains("no changes"), "{page}");
}

#[test]
fn rules_and_their_pages_can_be_read() {
    let rules = out(&run(&["rules"]));
    assert_eq!(rules.lines().count(), tfguard::rules::RULES.len());
    let page = out(&run(&["explain", "planned-delete"]));
    assert!(page.starts_with("# planned-delete\n"));
    let output = run(&["explain", "planed-delete"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean planned-delete?"));
}

#[test]
fn quiet_leaves_out_help_and_verbose_nothing() {
    let plan = "fixtures/fan-out-hot-spot/flags-changed-hub/plan.json";
    assert!(!out(&run(&["-q", FLAGGED])).contains("help:"));
    assert!(out(&run(&[FLAGGED])).contains("help:"));
    assert!(run(&["-v", plan]).status.success());
    assert_eq!(code(&["-v", "-q", plan]), 2);
}

#[test]
fn a_reader_that_has_seen_enough_changes_no_exit_code() {
    for format in ["text", "json", "sarif"] {
        for (plan, code) in [(FLAGGED, 1), (CLEAN, 0)] {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let status = command(&["-f", format, plan]).stdout(writer).status();
            assert_eq!(status.expect("runs").code(), Some(code), "{format} {plan}");
        }
    }
}

#[test]
fn a_directory_without_plans_is_named() {
    let output = run(&["src"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("there is no plan in the directory src"));
    assert!(Path::new("fixtures").is_relative());
}

/// A plan in which every entry of a `depends_on` is redundant, and nothing exists yet.
fn with_redundant_entries(n: usize) -> String {
    let names = || (0..n).map(|n| format!("b{n}"));
    let change = |name: String| serde_json::json!({"address": format!("t.{name}"), "change": {"actions": ["create"]}});
    let reader = |name: String| {
        serde_json::json!({"mode": "managed", "type": "t", "name": name, "depends_on": ["t.a"],
            "expressions": {"input": {"references": ["t.a"]}}})
    };
    let first = std::iter::once("a".to_owned());
    let resources: Vec<_> = names()
        .map(reader)
        .chain([serde_json::json!({"mode": "managed", "type": "t", "name": "a"})])
        .collect();
    let plan = serde_json::json!({
        "format_version": "1.2", "complete": true, "errored": false, "planned_values": {},
        "resource_changes": first.chain(names()).map(change).collect::<Vec<_>>(),
        "configuration": {"root_module": {"resources": resources}},
    });
    plan.to_string()
}

#[test]
fn a_flood_of_notes_is_counted_and_not_printed() {
    let plan = with_redundant_entries(8);
    let short = out(&with_input(&["-"], plan.as_bytes()));
    assert_eq!(
        short.matches("note[redundant-depends-on]: t.b").count(),
        5,
        "{short}"
    );
    assert!(
        short.contains("... and 3 more of note[redundant-depends-on]"),
        "{short}"
    );
    let long = out(&with_input(&["-v", "-"], plan.as_bytes()));
    assert_eq!(
        long.matches("note[redundant-depends-on]: t.b").count(),
        8,
        "{long}"
    );
}

#[test]
fn a_marked_value_is_hidden_wherever_a_plan_can_carry_it() {
    let delete =
        |address: &str| serde_json::json!({"address": address, "change": {"actions": ["delete"]}});
    let plan = serde_json::json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "complete": false, "errored": false,
        "variables": {"token": {"value": "S3CR3T-variable"}, "map": {"value": {"S3CR3T-map-key": "x"}}},
        "planned_values": {"root_module": {"resources": [{}]}},
        "resource_changes": [
            delete("t.a[\"S3CR3T-variable\"]"), delete("t.a[\"x-S3CR3T-state-x\"]"), delete("t.a[\"S3CR3T-map-key\"]"),
            delete("module.m[\"S3CR3T-output\"].t.b"), delete("t.a[\"S3CR3T-variable"),
            {"address": "t.c", "previous_address": "t.c[\"S3CR3T-variable\"]", "change": {
                "actions": ["delete", "create"], "replace_paths": [["tags", "S3CR3T-variable"]],
                "after": {"password": "S3CR3T-after"}, "after_sensitive": {"password": true}}},
        ],
        "deferred_changes": [{"reason": "unknown", "resource_change": {"address": "t.d[\"S3CR3T-after\"]"}}],
        "output_changes": {"o": {"actions": ["update"], "before": "S3CR3T-output", "before_sensitive": true}},
        "prior_state": {"values": {"root_module": {"resources": [{"address": "data.d.x", "mode": "data",
            "values": {"secret": "S3CR3T-state"}, "sensitive_values": {"secret": true}}]}}},
        "configuration": {"root_module": {
            "variables": {"token": {"sensitive": true}, "map": {"sensitive": true}},
            "resources": [{"mode": "data", "type": "d", "name": "x", "depends_on": ["t.c[\"S3CR3T-variable\"]"]},
                {"mode": "managed", "type": "t", "name": "c"}],
        }},
    });
    for format in ["text", "json", "sarif"] {
        for level in ["-v", "--exit-zero", "-q"] {
            let output = with_input(&["-f", format, level, "-"], plan.to_string().as_bytes());
            let said = out(&output) + &err(&output);
            assert!(
                said.contains("(sensitive") && !said.contains("S3CR3T"),
                "{format} {level}\n{said}"
            );
        }
    }
}

/// A plan file as terraform plan -out writes it, with the sources of a fixture.
fn plan_file(sources: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut zip = zip::ZipWriter::new(file.reopen().expect("the file"));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("tfplan", b"not for tfguard to read".to_vec()),
        (
            "tfconfig/m-/main.tf",
            std::fs::read(root().join(sources)).expect("sources"),
        ),
    ] {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(&text).expect("written");
    }
    zip.finish().expect("finished");
    file
}

/// A program that prints a file, or fails with a complaint.
#[cfg(unix)]
fn program(script: &str) -> tempfile::TempPath {
    use std::os::unix::fs::PermissionsExt as _;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("#!/bin/sh\n{script}\n")).expect("written");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(file.path(), executable).expect("executable");
    file.into_temp_path()
}

#[cfg(unix)]
#[test]
fn a_binary_plan_is_read_by_its_program_and_brings_its_sources() {
    let case = "fixtures/planned-delete/flags-count-decreased";
    let plan = plan_file(&format!("{case}/after/main.tf"));
    let json = root().join(case).join("plan.json");
    let terraform = program(&format!("cat '{}'", json.display()));
    let path = plan.path().to_str().expect("a path");
    let output = run(&["--terraform", terraform.to_str().expect("a path"), path]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("╭─[main.tf:"), "{}", out(&output));
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_is_quoted() {
    let plan = plan_file("fixtures/planned-delete/flags-count-decreased/after/main.tf");
    let terraform = program("echo 'Error: no provider here' >&2; exit 1");
    let path = plan.path().to_str().expect("a path");
    let output = run(&["--terraform", terraform.to_str().expect("a path"), path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("no provider here"),
        "{}",
        err(&output)
    );
    assert!(out(&output).is_empty());
}

#[test]
fn findings_point_to_the_line_at_fault_and_show_no_string_of_it() {
    let case = "fixtures/planned-delete/flags-count-decreased";
    let source = format!("{case}/after");
    let plan = format!("{case}/plan.json");
    let json = out(&run(&["-f", "json", "--source", &source, &plan]));
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let location = &report["findings"][0]["location"];
    assert_eq!(location["file"], format!("{source}/main.tf"));
    let text = std::fs::read_to_string(root().join(&source).join("main.tf")).expect("sources");
    let line = usize::try_from(location["line"].as_u64().expect("a line")).expect("small");
    assert!(
        text.lines()
            .nth(line - 1)
            .expect("the line")
            .contains("count"),
        "{location}"
    );
    let sarif = out(&run(&["-f", "sarif", "--source", &source, &plan]));
    assert!(
        sarif.contains(&format!("\"uri\": \"{source}/main.tf\"")),
        "{sarif}"
    );
}

#[test]
fn sources_alone_are_checked_for_what_needs_no_plan() {
    let output = run(&["-v", "--source", "fixtures/_graph/after"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("note[redundant-depends-on]: terraform_data.through_locals"));
    let output = run(&["--graph", "fixtures/_graph/graph.dot"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("no plan given"));
}

#[test]
fn a_graph_of_something_else_is_told_and_not_used() {
    let output = run(&["--graph", "fixtures/_graph/graph.dot", WARNED]);
    assert!(
        out(&output).contains("the graph was not used"),
        "{}",
        out(&output)
    );
    let written = |text: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(&file, text).expect("written");
        file
    };
    let alone = |text: &str| {
        let file = written(text);
        let output = run(&["--graph", file.path().to_str().expect("a name")]);
        (output.status.code(), err(&output))
    };
    let (code, said) = alone("digraph deps { serde -> serde_derive; \"tokio v1\" -> mio }");
    assert!(code == Some(2) && said.contains("something else"), "{said}");
    let destroys = r#"digraph { "[root] a_b.c (destroy)" -> "[root] output.o (expand)" }"#;
    let (code, said) = alone(destroys);
    assert!(code == Some(2) && said.contains("destroyed"), "{said}");
    assert_eq!(alone("digraph { }").0, Some(0));
    let file = written(destroys);
    let output = run(&["--graph", file.path().to_str().expect("a name"), WARNED]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("the graph was not used"));
    let output = run(&["--graph", CLEAN, CLEAN]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("is a plan document"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_variable_that_says_nothing_is_not_set_and_one_that_is_wrong_is_named() {
    let plan = "fixtures/partial-plan/flags-target/plan.json";
    let said = |name: &str, value: &str| command(&[plan]).env(name, value).output().expect("runs");
    let names = [
        "COLOR",
        "CONFIG",
        "DURATIONS",
        "EXIT_ZERO",
        "FAIL_ON",
        "FORMAT",
        "GRAPH",
        "MAX_AGE",
        "QUIET",
        "SOURCE",
        "TERRAFORM",
        "VERBOSE",
    ];
    let readme = std::fs::read_to_string(root().join("README.md")).expect("text");
    for name in names.map(|name| format!("TFGUARD_{name}")) {
        assert_eq!(said(&name, "").status.code(), Some(0), "{name}");
        assert!(
            readme.contains(&format!("`{name}`")),
            "{name} is not in README.md"
        );
    }
    for name in [
        "COLOR",
        "EXIT_ZERO",
        "FAIL_ON",
        "FORMAT",
        "MAX_AGE",
        "QUIET",
        "VERBOSE",
    ] {
        let name = format!("TFGUARD_{name}");
        let output = said(&name, "maybe");
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(err(&output).contains(&name), "{}", err(&output));
    }
    assert_eq!(out(&said("TFGUARD_QUIET", "1")), out(&run(&["-q", plan])));
    assert_eq!(
        out(&said("TFGUARD_VERBOSE", "yes")),
        out(&run(&["-v", plan]))
    );
    let beaten = command(&["-q", plan])
        .env("TFGUARD_VERBOSE", "1")
        .output()
        .expect("runs");
    assert_eq!(out(&beaten), out(&run(&["-q", plan])));
    assert_eq!(run(&["-q", "-v", plan]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_report_is_written_into_a_pipe_and_behind_a_link_and_replaces_neither() {
    use std::os::unix::fs::FileTypeExt as _;
    let dir = tempfile::tempdir().expect("a directory");
    let (pipe, link, file) = (
        dir.path().join("pipe"),
        dir.path().join("link"),
        dir.path().join("file"),
    );
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    std::fs::write(&file, "old").expect("written");
    std::os::unix::fs::symlink(&file, &link).expect("linked");
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).expect("read")
    });
    let plan = root().join("fixtures/drift/allows-computed/plan.json");
    let plan = plan.to_string_lossy();
    let formats = [&pipe, &link].map(|path| format!("json={}", path.display()));
    let output = run(&["-q", "-f", &formats[0], "-f", &formats[1], &plan]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let (piped, linked) = (
        reader.join().expect("joined"),
        std::fs::read_to_string(&file),
    );
    assert!(
        piped.starts_with('{') && piped == linked.expect("read"),
        "{piped}"
    );
    let kind = |path| std::fs::symlink_metadata(path).expect("there").file_type();
    assert!(kind(&pipe).is_fifo() && kind(&link).is_symlink());
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_that_could_not_be_written_is_an_error() {
    for args in [&["rules"][..], &["explain", "drift"]] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = command(args)
            .stdout(full.expect("a full disk"))
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(err(&output).contains("cannot write"), "{}", err(&output));
    }
}
