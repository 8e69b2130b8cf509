//! tfguard lints Terraform plans before the merge.
//!
//! One direction of data, left to right; a module uses what stands to its left:
//!
//! ```text
//! files ──> input ──> graph ──> rules ──> gate ──> report
//! ```
//!
//! `catalog` holds facts on resource types for whoever asks, `durations` how long they take. `config` stands beside the rules: it knows them as a table. `forge` brings a written report to where the review is. `cli` puts it all to use.

pub mod catalog;
pub mod cli;
pub mod config;
mod draw;
pub mod durations;
pub mod error;
pub mod facts;
pub mod finding;
pub mod fit;
pub mod forge;
pub mod gate;
pub mod graph;
mod identify;
pub mod input;
mod locate;
pub mod picture;
pub mod report;
pub mod rules;
mod safe;
mod stacks;

use config::Config;
use error::Error;
use finding::Finding;
use gate::approvals::Approvals;
use gate::baseline::Baseline;
use gate::{FailOn, GraphSize, OwnerChanges, Report, Seen, StackReport, Terms};
use input::document::Document;
use input::gather::{Inputs, Shared};
use input::plan::Plan;
use input::source::Sources;
use picture::Picture;
use rayon::prelude::*;
use rules::around::Around;
use stacks::{One, Stacks};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// What to read.
    pub inputs: Inputs,
    /// The configuration file; searched for upward from the working directory when it is not named.
    pub config: Option<PathBuf>,
    /// How long objects take, as `tfguard calibrate` wrote it; else as the configuration says, or the catalog.
    pub durations: Option<PathBuf>,
    /// The file of approvals; that of the repository when it is not named.
    pub approvals: Option<PathBuf>,
    /// Whether findings are to be approved: then their members are identified.
    pub approving: bool,
    /// An earlier report: what is no worse than there does not fail the run.
    pub baseline: Option<String>,
    /// The severity from which on the run fails; the configuration says it otherwise.
    pub fail_on: Option<FailOn>,
    /// The minutes a plan may be old; the configuration says it otherwise.
    pub max_age: Option<u32>,
    /// Tells the time. It is asked once, and only where the age of plans or the last day of a waiver matters: without
    /// that, the same input gives the same bytes. Without a clock nothing is too old.
    pub clock: Option<fn() -> SystemTime>,
    /// Whether this is a CI job.
    pub ci: bool,
    /// Whether a picture of what the destroys reach is wanted.
    pub picture: bool,
}

/// A checked request: the report on what could be read, and why the rest could not.
#[derive(Debug)]
pub struct Run {
    /// The report; nothing when no plan could be read.
    pub report: Option<Report>,
    /// One error for each plan that could not be read.
    pub errors: Vec<Error>,
    /// What the report was made from. A program that ends anyway can leave it to the system to free.
    pub made_from: Vec<Plan>,
    /// The approvals it was judged by.
    pub approvals: Approvals,
}

/// Checks plans.
///
/// # Errors
/// The configuration cannot be read or understood.
pub fn run(request: &Request) -> Result<Run, Error> {
    let config = config::load(request.config.as_deref(), request.durations.as_deref())?;
    run_by(config, request)
}

/// Checks plans by a configuration that was read already.
fn run_by(mut config: Config, request: &Request) -> Result<Run, Error> {
    config.allow_age(request.max_age);
    let clock = LazyLock::new(|| request.clock.map(seconds));
    let now = config.asks_for_age().then(|| *clock).flatten();
    let approvals = Approvals::load(
        request.approvals.as_deref(),
        config.directory(),
        request.clock,
    )?;
    let baseline = request.baseline.as_deref().map(Baseline::read);
    let baseline = baseline.transpose()?;
    let shared = Shared::read(&request.inputs, config.owner_tag.clone())?
        .identifying(request.approving || !approvals.is_empty());
    let (read, mut errors) = read(&request.inputs, &shared);
    let Stacks {
        plans,
        states,
        notes,
    } = Stacks::of(read, &config);
    if plans.is_empty() && errors.is_empty() {
        errors.extend(states.iter().map(One::alone));
    }
    let mut checked = side_by_side(plans, |plan| check(plan, &config, now, request));
    together(&mut checked, &states, &config);
    let judged = checked.into_iter().map(Checked::judged);
    let (mut stacks, of): (Vec<_>, Vec<_>) = judged.unzip();
    let (mut made_from, sources): (Vec<_>, Vec<_>) = of.into_iter().unzip();
    if let Some((report, _)) = stacks.first_mut() {
        let missing = errors.iter().map(not_checked);
        report.notes.extend(notes.into_iter().chain(missing));
    }
    identify_members(&mut stacks, &made_from, &approvals, request.approving);
    let report = (!stacks.is_empty()).then(|| {
        let terms = Terms {
            config: &config,
            approvals: &approvals,
            baseline,
            fail_on: request.fail_on,
            seen: Seen {
                plans: &made_from,
                sources: &sources,
                now: &|| *clock,
            },
        };
        gate::judge(stacks, terms)
    });
    made_from.extend(states.into_iter().map(|state| state.document.plan));
    Ok(Run {
        report,
        errors,
        made_from,
        approvals,
    })
}

/// Identifies the members of findings that have an approval, or of all where one may be made.
fn identify_members(
    stacks: &mut [(StackReport, Vec<Finding>)],
    plans: &[Plan],
    approvals: &Approvals,
    approving: bool,
) {
    let names = stacks.iter().map(|(report, _)| report.name.clone());
    let named: Vec<_> = names.zip(plans).collect();
    let findings = stacks.iter_mut().flat_map(|(_, findings)| findings);
    let findings = findings.filter(|finding| approving || approvals.speak_of(finding));
    let asked = |finding: &Finding| approvals.anchors_of(finding);
    identify::identify(findings.collect(), &named, approving, &asked);
}

/// Reads all plans and states, each with its path, and what goes wrong.
fn read(inputs: &Inputs, shared: &Shared<'_>) -> (Vec<(String, Document)>, Vec<Error>) {
    if inputs.plans.is_empty() {
        let document = shared.without_plan();
        return (vec![(shared.name_without_plan(), document)], Vec::new());
    }
    let (paths, mut errors) = input::find::plans(&inputs.plans);
    let results = side_by_side(paths.iter().collect(), |path: &String| shared.plans(path));
    let mut found = Vec::new();
    for (path, result) in paths.iter().zip(results) {
        match result {
            Ok(documents) => {
                found.extend(
                    documents
                        .into_iter()
                        .map(|document| (path.clone(), document)),
                );
            }
            Err(error) => errors.push(error),
        }
    }
    (found, errors)
}

/// Adds what only all stacks together show.
fn together(checked: &mut [Checked], states: &[One], config: &Config) {
    let plans = checked.iter().map(Checked::as_stack);
    let stacks: Vec<_> = plans.chain(states.iter().map(One::as_stack)).collect();
    let (findings, notes) = rules::check_stacks(&stacks, |meta| config.may_run(meta.id));
    for mut finding in findings {
        let mut its = checked.iter_mut();
        if let Some(its) = its.find(|its| its.report.name == finding.stack) {
            if let Some(sources) = &its.sources {
                locate::locate(std::slice::from_mut(&mut finding), sources);
            }
            its.findings.push(finding);
        }
    }
    if let Some(first) = checked.first_mut() {
        first.report.notes.extend(notes);
    }
}

/// The seconds since 1970 that a clock tells.
fn seconds(clock: fn() -> SystemTime) -> i64 {
    let since = clock().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// The graph of one plan, to be printed.
#[derive(Debug)]
pub struct Drawn {
    /// The graph.
    pub picture: Picture,
    /// What could not be read or seen.
    pub notes: Vec<String>,
}

/// Draws the graph of a plan, of sources, or of what Terraform printed as one.
///
/// # Errors
/// An input cannot be read, or there are several plans.
pub fn draw(inputs: &Inputs) -> Result<Drawn, Error> {
    let shared = Shared::read(inputs, None)?;
    let (paths, errors) = input::find::plans(&inputs.plans);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let document = match paths.as_slice() {
        [] => shared.without_plan(),
        [path] => shared.plan(path)?,
        [first, ..] => {
            let several = format!(
                "a graph is drawn of one plan, and these are {}",
                paths.len()
            );
            return Err(
                Error::new(several).help(format!("give one of them: tfguard graph {first}"))
            );
        }
    };
    let graph = graph::build(&document.plan, document.dot.as_deref());
    let mut notes = document.notes;
    notes.extend(notes_on(&graph));
    Ok(Drawn {
        picture: draw::of(&document.plan, &graph),
        notes,
    })
}

/// What a graph is known not to know.
fn notes_on(graph: &graph::Graph) -> Vec<String> {
    let mut notes = Vec::new();
    if graph.unfollowed > 0 {
        notes.push(format!(
            "{} references through locals could not be followed: the plan does not hold locals (--source or --graph does)",
            graph.unfollowed
        ));
    }
    if graph.fused == Some(false) {
        let note = "the graph is not of this configuration: under half of its blocks are in it; it was not used";
        notes.push(note.to_owned());
    }
    notes
}

/// Does the same for each, in parallel and in order. One alone is not worth starting threads.
fn side_by_side<T: Send, R: Send>(each: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    if each.len() < 2 {
        each.into_iter().map(work).collect()
    } else {
        each.into_par_iter().map(work).collect()
    }
}

/// What a stack was checked from: its plan, and its sources if there are any.
type Origin = (Plan, Option<Arc<Sources>>);

/// A plan that was checked by itself.
struct Checked {
    report: StackReport,
    findings: Vec<Finding>,
    file: PathBuf,
    plan: Plan,
    around: Around,
    sources: Option<Arc<Sources>>,
}

impl Checked {
    fn as_stack(&self) -> rules::Stack<'_> {
        rules::Stack {
            name: &self.report.name,
            file: &self.file,
            directory: self.file.parent().unwrap_or(Path::new("/")),
            plan: &self.plan,
            around: Some(&self.around),
            sources: self.sources.as_deref(),
        }
    }

    /// What there is to judge, and what it was made from.
    fn judged(self) -> ((StackReport, Vec<Finding>), Origin) {
        ((self.report, self.findings), (self.plan, self.sources))
    }
}

/// Checks one plan.
fn check(one: One, config: &Config, now: Option<i64>, request: &Request) -> Checked {
    let One {
        path, file, stack, ..
    } = one;
    let Document {
        plan,
        mut notes,
        sources,
        dot,
    } = one.document;
    let options = config.options(&stack);
    let around = Around {
        ownership: config::ownership(config, &stack, &plan, sources.as_deref(), &mut notes),
        name: stack.name,
        named: stack.named,
        environment: stack.environment,
        ci: request.ci,
        backend: sources.as_ref().and_then(|sources| sources.backend.clone()),
        uses_workspace: sources
            .as_ref()
            .is_some_and(|sources| sources.uses_workspace()),
    };
    let graph = graph::build(&plan, dot.as_deref());
    let shared = rules::Shared::default();
    let context = rules::Context::new(&plan, &graph, &around, &options, &shared)
        .with_durations(&config.durations)
        .at(now);
    let runs = |rule| config.runs(rule, &around.name, around.environment.as_deref());
    let (mut findings, seen, blind) = rules::check(&context, |meta| runs(meta.id));
    if let Some(sources) = &sources {
        locate::locate(&mut findings, sources);
    }
    notes.extend(seen);
    notes.extend(notes_on(&graph));
    let owners = owners_touched(&context);
    let report = StackReport {
        plan: safe::safe(&path),
        terraform_version: plan.terraform_version.as_deref().map(str::to_owned),
        format_version: plan.format_version.as_deref().map(str::to_owned),
        complete: plan.complete,
        errored: plan.errored,
        changes: plan.counts.clone(),
        graph: size(&plan, &graph),
        owners,
        notes,
        picture: request
            .picture
            .then(|| draw::reached(&plan, &graph))
            .flatten(),
        name: around.name.clone(),
        directory: file.parent().unwrap_or(Path::new("/")).to_owned(),
        named: around.named,
        environment: around.environment.clone(),
        blind,
    };
    Checked {
        report,
        findings,
        file,
        plan,
        around,
        sources,
    }
}

fn size(plan: &Plan, graph: &graph::Graph) -> GraphSize {
    let mut sources = Vec::new();
    if !plan.configuration.modules.is_empty() {
        sources.push("configuration");
    }
    if plan
        .objects
        .iter()
        .any(|object| object.dependencies.is_some())
    {
        sources.push("state");
    }
    if graph.fused == Some(true) {
        sources.push("dot");
    }
    if plan.told_by_sources == Some(true) {
        sources.push("source");
    }
    GraphSize {
        objects: plan.objects.len(),
        nodes: graph.node_count(),
        edges: graph.edge_count(),
        sources,
    }
}

fn owners_touched(context: &rules::Context<'_>) -> Vec<OwnerChanges> {
    let mut touched: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, object) in context.plan.managed() {
        if !object.action().changes() {
            continue;
        }
        let (before, after) = (context.owner_before(id), context.owner_of(id));
        for owner in before.into_iter().chain(after.filter(|_| after != before)) {
            *touched.entry(owner).or_default() += 1;
        }
    }
    touched
        .into_iter()
        .map(|(name, changes)| OwnerChanges {
            name: name.to_owned(),
            changes,
        })
        .collect()
}

fn not_checked(error: &Error) -> String {
    format!("a plan was not checked: {}", error.message())
}
