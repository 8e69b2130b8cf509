//! Workflow commands: whatever a plan says, a line is one command, and short enough.

mod common;

use common::hostile::{HOSTILE, many, report_saying};
use common::shown;
use std::fmt::Write as _;
use tfguard::gate::Report;
use tfguard::report::{Format, Style};

fn github(report: &Report) -> String {
    shown(report, Format::Github, Style::default())
}

#[test]
fn a_line_of_a_log_is_one_command_whatever_it_says() {
    for text in HOSTILE {
        let log = github(&report_saying(text));
        let commands: Vec<_> = log.lines().filter(|line| line.starts_with("::")).collect();
        let levels = ["::error ", "::warning ", "::notice "];
        for line in &commands {
            assert!(levels.iter().any(|level| line.starts_with(level)), "{line}");
            let (properties, said) = line[2..].split_once("::").expect("two parts");
            let (_, properties) = properties.split_once(' ').expect("properties");
            for property in properties.split(',') {
                let (name, value) = property.split_once('=').expect("a value");
                assert!(
                    ["file", "line", "title"].contains(&name) && !value.contains(':'),
                    "{line}"
                );
            }
            assert!(!said.contains("##[") && !said.contains("##vso["), "{line}");
        }
        assert!(
            log.lines()
                .skip(commands.len())
                .all(|line| line.starts_with("and ") || line.starts_with("fail: ")),
            "{log}"
        );
    }
}

#[test]
fn annotations_are_the_worst_ten_of_each_level_and_short_enough() {
    let mut report = many(300, &"x".repeat(4096));
    for finding in &mut report.findings {
        finding.message = "word ".repeat(9000);
        finding.members = (0..5000)
            .map(|n| format!("{}{n}", "y".repeat(500)))
            .collect();
    }
    let log = github(&report);
    for level in ["error", "warning", "notice"] {
        assert_eq!(log.matches(&format!("::{level} ")).count(), 10, "{level}");
    }
    let more = 300 - 30;
    assert!(
        log.contains(&format!("\nand {more} more: GitHub shows 10 of each level")),
        "{log}"
    );
    let mut read = String::new();
    for line in log.lines().filter(|line| line.starts_with("::")) {
        let (_, said) = line[2..].split_once("::").expect("two parts");
        let said = said.replace("%0A", "\n").replace("%25", "%");
        assert!(
            said.chars().count() <= 4096 && said.contains(" more"),
            "{}",
            said.len()
        );
        let _ = writeln!(read, "{said}");
    }
    assert!(
        log.lines()
            .last()
            .is_some_and(|line| line.starts_with("fail: "))
    );
}
