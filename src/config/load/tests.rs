use super::Reader;
use crate::config::{Config, Level, Subject, Threshold};
use crate::error::Error;
use crate::finding::{Finding, Location, Severity};

fn parse(path: &str, text: &str) -> Result<Config, Error> {
    Reader::new(path, path, text).read()
}

fn shown(text: &str) -> String {
    let error = parse("tfguard.toml", text).expect_err("refused");
    format!("{:?}", miette::Report::new(error))
}

#[test]
fn one_stack_or_several_can_be_named() {
    let one = parse("t", "[stack]\nname = \"a\"\nowner = \"o\"").expect("valid");
    assert_eq!(one.stack("any/plan.json", "d".to_owned()).name, "a");
    let two = parse(
        "t",
        "[[stack]]\nname = \"a\"\nplan = \"a/*.json\"\n[[stack]]\nname = \"b\"\nplan = \"./b/**\"",
    )
    .expect("valid");
    let name = |plan| two.stack(plan, "default".to_owned()).name;
    assert_eq!(name("./a/plan.json"), "a");
    assert_eq!(name("b/c/plan.json"), "b");
    assert_eq!(name("c/plan.json"), "default");
}

#[test]
fn severities_and_options_are_read() {
    let config = parse("t", "[rules.fan-out-hot-spot]\nseverity = \"error\"\ndirect = 5\n[rules.partial-plan]\nseverity = \"off\"").expect("valid");
    let stack = config.stack("plan.json", "s".to_owned());
    assert_eq!(config.options(&stack)["fan-out-hot-spot"]["direct"], 5);
    let runs = |rule| config.runs(rule, "s", None);
    assert!(!runs("partial-plan") && runs("errored-plan"));
}

#[test]
fn mistakes_are_shown_in_their_line_with_the_nearest_right_word() {
    let table = [
        ("[stakc]\nname = \"x\"", "stakc", "did you mean stack?"),
        (
            "[rules.planed-delete]\nseverity = \"note\"",
            "no such rule",
            "did you mean planned-delete?",
        ),
        (
            "[rules.fan-out-hot-spot]\ndirekt = 3",
            "no such option",
            "did you mean direct?",
        ),
        (
            "[rules.fan-out-hot-spot]\ndirect = -3",
            "not a number",
            "whole number",
        ),
        (
            "[rules.planned-delete]\nseverity = \"loud\"",
            "no such severity",
            "\"off\"",
        ),
        (
            "[[owner]]\nname = \"x\"\ntypes = [\"a**[\", 3]",
            "invalid type",
            "in quotes",
        ),
        ("[stack\n", "cannot be understood", "docs/configuration.md"),
        (
            "[ownership]\ntag = \"a\"\ntga = \"b\"",
            "unknown field",
            "did you mean",
        ),
    ];
    for (text, what, help) in table {
        let shown = shown(text);
        assert!(
            shown.contains(what) && shown.contains(help),
            "{text}\n{shown}"
        );
    }
}

const WAIVER: &str =
    "[[waiver]]\nrule = \"planned-delete\"\naddress = \"module.a\"\nreason = \"r\"\n";

#[test]
fn a_waiver_is_read_with_the_line_it_stands_in() {
    let text = format!("source_waivers = false\n\n{WAIVER}expires = 2027-01-31\nstack = \"a-*\"\n");
    let config = parse("tfguard.toml", &text).expect("valid");
    let waiver = &config.waivers[0];
    assert_eq!((waiver.rule, &*waiver.reason), ("planned-delete", "r"));
    assert_eq!(
        (waiver.location.line, &*waiver.location.file),
        (3, "tfguard.toml")
    );
    assert_eq!(
        waiver.expires.as_ref().map(ToString::to_string).as_deref(),
        Some("2027-01-31")
    );
    assert!(waiver.is_for("a-prod") && !waiver.is_for("b") && !config.source_waivers);
    assert!(
        waiver.covers(&Subject::new("module.a[\"k\"].aws_x.y"))
            && !waiver.covers(&Subject::new("module.ab.aws_x.y"))
    );
}

#[test]
fn hostile_text_in_a_waiver_is_made_visible() {
    let text = WAIVER.replace("\"r\"", "\"a\\u001b[31m\\u202e\\nb\"");
    let config = parse("t", &text).expect("valid");
    assert_eq!(config.waivers[0].reason, "a\\u{1b}[31m\\u{202e}\\u{a}b");
}

#[test]
fn thresholds_and_ages_are_read() {
    let config = parse("t", "fail_on = \"warning\"\nmax_age = \"2h\"").expect("valid");
    assert_eq!(config.fail_on, Some(Threshold::From(Severity::Warning)));
    assert!(config.asks_for_age());
    let stack = config.stack("plan.json", "s".to_owned());
    assert_eq!(config.options(&stack)["stale-plan"]["max_age_minutes"], 120);
}

fn found(stack: &str, address: &str, file: Option<&str>) -> Finding {
    let rule = crate::rules::find("planned-delete").expect("a rule");
    let mut finding = crate::rules::Sink::new(rule.meta(), stack).finding(address, "m");
    finding.location = file.map(|file| {
        Box::new(Location {
            file: file.to_owned(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 2,
            ..Location::default()
        })
    });
    finding
}

#[test]
fn of_overrides_that_fit_the_first_that_says_something_counts() {
    let text = "[rules.planned-delete]\nseverity = \"error\"\n\
        [[override]]\nstacks = [\"sandbox-*\"]\n[override.rules.planned-delete]\nseverity = \"note\"\n\
        [[override]]\nenvironments = [\"dev\"]\naddresses = [\"module.a\"]\n[override.rules.planned-delete]\nseverity = \"off\"\n\
        [[override]]\npaths = [\"modules/legacy/**\"]\n[override.rules.planned-delete]\nseverity = \"warning\"\n";
    let config = parse("t", text).expect("valid");
    let level =
        |stack, environment, address, file| config.level(&found(stack, address, file), environment);
    let at = |severity| Some(Level::At(severity));
    assert_eq!(
        level("sandbox-1", Some("dev"), "module.a.x.y", None),
        at(Severity::Note)
    );
    assert_eq!(
        level("app", Some("dev"), "module.a.x.y", None),
        Some(Level::Off)
    );
    assert_eq!(
        level("app", Some("prod"), "module.a.x.y", None),
        at(Severity::Error)
    );
    assert_eq!(
        level("app", None, "x.y", Some("modules/legacy/a/main.tf")),
        at(Severity::Warning)
    );
    assert_eq!(level("app", None, "x.y", None), at(Severity::Error));
}

#[test]
fn a_rule_runs_where_something_turns_it_on() {
    let text = "[rules.planned-delete]\nseverity = \"off\"\n\
        [[override]]\nstacks = [\"prod\"]\n[override.rules.planned-delete]\nseverity = \"error\"\n\
        [[override]]\nstacks = [\"test\"]\naddresses = [\"x.y\"]\n[override.rules.planned-delete]\nseverity = \"error\"\n\
        [[override]]\nstacks = [\"dev\"]\n[override.rules.drift]\nseverity = \"off\"\n";
    let config = parse("t", text).expect("valid");
    let runs = |rule, stack| config.runs(rule, stack, None);
    assert!(runs("planned-delete", "prod") && runs("planned-delete", "test"));
    assert!(!runs("planned-delete", "dev") && !runs("drift", "dev") && runs("drift", "prod"));
    assert!(config.may_run("planned-delete"));
    assert_eq!(
        config.level(&found("test", "x.z", None), None),
        Some(Level::Off)
    );
}

#[test]
fn options_differ_by_stack_and_the_command_line_has_the_last_word() {
    let text = "[rules.fan-out-hot-spot]\ndirect = 5\n\
        [[override]]\nenvironments = [\"prod\"]\n[override.rules.fan-out-hot-spot]\ndirect = 7\n\
        [override.rules.stale-plan]\nmax_age_minutes = 3\n[stack]\nenvironment = \"prod\"\n";
    let mut config = parse("t", text).expect("valid");
    let mut stack = config.stack("plan.json", "s".to_owned());
    assert_eq!(config.options(&stack)["fan-out-hot-spot"]["direct"], 7);
    assert!(config.asks_for_age());
    config.allow_age(Some(9));
    assert_eq!(config.options(&stack)["stale-plan"]["max_age_minutes"], 9);
    stack.environment = None;
    assert_eq!(config.options(&stack)["fan-out-hot-spot"]["direct"], 5);
}

/// A text, the line that is wrong, what is wrong, and what to do.
type Mistake = (&'static str, usize, &'static str, &'static str);

#[test]
fn mistakes_in_every_table_show_their_line_and_the_nearest_right_name() {
    for (text, line, what, help) in MISTAKES {
        let shown = shown(text);
        let gutter = format!("{line} │");
        let right = shown.contains(&gutter) && shown.contains(what) && shown.contains(help);
        assert!(right, "{text}\n{shown}");
    }
}

const MISTAKES: &[Mistake] = &[
    (
        "\nfail-on = \"note\"\n",
        2,
        "unknown field",
        "did you mean fail_on?",
    ),
    ("fail_on = \"warn\"\n", 1, "no such severity", "\"never\""),
    ("max_age = \"2\"\n", 1, "90m", ""),
    ("max_age = 2\n", 1, "invalid type", "in quotes"),
    (
        "\n[[waivers]]\n",
        2,
        "unknown field",
        "did you mean waiver?",
    ),
    (
        "\n[[overide]]\n",
        2,
        "unknown field",
        "did you mean override?",
    ),
    ("\n[ownership]\n\n[[ownership]]\n", 4, "", ""),
    ("\n[[ownership]]\ntag = \"x\"\n", 2, "", "write [ownership]"),
    ("\n[waiver]\nrule = \"x\"\n", 2, "", "write [[waiver]]"),
    (
        "[stack]\n\nnmae = \"x\"\n",
        3,
        "unknown field",
        "did you mean name?",
    ),
    (
        "[[stack]]\n\nplann = \"x\"\n",
        3,
        "unknown field",
        "did you mean plan?",
    ),
    ("[stack]\nname = 3\n", 2, "integer `3`", "in quotes"),
    (
        "[ownership]\ncodeowner = true\n",
        2,
        "unknown field",
        "did you mean codeowners?",
    ),
    (
        "[ownership]\ncodeowners = \"yes\"\n",
        2,
        "string \"yes\"",
        "true or false",
    ),
    (
        "[[owner]]\nname = \"x\"\nadresses = []\n",
        3,
        "unknown field",
        "did you mean addresses?",
    ),
    (
        "[[owner]]\nname = \"x\"\ntypes = \"aws_x\"\n",
        3,
        "string \"aws_x\"",
        "in brackets",
    ),
    (
        "[[owner]]\ntypes = []\n",
        1,
        "missing field",
        "every [[owner]] has a name",
    ),
    (
        "[rules]\n\nplanned-delete = \"note\"\n",
        3,
        "string \"note\"",
        "[rules.planned-delete]",
    ),
    (
        "[rules.planned-delete]\nseverty = \"note\"\n",
        2,
        "no such option",
        "did you mean severity?",
    ),
    (
        "[[override]]\nstack = [\"a\"]\n[override.rules.drift]\n",
        2,
        "unknown field",
        "did you mean stacks?",
    ),
    (
        "[[override]]\nstacks = [\"a\"]\n",
        1,
        "missing field",
        "[override.rules.planned-delete]",
    ),
    ("[stack]\nname = \"\"\n", 2, "an empty name", "leave it out"),
    (
        "[[override]]\n[override.rules.drift]\n",
        1,
        "an override of nothing",
        "environments",
    ),
    (
        "[[override]]\nstacks = [\"a\"]\n[override.rules.drfit]\n",
        3,
        "no such rule",
        "did you mean drift?",
    ),
    (
        "[[override]]\npaths = [\"a\"]\n[override.rules.fan-out-hot-spot]\ndirect = 3\n",
        4,
        "cannot depend on addresses",
        "severity alone",
    ),
];

#[test]
fn mistakes_in_a_waiver_are_refused_and_do_not_waive() {
    let with = |old: &str, new: &str| WAIVER.replace(old, new);
    let table = [
        (with("reason", "resaon"), 4, "did you mean reason?"),
        (with("reason = \"r\"", ""), 1, "say why"),
        (with("\"r\"", "\" \\t\""), 4, "say why"),
        (with("address = \"module.a\"", ""), 1, "say what it covers"),
        (with("rule = \"planned-delete\"", ""), 1, "name one rule"),
        (
            with("planned-delete", "planed-delete"),
            2,
            "did you mean planned-delete?",
        ),
        (
            with("\"planned-delete\"", "[\"planned-delete\"]"),
            2,
            "in quotes",
        ),
        (
            with("planned-delete", "unused-waiver"),
            2,
            "[rules.unused-waiver]",
        ),
        (
            format!("{WAIVER}expires = \"2027-01-31\"\n"),
            5,
            "without quotes",
        ),
        (
            format!("{WAIVER}expires = 2027-01-31T00:00:00Z\n"),
            5,
            "without quotes",
        ),
        (format!("{WAIVER}expires = 2027-02-30\n"), 5, ""),
        (
            format!("{WAIVER}expire = 2027-01-31\n"),
            5,
            "did you mean expires?",
        ),
    ];
    for (text, line, help) in table {
        let shown = shown(&text);
        let right = shown.contains(&format!("{line} │")) && shown.contains(help);
        assert!(right, "{text}\n{shown}");
    }
}
