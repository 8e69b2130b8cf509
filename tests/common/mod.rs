//! What the test files share.

#![expect(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod approving;
pub(crate) mod hostile;

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};
use tfguard::finding::Finding;
use tfguard::gate::Report;
use tfguard::input::gather::Inputs;
use tfguard::report::{Format, Style};
use tfguard::{Request, rules};

/// The project's root: tests run there.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directories of all fixtures of rules, sorted.
pub(crate) fn cases() -> Vec<PathBuf> {
    let mut cases = Vec::new();
    for rule in entries(&root().join("fixtures")) {
        let name = name_of(&rule);
        if rule.is_dir() && !name.starts_with('_') && name != "provider" {
            cases.extend(entries(&rule).into_iter().filter(|path| path.is_dir()));
        }
    }
    cases
}

/// What a directory holds, sorted.
pub(crate) fn entries(dir: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<_> = read.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

/// The last part of a path.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// A path as tests give it to tfguard: relative to the root, with forward slashes.
pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("inside the project");
    path.to_string_lossy().replace('\\', "/")
}

/// Checks the plan of a fixture with the rules named, or all, and the fixture's own tfguard.toml.
pub(crate) fn check(case: &Path, only: Option<&str>) -> Report {
    check_with(case, only, false)
}

/// Checks the plan of a fixture beside the graph that Terraform printed of it.
pub(crate) fn check_beside_graph(case: &Path) -> Report {
    let request = Request {
        inputs: Inputs {
            plans: plans(case),
            graph: Some(relative(&case.join("graph.dot"))),
            ..Inputs::default()
        },
        ..Request::default()
    };
    let run = tfguard::run(&request).expect("a good configuration");
    run.report.expect("a readable plan")
}

/// The same, with the sources of the fixture if they are asked for, or if it is about what only they tell.
pub(crate) fn check_with(case: &Path, only: Option<&str>, source: bool) -> Report {
    let mut toml = std::fs::read_to_string(case.join("tfguard.toml")).unwrap_or_default();
    let comments = comments(case);
    let waivable = only.is_some_and(|only| only.ends_with("-waiver"));
    for rule in rules::RULES.iter().map(|rule| rule.meta().id) {
        // A waiver of a rule that does not run is not to be judged.
        let waived =
            waivable && (toml.contains(&format!("rule = \"{rule}\"")) || comments.contains(rule));
        if only.is_some_and(|only| only != rule) && !waived {
            let _ = write!(toml, "\n[rules.{rule}]\nseverity = \"off\"\n");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("tfguard.toml");
    std::fs::write(&config, toml).expect("written");
    // Where Terraform refused to plan there is the graph with the circle, and the sources.
    let circle = case.join("graph-cycles.dot");
    let repository = repository(case);
    let sources = match &repository {
        Some(top) => Some(top.path().join("after")),
        None => (source || !comments.is_empty() || case.join("after/backend.tf").is_file())
            .then(|| relative(&case.join("after")).into()),
    };
    let request = Request {
        inputs: Inputs {
            plans: plans(case),
            source: sources,
            graph: circle.is_file().then(|| relative(&circle)),
            ..Inputs::default()
        },
        config: Some(config),
        // Long after every fixture was recorded, and always the same.
        clock: Some(|| SystemTime::UNIX_EPOCH + Duration::from_secs(130 * 366 * 86_400)),
        ..Request::default()
    };
    let run = tfguard::run(&request).expect("a good configuration");
    assert!(run.errors.is_empty(), "{:?}", run.errors);
    run.report.expect("a report")
}

/// The root module's sources of a case in which comments waive; else nothing.
fn comments(case: &Path) -> String {
    let text = std::fs::read_to_string(case.join("after/main.tf")).unwrap_or_default();
    if text.contains("# tfguard:") {
        text
    } else {
        String::new()
    }
}

/// The plan of a case, or those of its stacks, and states beside them.
pub(crate) fn plans(case: &Path) -> Vec<String> {
    let stacks = entries(case);
    let of_stacks = |name: &'static str| stacks.iter().map(move |stack| stack.join(name));
    let states = of_stacks("state.json").chain(of_stacks("terraform.tfstate"));
    let all = std::iter::once(case.join("plan.json"))
        .chain(of_stacks("plan.json"))
        .chain(states)
        .filter(|plan| plan.is_file());
    all.map(|plan| relative(&plan)).collect()
}

/// A case with a CODEOWNERS file, as the repository it cannot be within another: `.git` is not to be committed.
fn repository(case: &Path) -> Option<tempfile::TempDir> {
    case.join("CODEOWNERS").is_file().then(|| {
        let top = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(top.path().join(".git")).expect("a folder");
        std::fs::copy(case.join("CODEOWNERS"), top.path().join("CODEOWNERS")).expect("copied");
        copy(&case.join("after"), &top.path().join("after"));
        top
    })
}

/// What the program prints in a copy of a case that is a whole repository, with its own tfguard.toml and CODEOWNERS.
pub(crate) fn run_in_copy(case: &Path, args: &[&str]) -> Output {
    let top = tempfile::tempdir().expect("a folder");
    copy(case, top.path());
    std::fs::create_dir(top.path().join(".git")).expect("a folder");
    let output = command(args).current_dir(top.path()).output();
    output.expect("the program runs")
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let target = to.join(name_of(&path));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).expect("copied");
        }
    }
}

/// A report as text, without colours.
pub(crate) fn shown(report: &Report, format: Format, style: Style) -> String {
    let mut bytes = Vec::new();
    tfguard::report::write(
        report,
        format,
        style,
        &mut anstream::StripStream::new(&mut bytes),
    )
    .expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

/// Every text of a finding that came out of the plan.
pub(crate) fn texts(finding: &Finding) -> Vec<&str> {
    let mut texts = vec![finding.message.as_str(), &finding.address];
    texts.extend(
        finding
            .members
            .iter()
            .chain(&finding.path)
            .map(String::as_str),
    );
    texts.extend(
        finding
            .related
            .iter()
            .flat_map(|related| [related.address.as_str(), &related.message]),
    );
    texts
}

/// The program, away from the settings of whoever runs the tests.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
    command.args(args).current_dir(root());
    for (name, _) in std::env::vars() {
        let of_ours = name.starts_with("TFGUARD_") || name.starts_with("CLICOLOR");
        if of_ours
            || matches!(
                &*name,
                "NO_COLOR" | "FORCE_COLOR" | "CI" | "COLUMNS" | "TERM" | "TF_WORKSPACE"
            )
        {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the program.
pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().expect("the program runs")
}

/// What it printed.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// What it complained about.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// What is done to an object, and its values before and after, as a plan has it.
pub(crate) fn change(
    address: &str,
    kind: &str,
    name: &str,
    action: &str,
    values: [&Value; 2],
) -> Value {
    let [before, after] = values;
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": [action], "before": before, "after": after,
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {},
        },
    })
}

/// A managed block, as the configuration of a plan has it: Terraform writes no `expressions` where there are none.
pub(crate) fn block(kind: &str, name: &str, expressions: Value) -> Value {
    let mut block = json!({
        "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "provider_config_key": "aws",
    });
    if expressions != json!({}) {
        block["expressions"] = expressions;
    }
    block
}

/// A plan of these changes and nothing else.
pub(crate) fn plan_of(changes: &[Value]) -> Value {
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes})
}

/// What tfguard prints for a plan, time after time.
pub(crate) fn printing(plan: &Value, args: &[&str]) -> impl Fn() -> String + use<> {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("plan.json");
    std::fs::write(&file, plan.to_string()).expect("written");
    let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(file.to_string_lossy().into_owned());
    move || {
        let _kept = &dir;
        out(&run(&args.iter().map(|arg| &**arg).collect::<Vec<_>>()))
    }
}
