//! The rules: one file each, one table of them all.

pub mod around;
mod context;
mod coupling;
mod destroy;
mod gate;
mod ownership;
mod pending;
mod reach;
pub mod stacks;
mod trust;

pub(crate) use context::count;
pub use context::{Context, Options, Shared, Sink};
pub use stacks::Stack;

use crate::finding::{Finding, Severity};
use rayon::prelude::*;

/// A rule. It cannot fail, print, or look at anything but its context.
pub trait Rule: Sync {
    /// What it is.
    fn meta(&self) -> &'static Meta;
    /// Reports what it finds.
    fn check(&self, context: &Context<'_>, sink: &mut Sink);
    /// The facts by which a finding is worse than that of a baseline: numbers that grew, lists with another element,
    /// words that differ.
    fn measures(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether a finding is about how things are, so that a baseline can hold it. What a plan does, whose objects it
    /// does that to, and whether it can be believed, is to be looked at in each plan.
    fn lasts(&self, _: &Finding) -> bool {
        !matches!(self.meta().family, Family::Destroy | Family::Trust)
    }
    /// Whether members of a finding are destroyed.
    fn destroys(&self, _: &Finding) -> bool {
        self.meta().family == Family::Destroy
    }
    /// Reports what only all stacks of a run together show. A finding names its stack itself.
    fn check_stacks(&self, _: &[Stack<'_>], _: &mut Sink) {}
}

/// What a rule is.
#[derive(Debug)]
pub struct Meta {
    /// Kebab-case name of the problem; reads well after "allow".
    pub id: &'static str,
    /// One sentence, at most 80 characters, the first of the page.
    pub summary: &'static str,
    /// The severity it reports with when nothing makes the case worse or milder.
    pub severity: Severity,
    /// The group it is shown in.
    pub family: Family,
    /// What can be set in `[rules.<id>]` beside the severity.
    pub options: &'static [OptionSpec],
    /// The page in `rules/`: its only prose.
    pub page: &'static str,
}

/// A number that can be set for a rule.
#[derive(Debug)]
pub struct OptionSpec {
    /// The key in `[rules.<id>]`.
    pub name: &'static str,
    /// The value when nothing is set.
    pub default: u32,
    /// What it means.
    pub help: &'static str,
}

/// A group of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Planned deletes and replacements.
    Destroy,
    /// How far a change goes.
    Reach,
    /// Leaky and needless `depends_on`.
    Coupling,
    /// Who owns what.
    Ownership,
    /// Whether the plan can be believed.
    Trust,
    /// Whether what was accepted still is.
    Gate,
}

impl Family {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Destroy => "destroy",
            Self::Reach => "reach",
            Self::Coupling => "coupling",
            Self::Ownership => "ownership",
            Self::Trust => "trust",
            Self::Gate => "gate",
        }
    }
}

/// Every rule, by id.
pub static RULES: &[&dyn Rule] = &[
    &destroy::abandoned_object::AbandonedObject,
    &ownership::broken_stack_output::BrokenStackOutput,
    &destroy::changed_on_import::ChangedOnImport,
    &reach::dependency_cycle::DependencyCycle,
    &destroy::deposed_object::DeposedObject,
    &trust::drift::Drift,
    &destroy::dropped_protection::DroppedProtection,
    &coupling::entangled_modules::EntangledModules,
    &trust::errored_plan::ErroredPlan,
    &gate::expired_waiver::ExpiredWaiver,
    &trust::failed_check::FailedCheck,
    &reach::fan_out_hot_spot::FanOutHotSpot,
    &ownership::foreign_change::ForeignChange,
    &destroy::forgotten_object::ForgottenObject,
    &coupling::hidden_dependency::HiddenDependency,
    &destroy::index_shift::IndexShift,
    &coupling::leaky_depends_on::LeakyDependsOn,
    &ownership::mixed_environments::MixedEnvironments,
    &ownership::mixed_owners::MixedOwners,
    &reach::oversized_plan::OversizedPlan,
    &reach::oversized_state::OversizedState,
    &trust::partial_plan::PartialPlan,
    &destroy::planned_delete::PlannedDelete,
    &destroy::planned_replace::PlannedReplace,
    &coupling::provider_on_resource::ProviderOnResource,
    &coupling::redundant_depends_on::RedundantDependsOn,
    &ownership::shared_object::SharedObject,
    &reach::slow_apply::SlowApply,
    &ownership::stack_cycle::StackCycle,
    &trust::stale_plan::StalePlan,
    &ownership::unlocked_state::UnlockedState,
    &destroy::unmoved_rename::UnmovedRename,
    &ownership::unowned_module::UnownedModule,
    &ownership::unscoped_state::UnscopedState,
    &gate::unused_waiver::UnusedWaiver,
    &reach::wide_blast_radius::WideBlastRadius,
];

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| rule.meta().id == id)
}

/// The rule whose id is most like what was typed, if any is at all.
pub fn nearest(id: &str) -> Option<&'static str> {
    nearest_of(id, RULES.iter().map(|rule| rule.meta().id))
}

/// What to say to one who typed an id that there is not.
pub fn hint(id: &str) -> String {
    let near = nearest(id).map(|near| format!("did you mean {near}? "));
    format!("{}`tfguard rules` lists them all", near.unwrap_or_default())
}

/// The word most like what was typed, if it is like it at all.
pub fn nearest_of<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let scored = words.map(|word| (strsim::damerau_levenshtein(typed, word), word));
    let (distance, word) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2.max(typed.len() / 3)).then_some(word)
}

/// The objects from which on rules run side by side: below, to start threads takes longer than the rules do.
const WORTH_THREADS: usize = 500;

/// Asks the rules that `select` keeps for what only all stacks together show, and what they cannot see.
pub fn check_stacks(
    stacks: &[Stack<'_>],
    select: impl Fn(&Meta) -> bool,
) -> (Vec<Finding>, Vec<String>) {
    let (mut findings, mut notes) = (Vec::new(), Vec::new());
    for rule in RULES.iter().filter(|rule| select(rule.meta())) {
        let mut sink = Sink::new(rule.meta(), "");
        rule.check_stacks(stacks, &mut sink);
        findings.append(&mut sink.findings);
        notes.append(&mut sink.notes);
    }
    (findings, notes)
}

/// What rules found, what they could not see, and which rules that were.
pub type Checked = (Vec<Finding>, Vec<String>, Vec<&'static str>);

/// Runs the rules that `select` keeps, side by side; notes come in the order of the table.
pub fn check(context: &Context<'_>, select: impl Fn(&Meta) -> bool) -> Checked {
    let run = |rule: &&dyn Rule| {
        let mut sink = Sink::new(rule.meta(), context.stack());
        rule.check(&context.for_rule(rule.meta().id), &mut sink);
        sink
    };
    let selected: Vec<_> = RULES.iter().filter(|rule| select(rule.meta())).collect();
    let sinks: Vec<Sink> = if context.plan.objects.len() < WORTH_THREADS {
        selected.into_iter().map(run).collect()
    } else {
        selected.into_par_iter().map(run).collect()
    };
    let (mut findings, mut notes, mut blind) = (Vec::new(), Vec::new(), Vec::new());
    for mut sink in sinks {
        blind.extend((!sink.notes.is_empty()).then_some(sink.meta.id));
        // A large plan has megabytes of findings: the shorter list joins the longer one.
        if sink.findings.len() > findings.len() {
            std::mem::swap(&mut findings, &mut sink.findings);
        }
        findings.append(&mut sink.findings);
        notes.extend(sink.notes);
    }
    (findings, notes, blind)
}
