//! `tfguard calibrate`, and the check with what it wrote.

mod common;

use common::{command, entries, err, out, root, run};
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

const LOG: &str = "fixtures/_apply/apply.jsonl";
const PLAN: &str = "fixtures/_apply/plan.json";

fn calibrated_from_input(args: &[&str], input: &[u8]) -> Output {
    let mut command = command(&[&["calibrate", "-"], args].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    // The program may have read enough before all is written.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

fn said(output: &Output) -> String {
    err(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn the_times_of_a_recorded_apply_are_those_its_provisioners_took() {
    let output = run(&["calibrate", LOG]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let toml: toml::Table = out(&output).parse().expect("TOML");
    // The sleeps of fixtures/_apply/after: 1, 1.5 and 6 in two modules; what failed is not there.
    let table = [
        ("aws_db_instance", "create", 3.0, 1),
        ("aws_db_instance", "delete", 1.5, 1),
        ("aws_instance", "create", 1.5, 6),
        ("aws_subnet", "delete", 1.5, 2),
        ("aws_vpc", "read", 0.0, 1),
        ("aws_vpc", "update", 0.0, 1),
    ];
    let steps = toml
        .values()
        .map(|steps| steps.as_table().expect("steps").len());
    assert_eq!(steps.sum::<usize>(), table.len(), "{toml:?}");
    for (kind, step, slept, samples) in table {
        let found = &toml[kind][step];
        let over = found["seconds"].as_float().expect("seconds") - slept;
        assert!((0.0..0.5).contains(&over), "{kind} {step} {found:?}");
        assert_eq!(
            found["samples"].as_integer(),
            Some(samples),
            "{kind} {step}"
        );
    }
    assert!(said(&output).ends_with("steps that do not count: 1 failed"));
}

#[test]
fn the_same_logs_give_the_same_bytes_and_two_of_them_unite() {
    let once = run(&["calibrate", LOG]);
    assert_eq!(once.stdout, run(&["calibrate", LOG]).stdout);
    let input = std::fs::read(root().join(LOG)).expect("a log");
    assert_eq!(calibrated_from_input(&[], &input).stdout, once.stdout);
    let twice = out(&calibrated_from_input(&[LOG], &input));
    assert!(twice.contains("samples = 12"), "{twice}");
}

#[test]
fn what_is_written_is_what_a_check_reads() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("durations.toml");
    let output = run(&["calibrate", LOG, "-o", text(&file)]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(output.stdout.is_empty());
    assert_eq!(
        std::fs::read(&file).expect("written"),
        run(&["calibrate", LOG]).stdout
    );
    let check = |args: &[&str]| {
        run(&[&["--fail-on", "never"], args, &[PLAN]].concat())
            .status
            .code()
    };
    assert_eq!(check(&["--durations", text(&file)]), Some(0));
    assert_eq!(check(&["--durations", LOG]), Some(2));
    assert_eq!(check(&["--durations", "missing.toml"]), Some(2));
}

#[test]
fn options_beat_the_environment_which_beats_the_configuration() {
    let dir = tempfile::tempdir().expect("a directory");
    let (good, bad) = (dir.path().join("good.toml"), dir.path().join("bad.toml"));
    let config = dir.path().join("tfguard.toml");
    std::fs::write(&good, "[aws_vpc]\nupdate = { seconds = 2, samples = 1 }\n").expect("written");
    std::fs::write(&bad, "[aws_vpc]\nupdate = { seconds = -2 }\n").expect("written");
    std::fs::write(&config, "durations = \"bad.toml\"\n").expect("written");
    let check = |args: &[&str], env: Option<&Path>| {
        let args = [
            &["--fail-on", "never", "--config", text(&config)],
            args,
            &[PLAN],
        ]
        .concat();
        let mut command = command(&args);
        if let Some(file) = env {
            command.env("TFGUARD_DURATIONS", file);
        }
        command.output().expect("runs")
    };
    let refused = check(&[], None);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        err(&refused).contains("update = { seconds = -2 }"),
        "{}",
        err(&refused)
    );
    assert!(said(&refused).contains("not between 0 seconds and a week"));
    assert_eq!(check(&[], Some(&good)).status.code(), Some(0));
    assert_eq!(check(&[], Some(&bad)).status.code(), Some(2));
    assert_eq!(
        check(&["--durations", text(&good)], Some(&bad))
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn nothing_is_written_when_there_is_nothing_to_write() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("durations.toml");
    let failed = |args: &[&str], what: &str| {
        let output = run(&[&["calibrate", "-o", text(&file)], args].concat());
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(
            output.stdout.is_empty() && entries(dir.path()).is_empty(),
            "{what}"
        );
        assert!(said(&output).contains(what), "{}", err(&output));
    };
    failed(&[LOG, PLAN], "document of terraform show -json");
    failed(&["README.md"], "is no log of terraform apply -json");
    failed(&["fixtures"], "is a directory");
    failed(&["missing.jsonl"], "cannot read missing.jsonl");
    assert_eq!(run(&["calibrate"]).status.code(), Some(2));
    let log = std::fs::read_to_string(root().join(LOG)).expect("a log");
    let planned: Vec<_> = log
        .lines()
        .filter(|line| !line.contains("apply_"))
        .collect();
    let output = calibrated_from_input(&["-o", text(&file)], planned.join("\n").as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(!said(&output).contains("note:"), "{}", err(&output));
    assert!(
        said(&output).contains("deleted in standard input"),
        "{}",
        err(&output)
    );
    assert!(entries(dir.path()).is_empty());
}

#[test]
fn a_log_cut_off_anywhere_is_used_as_far_as_it_goes() {
    let log = std::fs::read(root().join(LOG)).expect("a log");
    for part in [2, 3, 5, 8] {
        let output = calibrated_from_input(&[], &log[..log.len() - log.len() / part]);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{part}");
        assert!(
            said(&output).contains("without an end"),
            "{part}: {}",
            err(&output)
        );
    }
}
