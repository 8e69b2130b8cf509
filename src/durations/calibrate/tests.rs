//! Whole logs, as they come.

use super::Calibration;
use crate::error::Error;
use std::io::Cursor;

/// A line at a second.
fn line(second: u32, kind: &str, address: &str, action: &str) -> String {
    let at = format!("2026-11-20T21:00:{second:02}.500000Z");
    let hook = serde_json::json!({"resource": {"addr": address}, "action": action});
    serde_json::json!({"@level": "info", "@timestamp": at, "hook": hook, "type": kind}).to_string()
}

/// A step that takes three seconds.
fn step(address: &str, action: &str) -> String {
    let begin = line(10, "apply_start", address, action);
    format!("{begin}\n{}\n", line(13, "apply_complete", address, action))
}

fn taken(logs: &[Vec<u8>]) -> Result<Calibration, Error> {
    let mut calibration = Calibration::default();
    for log in logs {
        calibration.take("apply.jsonl", Box::new(Cursor::new(log.clone())))?;
    }
    Ok(calibration)
}

/// The tables of the TOML, and the notes.
fn measured(log: impl Into<Vec<u8>>) -> (String, Vec<String>) {
    let calibration = taken(&[log.into()]).expect("a log");
    let notes = calibration.notes().map(str::to_owned).collect();
    let toml = calibration.toml().expect("measured");
    let (_, tables) = toml.split_once("\n\n").expect("a header");
    (tables.to_owned(), notes)
}

/// What is said of a log that tells nothing.
fn refused(log: &[u8]) -> String {
    let error = match taken(&[log.to_vec()]) {
        Ok(calibration) => calibration.toml().expect_err("nothing measured"),
        Err(error) => error,
    };
    let shown = format!("{:?}", miette::Report::new(error));
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

const THREE: &str = "[a_b]\ncreate = { seconds = 3.0, samples = 1 }\n";

#[test]
fn any_encoding_and_line_end_is_read() {
    let log = step("a_b.c", "create");
    let utf_16 = |log: &str| -> Vec<u8> { log.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let logs = [
        log.clone().into_bytes(),
        log.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{log}").into_bytes(),
        utf_16(&format!("\u{feff}{log}")),
        utf_16(&log.replace('\n', "\r\n")),
        log.trim_end().as_bytes().to_vec(),
    ];
    for log in logs {
        assert_eq!(
            measured(log.clone()),
            (THREE.to_owned(), vec![]),
            "{:?}",
            String::from_utf8_lossy(&log)
        );
    }
}

#[test]
fn noise_around_and_between_is_passed_over() {
    let log = step("a_b.c", "create");
    let (begin, end) = log.split_once('\n').expect("two lines");
    let log = format!(
        "::group::apply\n[command]/bin/terraform apply -json\n2026-11-20T21:00:10.1Z {begin}\n\u{1b}[0m{{x\n\
         2026-11-20T21:00:13.1Z {}\n::endgroup::\nApply complete! Resources: {{}}",
        end.trim_end()
    );
    assert_eq!(measured(log), (THREE.to_owned(), vec![]));
}

#[test]
fn logs_unite() {
    let mut calibration = taken(&[
        step("a_b.c", "create").into_bytes(),
        (step("module.m[\"x.y\"].a_b.c[0]", "create") + &step("a_a.x", "delete")).into_bytes(),
    ])
    .expect("logs");
    assert_eq!(calibration.notes().count(), 0);
    let plan = format!("{}\n", line(1, "planned_change", "a_b.c", "create"));
    calibration
        .take("plan.jsonl", Box::new(Cursor::new(plan)))
        .expect("a log");
    let notes: Vec<_> = calibration.notes().collect();
    assert!(
        notes[0].starts_with("plan.jsonl applies nothing"),
        "{notes:?}"
    );
    let toml = calibration.toml().expect("measured");
    assert!(
        toml.ends_with("\n\n[a_a]\ndelete = { seconds = 3.0, samples = 1 }\n\n[a_b]\ncreate = { seconds = 3.0, samples = 2 }\n"),
        "{toml}"
    );
}

#[test]
fn the_log_of_a_killed_run_is_used_as_far_as_it_goes() {
    let log = step("a_b.c", "create") + &step("a_b.d", "create");
    let (tables, notes) = measured(&log[..log.len() - 40]);
    assert_eq!(tables, THREE);
    assert!(notes[0].contains("ends within a line"), "{notes:?}");
    assert!(
        notes[1].ends_with("steps that do not count: 1 without an end"),
        "{notes:?}"
    );
    assert_eq!(notes.len(), 2);
}

#[test]
fn what_cannot_be_read_is_counted_and_nothing_of_it_is_written() {
    let hostile = [
        "a_b\n[x].c",
        "a_b\u{1b}[31m.c",
        "\"a\".b",
        "a_b.c[\"",
        "../x.y",
        "a b.c",
    ];
    let log: String = hostile
        .iter()
        .map(|address| step(address, "create"))
        .collect();
    let (tables, notes) = measured(log + &step("a_b.c", "create"));
    assert_eq!(tables, THREE);
    assert!(
        notes[0].ends_with("12 in lines that cannot be read"),
        "{notes:?}"
    );
}

#[test]
fn a_line_of_megabytes_does_no_harm() {
    let long = format!(
        "{{\"@level\":\"info\",\"outputs\":\"{}\",\"type\":\"outputs\"}}\n",
        "x".repeat(3 << 20)
    );
    let hook = line(
        11,
        "apply_start",
        &format!("a_b.c[\"{}\"]", "x".repeat(2 << 20)),
        "create",
    );
    let (tables, notes) = measured(long + &hook + "\n" + &step("a_b.c", "create"));
    assert_eq!(tables, THREE);
    assert!(
        notes.is_empty() || notes[0].contains("cannot be read"),
        "{notes:?}"
    );
}

#[test]
fn what_is_no_log_is_named() {
    let table: [(&[u8], &str, &str); 8] = [
        (b"", "is empty", "terraform apply -json"),
        (b" \r\n\n", "is empty", "terraform apply -json"),
        (b"{\"format_version\":\"1.2\",\"resource_changes\":[", "document of terraform show -json", "apply -json"),
        (b"{\n  \"format_version\": \"1.2\"\n}\n", "document of terraform show -json", "apply -json"),
        (
            b"aws_x.y: Creating...\naws_x.y: Creation complete after 6m12s [id=x]\n\nApply complete! Resources: 1 added",
            "prints for people",
            "-json",
        ),
        (b"hello", "is no log", "terraform apply -json"),
        (b"PK\x03\x04tfplan\0\0", "is no log", "terraform apply -json"),
        (b"{\"level\":\"stdout\",\"msg\":\"hello\"}", "is no log", "terraform apply -json"),
    ];
    for (log, what, help) in table {
        let said = refused(log);
        assert!(said.contains(what) && said.contains(help), "{what}: {said}");
    }
}

#[test]
fn logs_that_apply_nothing_are_an_error_and_not_an_empty_file() {
    let plan = [
        line(1, "refresh_start", "a_b.c", ""),
        line(2, "refresh_complete", "a_b.c", ""),
        line(3, "apply_start", "data.a_b.c", "read"),
        line(4, "apply_complete", "data.a_b.c", "read"),
        line(5, "planned_change", "a_b.c", "update"),
    ];
    let said = refused(plan.join("\n").as_bytes());
    assert!(
        said.contains("no object is created") && said.contains("terraform plan and refresh"),
        "{said}"
    );
    let failed = [
        line(1, "apply_start", "a_b.c", "create"),
        line(2, "apply_errored", "a_b.c", "create"),
    ];
    let said = refused(failed.join("\n").as_bytes());
    assert!(said.contains("nothing came to its end"), "{said}");
}
