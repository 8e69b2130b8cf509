//! What a rule may see, and where it reports to.

use super::Meta;
use super::around::Around;
use super::coupling::entries::{Use, entries};
use super::destroy::story::Story;
use super::pending::{Carriers, carriers};
use super::reach::apply::Apply;
use crate::durations::Durations;
use crate::facts::Facts;
use crate::finding::{Finding, Place, Severity, Status};
use crate::graph::{Dependents, Graph, rests};
use crate::input::plan::{ObjectId, Plan};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The options of all rules that are not at their default.
pub type Options = BTreeMap<String, BTreeMap<String, u32>>;

/// One plan and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its graph.
    pub graph: &'a Graph,
    /// What is known around it.
    pub around: &'a Around,
    options: &'a Options,
    durations: &'a Durations,
    /// What two rules need and one of them finds out.
    shared: &'a Shared<'a>,
    rule: &'a str,
    now: Option<i64>,
}

/// What is known of durations when nothing was measured.
static CATALOG: Durations = Durations::of_catalog();

/// Room for what several rules need, filled by the first that asks.
#[derive(Debug, Default)]
pub struct Shared<'a> {
    entries: OnceLock<Vec<Use<'a>>>,
    carriers: OnceLock<Carriers<'a>>,
    story: OnceLock<Story>,
    dependents: OnceLock<Dependents>,
    apply: OnceLock<Option<Apply>>,
    rests: OnceLock<Vec<bool>>,
}

impl<'a> Context<'a> {
    /// A context.
    pub fn new(
        plan: &'a Plan,
        graph: &'a Graph,
        around: &'a Around,
        options: &'a Options,
        shared: &'a Shared<'a>,
    ) -> Self {
        Self {
            plan,
            graph,
            around,
            options,
            durations: &CATALOG,
            shared,
            rule: "",
            now: None,
        }
    }

    /// The same with durations that were measured.
    #[must_use]
    pub fn with_durations(self, durations: &'a Durations) -> Self {
        Self { durations, ..self }
    }

    /// The same at a time, in seconds since 1970.
    #[must_use]
    pub fn at(self, now: Option<i64>) -> Self {
        Self { now, ..self }
    }

    /// The same with the options of a rule.
    pub(super) fn for_rule(self, rule: &'a str) -> Self {
        Self { rule, ..self }
    }

    /// Every entry of every `depends_on`.
    pub(super) fn depends_on_entries(&self) -> &'a [Use<'a>] {
        self.shared
            .entries
            .get_or_init(|| entries(self.plan, self.graph))
    }

    /// The data sources that are put off by a `depends_on`.
    pub(super) fn carriers(&self) -> &'a Carriers<'a> {
        self.shared.carriers.get_or_init(|| carriers(self))
    }

    /// Which finding tells the end of which object.
    pub(super) fn story(&self) -> &'a Story {
        self.shared
            .story
            .get_or_init(|| Story::new(self.plan, self.graph))
    }

    /// Who depends on whom, in one array.
    pub(super) fn dependents(&self) -> &'a Dependents {
        self.shared
            .dependents
            .get_or_init(|| Dependents::of(self.graph))
    }

    /// Which nodes of the graph are managed objects or depend on one.
    pub(super) fn rests(&self) -> &'a [bool] {
        self.shared
            .rests
            .get_or_init(|| rests(self.graph, self.plan))
    }

    /// An apply of the plan; nothing when its steps wait for one another in a circle.
    pub(super) fn apply(&self) -> Option<&'a Apply> {
        let apply = self.shared.apply.get_or_init(|| Apply::new(self));
        apply.as_ref()
    }

    /// How long objects take.
    pub fn durations(&self) -> &'a Durations {
        self.durations
    }

    /// The time of the run; nothing when nobody asked for what depends on it.
    pub fn now(&self) -> Option<i64> {
        self.now
    }

    /// The name of the stack.
    pub fn stack(&self) -> &'a str {
        &self.around.name
    }

    /// The owner of the stack.
    pub fn stack_owner(&self) -> Option<&'a str> {
        self.around.ownership.stack.as_deref()
    }

    /// Whether any owners are configured.
    pub fn has_owners(&self) -> bool {
        self.around.ownership.objects.is_some()
    }

    /// The owner of an object.
    pub fn owner_of(&self, id: ObjectId) -> Option<&'a str> {
        self.around.ownership.objects.as_ref()?.get(id)?.as_deref()
    }

    /// The owner an object had before the plan: that of the tag it loses, if it loses one; where it is given one, whose it
    /// was without.
    pub fn owner_before(&self, id: ObjectId) -> Option<&'a str> {
        let ownership = &self.around.ownership;
        match self.plan.objects[id].change().tag_before.as_deref() {
            Some(tag) if tag.is_empty() => ownership.untagged.get(&id).map(|owner| &**owner),
            Some(tag) if self.has_owners() => Some(tag),
            _ => self.owner_of(id),
        }
    }

    /// A number from `[rules.<id>]`, or its default.
    pub fn option(&self, meta: &Meta, name: &str) -> u32 {
        let set = self
            .options
            .get(self.rule)
            .and_then(|options| options.get(name))
            .copied();
        let default = meta
            .options
            .iter()
            .find(|option| option.name == name)
            .map(|option| option.default);
        set.or(default).unwrap_or_default()
    }
}

/// Takes the findings and notes of one rule.
#[derive(Debug)]
pub struct Sink {
    pub(super) meta: &'static Meta,
    stack: String,
    /// What was reported.
    pub findings: Vec<Finding>,
    /// What the rule could not see, once each.
    pub notes: Vec<String>,
}

impl Sink {
    /// An empty sink.
    pub fn new(meta: &'static Meta, stack: &str) -> Self {
        Self {
            meta,
            stack: stack.to_owned(),
            findings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A finding of the rule, with its default severity.
    pub fn finding(&self, address: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.meta.id,
            severity: self.meta.severity,
            message: message.into(),
            stack: self.stack.clone(),
            address: address.into(),
            members: Vec::new(),
            touches_stacks: false,
            cause: None,
            path: Vec::new(),
            places: Vec::new(),
            related: Vec::new(),
            unlisted: 0,
            facts: Facts::default(),
            fix: None,
            discriminator: String::new(),
            place: Place::default(),
            location: None,
            snippet: None,
            identities: Box::default(),
            anchors: None,
            status: Status::Open,
            justification: None,
        }
    }

    /// Reports a finding.
    pub fn report(&mut self, mut finding: Finding) {
        finding.shrink();
        self.findings.push(finding);
    }

    /// Reports a finding with a severity of its own.
    pub fn report_as(&mut self, severity: Severity, finding: Finding) {
        self.report(Finding {
            severity,
            ..finding
        });
    }

    /// Says what could not be seen.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// `a, b and 3 more`.
pub(crate) fn named(names: &[String], most: usize) -> String {
    let (shown, left) = names.split_at(names.len().min(most));
    let shown = shown.join(", ");
    match left.len() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 object`, `3 objects`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}
