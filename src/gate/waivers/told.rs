//! Findings about waivers: those that have expired, and those that waive nothing.

use super::Use;
use super::waiver::{Scope, Waiver};
use crate::config::{Config, InputFile};
use crate::finding::{Finding, Location, Related};
use crate::gate::{Seen, StackReport};
use crate::rules::{self, Family, Sink};

/// Rules that see something only with sources.
const WITH_SOURCES: [&str; 3] = ["unlocked-state", "unowned-module", "unscoped-state"];
/// Rules that see something only with several stacks.
const WITH_STACKS: [&str; 3] = ["broken-stack-output", "shared-object", "stack-cycle"];
/// Rules that see something only when an age is set.
const WITH_AGE: &str = "stale-plan";

/// What was checked.
pub(super) struct Scene<'a> {
    stacks: &'a [StackReport],
    config: &'a Config,
    seen: &'a Seen<'a>,
    plans: Vec<InputFile<'a>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(stacks: &'a [StackReport], config: &'a Config, seen: &'a Seen<'a>) -> Self {
        Self {
            stacks,
            config,
            seen,
            plans: stacks
                .iter()
                .map(|stack| config.input_file(&stack.plan))
                .collect(),
        }
    }

    /// What is to be said of a waiver, if anything.
    pub(super) fn about(&self, waiver: &Waiver<'_>, its: &Use) -> Option<Finding> {
        let stacks = self.stacks_of(waiver);
        if self.is_for_nobody(waiver) {
            return Some(homeless(waiver, &self.stacks.first()?.name));
        }
        let stack = &self.stacks[*stacks.first()?].name;
        if its.expired {
            return Some(expired(waiver, stack, &its.would));
        }
        let judged = !its.used
            && self.has_all(waiver)
            && stacks.iter().all(|id| self.sees(*id, waiver.rule));
        (judged && !self.is_ahead(waiver, &stacks)).then(|| unused(waiver, stack))
    }

    /// The stacks of this run that it is about and in which its rule runs.
    fn stacks_of(&self, waiver: &Waiver<'_>) -> Vec<usize> {
        let all = self.stacks.iter().enumerate();
        let of = all.filter(|(id, stack)| {
            let here = match &waiver.scope {
                Scope::Config(waiver) => waiver.is_for(&stack.name),
                Scope::Comment { beside, .. } => beside.iter().any(|(of, _)| of == id),
            };
            here && self
                .config
                .runs(waiver.rule, &stack.name, stack.environment.as_deref())
        });
        of.map(|(id, _)| id).collect()
    }

    /// Whether it is for a stack that nobody called so. Only where stacks have been given names can that be told: others
    /// are called after directories, and those of other runs are not known.
    fn is_for_nobody(&self, waiver: &Waiver<'_>) -> bool {
        let Scope::Config(waiver) = &waiver.scope else {
            return false;
        };
        let mut here = self.stacks.iter();
        here.all(|stack| self.config.names(&stack.name) && !waiver.is_for(&stack.name))
            && self.config.has_no_stack_of(waiver)
    }

    /// Whether no configured stack that it may be for is missing in this run.
    fn has_all(&self, waiver: &Waiver<'_>) -> bool {
        match &waiver.scope {
            Scope::Config(waiver) => self.config.has_all(&self.plans, waiver),
            Scope::Comment { .. } => true,
        }
    }

    /// Whether a rule could have found in a stack what there is to find.
    fn sees(&self, stack: usize, rule: &str) -> bool {
        let report = &self.stacks[stack];
        let whole = report.complete != Some(false) && report.errored != Some(true);
        let fed = (!WITH_SOURCES.contains(&rule) || self.seen.sources[stack].is_some())
            && (!WITH_STACKS.contains(&rule) || self.stacks.len() > 1)
            && (rule != WITH_AGE || self.config.asks_for_age());
        self.seen.plans[stack].planned && whole && fed && !report.blind.contains(&rule)
    }

    /// Whether it waits for a plan that destroys something which is still there. It will expire.
    fn is_ahead(&self, waiver: &Waiver<'_>, stacks: &[usize]) -> bool {
        let family = rules::find(waiver.rule).map(|rule| rule.meta().family);
        let waits = waiver.expires.is_some() && family == Some(Family::Destroy);
        let there = |stack: usize| {
            let plan = &self.seen.plans[stack];
            let mut ids = 0..plan.objects.len();
            ids.any(|id| waiver.covers_object(stack, &plan.address(id)))
        };
        waits && stacks.iter().any(|stack| there(*stack))
    }
}

fn expired(waiver: &Waiver<'_>, stack: &str, would: &[String]) -> Finding {
    let day = waiver
        .expires
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let message = format!(
        "The waiver of {} expired on {day}: it waives nothing any more.",
        waiver.rule
    );
    let open = would.iter().map(|address| {
        Related::new(
            address.clone(),
            format!("is not waived any more ({})", waiver.rule),
        )
    });
    let finding = of(waiver, "expired-waiver", stack, message).related(open);
    finding
        .fact("expires", day)
        .fix("Mend what it was for and delete it, or have a new day and reason reviewed.")
}

fn unused(waiver: &Waiver<'_>, stack: &str) -> Finding {
    let message = format!(
        "The waiver waives nothing: there is no {} here.",
        waiver.rule
    );
    of(waiver, "unused-waiver", stack, message)
        .fact("problem", "nothing to waive")
        .fix("Delete it, before it waives something that nobody thought of.")
}

fn homeless(waiver: &Waiver<'_>, stack: &str) -> Finding {
    let message = "The waiver waives nothing: no stack is called as it says.".to_owned();
    of(waiver, "unused-waiver", stack, message)
        .fact("problem", "no such stack")
        .fix("Correct its stack, or delete it.")
}

/// What is wrong with a comment where comments are no waivers.
pub(super) const NOT_ALLOWED: &str = "source_waivers is false in tfguard.toml";
/// What is wrong with one that is about nothing.
pub(super) const NO_BLOCK: &str = "it stands beside no block (right above it, behind its header, or within it before its first argument)";

/// A comment that is meant to waive and does not.
pub(super) fn fault(stack: &str, address: &str, rule: &str, why: &str, at: &Location) -> Finding {
    let message = format!("The comment waives nothing: {}.", why.trim_end_matches('?'));
    let fix = match why {
        NOT_ALLOWED => "Write a [[waiver]] in tfguard.toml, or delete the comment.",
        NO_BLOCK => "Put it right above the block that it is for, or delete it.",
        _ => "Write it as: # tfguard: allow <rule> -- reason",
    };
    let finding = finding("unused-waiver", stack, address, message, rule, at);
    finding.fact("problem", why).fix(fix)
}

fn of(waiver: &Waiver<'_>, id: &str, stack: &str, message: String) -> Finding {
    let found = finding(
        id,
        stack,
        &waiver.address,
        message,
        waiver.rule,
        &waiver.location,
    );
    found.fact("waives", waiver.rule)
}

fn finding(
    id: &str,
    stack: &str,
    address: &str,
    message: String,
    about: &str,
    at: &Location,
) -> Finding {
    let rule = rules::find(id).expect("a rule of this table");
    let mut finding = Sink::new(rule.meta(), stack).finding(address, message);
    about.clone_into(&mut finding.discriminator);
    finding.location = Some(Box::new(at.clone()));
    finding
}
