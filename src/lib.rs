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
mod check;
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

use check::Checked;
use config::Config;
use error::Error;
use finding::Finding;
use gate::approvals::Approvals;
use gate::baseline::Baseline;
use gate::{FailOn, Report, Seen, StackReport, Terms};
use input::document::Document;
use input::gather::{Inputs, Shared};
use input::plan::Plan;
use input::time::since_1970;
use picture::Picture;
use rayon::prelude::*;
use stacks::{One, Stacks};
use std::path::PathBuf;
use std::sync::LazyLock;
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
    let clock = LazyLock::new(|| Some(since_1970(request.clock?())));
    let now = config.asks_for_age().then(|| *clock).flatten();
    let approvals = Approvals::load(request.approvals.as_deref(), config.directory(), || *clock)?;
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
    config.recognise(plans.iter().map(One::plan));
    if plans.is_empty() && errors.is_empty() {
        errors.extend(states.iter().map(One::alone));
    }
    let mut checked = side_by_side(plans, |plan| Checked::of(plan, &config, now, request));
    check::together(&mut checked, &states, &config);
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
    notes.extend(check::notes_on(&graph));
    Ok(Drawn {
        picture: draw::of(&document.plan, &graph),
        notes,
    })
}

/// Does the same for each, in parallel and in order. One alone is not worth starting threads.
fn side_by_side<T: Send, R: Send>(each: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    if each.len() < 2 {
        each.into_iter().map(work).collect()
    } else {
        each.into_par_iter().map(work).collect()
    }
}

fn not_checked(error: &Error) -> String {
    format!("a plan was not checked: {}", error.message())
}
