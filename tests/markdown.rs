//! Markdown: nothing of a plan is markup, and the page fits every code host.

mod common;

use common::hostile::{BASE, HOSTILE, many, picture, report, report_saying};
use common::{cases, check, root, shown};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use tfguard::finding::{Justification, Status};
use tfguard::gate::{FailOn, OwnerChanges, Report, Summary};
use tfguard::report::{Format, Style};

const RULES: &str = "https://github.com/tfguard/tfguard/blob/main/rules/";

fn markdown(report: &Report) -> String {
    shown(report, Format::Markdown, Style::default())
}

fn github(report: &Report) -> String {
    shown(report, Format::Github, Style::default())
}

/// Asserts that all markup is ours, that everything that opens closes, and that what is prose is plain.
fn assert_inert(text: &str) {
    let (mut open, mut in_code, mut prose) = (Vec::new(), false, String::new());
    for event in Parser::new_ext(
        text,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH,
    ) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => html_is_ours(&html, &mut open),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(
                    dest_url.starts_with(RULES) || dest_url.starts_with(BASE),
                    "{dest_url}\n{text}"
                );
            }
            Event::Start(
                Tag::Image { .. }
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::BlockQuote(_)
                | Tag::FootnoteDefinition(_),
            )
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Rule
            | Event::TaskListMarker(_) => panic!("{event:?}\n{text}"),
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(said) if !in_code => prose.push_str(&said),
            Event::Code(_) => prose.push('x'),
            Event::Start(_) | Event::End(_) => prose.push('\n'),
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "{text}");
    assert!(text.trim_end().ends_with("</sub>"), "{text}");
    for mark in [
        "@", "#", "://", "www.", "::", "`", "~", "$", "|", "\\", "&", "!", "<",
    ] {
        assert!(!prose.contains(mark), "{mark} in {prose}");
    }
}

/// The HTML of a report, and nothing else.
fn html_is_ours(html: &str, open: &mut Vec<String>) {
    for tag in html
        .split_inclusive('>')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
    {
        if tag.starts_with("<!-- tfguard:report key=") && tag.contains(" v=1 open=") {
            continue;
        }
        // What stands in a summary is ours: a count, and names of rules.
        let (said, tag) = tag.split_at(tag.find('<').unwrap_or_else(|| panic!("{html}")));
        let plain = |c: char| c.is_ascii_alphanumeric() || " ,:-()".contains(c);
        assert!(said.chars().all(plain), "{html}");
        match tag {
            "<br>" => {}
            "<details>" | "<details open>" => open.push("</details>".to_owned()),
            "<summary>" | "<sub>" | "<code>" => open.push(tag.replace('<', "</")),
            _ => assert_eq!(open.pop().as_deref(), Some(tag), "{html}"),
        }
    }
}

#[test]
fn both_formats_read_as_they_were_reviewed() {
    let report = check(&root().join("fixtures/_report"), None);
    insta::assert_snapshot!("markdown", markdown(&report));
    insta::assert_snapshot!("github", github(&report));
}

#[test]
fn nothing_of_a_plan_is_markup_anywhere() {
    for text in HOSTILE {
        let page = markdown(&report_saying(text));
        assert_inert(&page);
        assert!(page.starts_with("<!-- tfguard:report key="), "{page}");
        assert!(
            !page.lines().next().expect("a line")[4..]
                .trim_end_matches("-->")
                .contains("--"),
            "{page}"
        );
        assert!(
            !page.contains(|c: char| c.is_control() && c != '\n'),
            "{page}"
        );
        // Nothing of ours begins with what GitLab takes for a quick action, or Actions for a command.
        let commands = ["/", "::", "##["];
        assert!(
            page.lines()
                .all(|line| !commands.iter().any(|command| line.starts_with(command))),
            "{page}"
        );
    }
}

#[test]
fn no_report_of_a_fixture_has_markup_of_its_own() {
    let mut destroyed = 0;
    for case in cases() {
        let page = markdown(&check(&case, None));
        assert_inert(&page);
        destroyed += usize::from(page.contains("#### What is destroyed"));
    }
    assert!(destroyed > 20, "{destroyed}");
}

#[test]
fn what_is_destroyed_stands_first_and_data_before_the_rest() {
    let page = markdown(&report());
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}\n{page}"));
    assert!(
        page.lines()
            .nth(1)
            .expect("a title")
            .starts_with("### ❌ tfguard fails: 5 errors")
    );
    assert!(
        at(
            "**Destroys 11 objects**: 7 for good, 4 to be created anew. **Data at stake in 2 objects.**"
        ) < at("#### What is destroyed")
    );
    assert!(at("**data loss** · [unmoved-rename]") < at("[index-shift]"));
    assert!(
        at("[index-shift]") < at("#### What else is wrong")
            && at("[abandoned-object]") > at("#### What else is wrong")
    );
    assert!(at("#### What else is wrong") < at("</summary>\n\n- 🟡"));
    assert!(page.contains("  ```hcl\n  moved {\n    from = aws_s3_bucket.logs\n"));
    let closing = at("\n**fail**: 2 objects with data are destroyed");
    let way = at(
        "To pass, apply the 2 fixes, then mend 2 findings, or waive them in `tfguard.toml`, then have the destroy approved:\n\n```sh\n",
    );
    assert!(closing < way && way < at("<sub>"), "{page}");
    assert!(
        page.contains("--finding 'planned-delete|app|aws_ebs_volume.data|config_removed' --reason")
    );
}

#[test]
fn places_are_links_only_where_files_are_known_to_be_shown() {
    let mut report = report_saying("x");
    assert!(
        markdown(&report)
            .contains("[`dir/x.tf:7`](https://github.com/acme/infra/blob/0a1b2c3/dir/x.tf#L7)")
    );
    report.link_base = None;
    assert!(markdown(&report).contains(" · `dir/x.tf:7`<br>"));
    report.link_base = Some(BASE.to_owned());
    for finding in &mut report.findings {
        finding
            .location
            .iter_mut()
            .for_each(|at| at.file = "../x.tf".to_owned());
    }
    assert!(!markdown(&report).contains(BASE));
}

#[test]
fn accepted_findings_are_counted_and_folded_with_their_reason() {
    let mut report = report();
    report.findings[0].status = Status::Approved;
    report.findings[0].justification = Some(Box::new(Justification {
        reason: Some("OPS-12: a snapshot was taken".to_owned()),
        by: Some("@kim".to_owned()),
        expires: Some("2027-01-31".to_owned()),
        source: ".tfguard/approvals.toml".to_owned(),
    }));
    report.summary.approved = 1;
    report.summary.error -= 1;
    let page = markdown(&report);
    assert!(page.contains("Accepted: 1 approved."));
    assert!(page.contains("<details><summary>1 accepted finding: abandoned-object</summary>"));
    assert!(page.contains("Accepted by `@kim` in `.tfguard/approvals.toml` until `2027-01-31`: `OPS-12`: a snapshot was taken"), "{page}");
    assert!(!github(&report).contains("abandoned-object"));
}

#[test]
fn ten_thousand_findings_are_shed_and_counted() {
    let report = many(10_000, "module.app.aws_thing.x");
    let page = markdown(&report);
    assert!(
        page.len() <= 60_000 && page.len() > 20_000,
        "{}",
        page.len()
    );
    assert_inert(&page);
    for severity in ["error", "warning", "note"] {
        let n = report
            .findings
            .iter()
            .filter(|f| f.severity.word() == severity)
            .count();
        assert!(
            page.lines()
                .nth(1)
                .expect("a title")
                .contains(&format!("{n} {severity}s")),
            "{page}"
        );
    }
    assert!(page.contains("more (`tfguard -v` and `-f json` have all)"));
    assert!(page.contains(
        "Too long for a comment, left out here: pictures, details of notes, details of warnings"
    ));
}

#[test]
fn shedding_begins_with_what_is_needed_least() {
    let at = |n: usize| markdown(&many(n, "aws_thing.x"));
    let left_out = |page: &str| {
        page.split("left out here: ")
            .nth(1)
            .map(|rest| rest.split(';').next().expect("a list").to_owned())
    };
    assert_eq!(left_out(&at(17)), None);
    let lists: Vec<_> = (1..20)
        .map(|n| left_out(&at(n * 30)).unwrap_or_default())
        .collect();
    assert!(
        lists.windows(2).all(|two| two[1].starts_with(&two[0])),
        "{lists:?}"
    );
    assert!(
        lists
            .last()
            .expect("some")
            .starts_with("pictures, details of notes, details of warnings, objects")
    );
}

#[test]
fn whatever_a_plan_holds_fits_and_stays_whole() {
    let long = [
        "x".repeat(4096),
        format!("aws_x.y[\"{}\"]", "`".repeat(4096)),
        format!("aws_x.y[\"{}\"]", "🚀".repeat(1024)),
        format!("aws_x.y[\"{}\"]", "\u{301}".repeat(2048)),
        "@ ".repeat(2048),
        "| ".repeat(2048),
    ];
    for text in &long {
        for n in [1, 60] {
            let mut report = many(n, text);
            let stack = report.stacks[0].clone();
            report.stacks = (0..100)
                .map(|nth| {
                    let mut stack = stack.clone();
                    stack.name = format!("{text}{nth}");
                    stack.notes = vec![text.clone(); 3];
                    stack.owners = vec![OwnerChanges {
                        name: stack.name.clone(),
                        changes: 1,
                    }];
                    stack.picture = Some(picture(text));
                    stack
                })
                .collect();
            report.link_base = Some(BASE.to_owned());
            let page = markdown(&report);
            assert!(page.len() <= 60_000, "{} bytes", page.len());
            assert_inert(&page);
            assert!(page.contains("more"));
        }
    }
}

#[test]
fn many_stacks_are_a_table_with_those_that_fail_first() {
    let mut report = report();
    let stack = report.stacks[0].clone();
    for nth in 0..500 {
        let mut stack = stack.clone();
        stack.name = format!("stack|{nth}");
        report.stacks.insert(0, stack);
    }
    let page = markdown(&report);
    assert!(
        page.lines().next().is_some_and(|line| line.len() < 120),
        "{page}"
    );
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows[1].starts_with("| ❌ fails | `app` |"), "{rows:?}");
    assert!(
        rows[2].contains("`stack\\|499`") && rows.last().is_some_and(|row| row.contains("more")),
        "{rows:?}"
    );
    assert_inert(&page);
}

#[test]
fn a_clean_run_is_short() {
    let mut report = report();
    report.findings.clear();
    (report.summary, report.failed) = (Summary::default(), false);
    let page = markdown(&report);
    assert!(
        page.lines()
            .nth(1)
            .is_some_and(|title| title == "### ✅ tfguard passes: nothing found in `app`")
    );
    assert!(
        page.contains("**pass**: ") && !page.contains("Shortest way"),
        "{page}"
    );
    assert_eq!(
        github(&report),
        "pass: nothing open fails a run (--fail-on error)\n"
    );
}

#[test]
fn warnings_that_fail_a_run_are_not_folded_away() {
    let mut report = report();
    report.fail_on = FailOn::Warning;
    let page = markdown(&report);
    let (shown, _) = page.split_once("<details><summary>5 notes").expect("notes");
    assert!(
        shown.contains("[leaky-depends-on]") && !page.contains(" warnings: "),
        "{page}"
    );
}

#[test]
fn a_summary_of_a_step_can_be_appended_or_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("summary.md");
    let to_file = format!("markdown={}", file.display());
    let plan = "fixtures/_report/plan.json";
    let log = common::out(&common::run(&["-f", "github", "-f", &to_file, plan]));
    let page = common::out(&common::run(&["-f", "markdown", plan]));
    assert_eq!(std::fs::read_to_string(file).expect("written"), page);
    assert!(
        log.starts_with("::error ") && page.contains("```mermaid\nflowchart LR\n"),
        "{log}"
    );
    let wrong = common::err(&common::run(&["-f", "yaml", plan]));
    assert!(
        wrong.contains("use text, json, sarif, markdown or github"),
        "{wrong}"
    );
}
