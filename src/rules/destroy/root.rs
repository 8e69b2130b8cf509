//! Traces a replacement to what set it off.
//!
//! Terraform gives all of a cascade the same reason. A root tells itself by a forcing attribute whose new
//! value is known; a follower's is unknown, and comes from an object that is replaced, recomputed, or read
//! late (Terraform 1.11, checked on recorded runs).

use super::abandoned_object::moved;
use super::formerly::Formerly;
use super::handed_whole::narrowed;
use super::origin::{only_read, places};
use super::unknown::handing_on;
use crate::graph::{Direction, Graph, NodeId, Sense};
use crate::input::plan::{Action, Change, Forced, ObjectId, Plan};
use crate::rules::pending::{behind_data, is_put_off};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many other roots of one object are kept: behind a module of thousands all followers would keep them all.
pub(super) const MOST_OTHERS: usize = 50;

/// What set a replacement off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root {
    /// The object; itself when it has a reason of its own.
    pub(crate) object: ObjectId,
    /// A cause word of design.md; nothing when Terraform does not say (before 0.15.2).
    pub(crate) cause: Option<&'static str>,
    /// The data source whose late read made values unknown, if one did.
    pub(crate) deferred: Option<ObjectId>,
    /// Other objects that would set it off as well.
    pub(crate) others: BTreeSet<ObjectId>,
    /// Of an object with a reason of its own: other objects that would have it replaced without it.
    pub(crate) besides: BTreeSet<ObjectId>,
}

impl Root {
    pub(super) fn of(object: ObjectId, cause: Option<&'static str>) -> Self {
        Self {
            object,
            cause,
            deferred: None,
            others: BTreeSet::new(),
            besides: BTreeSet::new(),
        }
    }
}

/// Traces roots, each object once.
pub(crate) struct Roots<'a> {
    pub(super) plan: &'a Plan,
    pub(super) graph: &'a Graph,
    /// New objects that are old ones under another address, and those.
    renamed: BTreeMap<ObjectId, ObjectId>,
    /// Instances that hold another element of their list: whatever the list is made of, what follows them hangs on that.
    pub(super) shifted: BTreeSet<ObjectId>,
    formerly: &'a Formerly,
    known: HashMap<ObjectId, Option<Root>>,
    /// What is behind updates and late reads; nothing while it is being found out.
    sources: HashMap<ObjectId, Option<Source>>,
}

/// An object upstream that explains an unknown value.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) root: ObjectId,
    pub(super) deferred: Option<ObjectId>,
    /// What would explain it as well.
    pub(super) others: BTreeSet<ObjectId>,
}

impl Source {
    fn of(root: ObjectId) -> Self {
        Self {
            root,
            deferred: None,
            others: BTreeSet::new(),
        }
    }
}

impl<'a> Roots<'a> {
    pub(crate) fn new(plan: &'a Plan, graph: &'a Graph, formerly: &'a Formerly) -> Self {
        Self::beside(plan, graph, formerly, BTreeMap::new())
    }

    /// Roots where some new objects are known to be old ones under another address: what follows them would not, had they
    /// been moved.
    pub(super) fn beside(
        plan: &'a Plan,
        graph: &'a Graph,
        formerly: &'a Formerly,
        renamed: BTreeMap<ObjectId, ObjectId>,
    ) -> Self {
        Self {
            plan,
            graph,
            renamed,
            shifted: BTreeSet::new(),
            formerly,
            known: HashMap::new(),
            sources: HashMap::new(),
        }
    }

    /// The root of an object that is replaced.
    pub(crate) fn of(&mut self, id: ObjectId) -> Root {
        let own = |cause| Root::of(id, cause);
        match self.known.get(&id) {
            Some(Some(root)) => return root.clone(),
            // In a circle the first object met is as good a root as any.
            Some(None) => return own(None),
            None => {}
        }
        self.known.insert(id, None);
        let object = &self.plan.objects[id];
        let change = object.change();
        let root = match object.reason() {
            "replace_because_tainted" => own(Some("tainted")),
            "replace_by_request" => own(Some("request")),
            "replace_by_triggers" => self.triggered(id),
            _ if change.importing => own(Some("import")),
            _ if change.forced_by.is_empty() => own(None),
            _ if change.forced_by.iter().any(|forced| !forced.unknown) => {
                let has_own = self.shifted.contains(&id);
                let read = (!has_own).then(|| self.read(id, change)).flatten();
                read.unwrap_or_else(|| self.known(id, change))
            }
            _ => self.followed(id, change),
        };
        self.known.insert(id, Some(root.clone()));
        root
    }

    /// A known value that comes from data sources alone: what was read is what changed. Data sources that are
    /// read while planning are in no change, so that nothing but the reference tells (Terraform 1.11).
    fn read(&self, id: ObjectId, change: &Change) -> Option<Root> {
        let mut sources = BTreeSet::new();
        for forced in change.forced_by.iter().filter(|forced| !forced.unknown) {
            if change.drifted.contains(&forced.attribute) {
                return None;
            }
            let read = only_read(self.plan, self.graph, id, forced)?;
            sources.extend(read);
        }
        let first = sources.pop_first()?;
        Some(Root {
            others: sources,
            ..Root::of(first, Some("upstream"))
        })
    }

    /// `replace_triggered_by` is not in the plan: the sources say what it names, without them the state remembers
    /// it among the dependencies.
    fn triggered(&mut self, id: ObjectId) -> Root {
        let argument = Some("lifecycle.replace_triggered_by");
        let mut changed = self.graph.made_of(self.plan, id, argument);
        changed.retain(|id| self.plan.objects[*id].action().changes());
        if changed.is_empty() {
            changed = self.remembered(id);
            // A data source triggers nothing.
            changed.retain(|id| self.plan.objects[*id].action() != Action::Read);
        }
        let sources: Vec<_> = changed.iter().map(|object| self.source(*object)).collect();
        match pick(sources) {
            Some(source) => {
                // What is new and not named there itself triggers nothing: what is named follows it.
                let is_new = self.plan.objects[source.root].action() == Action::Create;
                let follows = is_new && !changed.contains(&source.root);
                let cause = if follows { "upstream" } else { "triggers" };
                let mut others = source.others;
                others.extend(self.untriggered(id));
                others.remove(&source.root);
                Root {
                    others,
                    ..Root::of(source.root, Some(cause))
                }
            }
            None => Root::of(id, Some("triggers")),
        }
    }

    fn followed(&mut self, id: ObjectId, change: &Change) -> Root {
        let (mut sources, mut created) = (Vec::new(), BTreeSet::new());
        for forced in &change.forced_by {
            let upstream = self.upstream(id, forced);
            let action = |id: &ObjectId| self.plan.objects[*id].action();
            let new = upstream.iter().filter(|id| action(id) == Action::Create);
            created.extend(new.copied());
            sources.extend(self.all_that_explain(upstream));
        }
        if sources.is_empty() {
            // What a new object will be called, nobody knows before it is made.
            sources.extend(created.iter().map(|id| Source::of(*id)));
        }
        if sources.is_empty() {
            sources = self.hidden(id);
        }
        match pick(sources) {
            Some(source) => {
                let vanished = self.plan.objects[source.root].change().vanished.is_some();
                let cause = if source.deferred.is_some() {
                    "deferred_read"
                } else if moved(self.plan, source.root).is_some() {
                    "provider"
                } else if vanished {
                    "drift"
                } else {
                    "upstream"
                };
                Root {
                    deferred: source.deferred,
                    others: source.others,
                    ..Root::of(source.root, Some(cause))
                }
            }
            None => Root::of(id, Some(known_cause(change))),
        }
    }

    /// The objects that an unknown attribute is made of. One that refers to nothing has it from what its block is repeated
    /// over.
    fn upstream(&self, id: ObjectId, forced: &Forced) -> Vec<ObjectId> {
        let (plan, graph, attribute) = (self.plan, self.graph, &*forced.attribute);
        let upstream = graph.made_of(plan, id, Some(attribute));
        let block = plan.objects[id].block;
        if upstream.is_empty() && places(plan, block, attribute).next().is_none() {
            return graph.made_of(plan, id, Some("for_each"));
        }
        self.handing(id, forced, upstream)
    }

    /// Of the objects that an attribute may be made of those of which it gets a value that is not known.
    pub(super) fn handing(
        &self,
        id: ObjectId,
        forced: &Forced,
        objects: Vec<ObjectId>,
    ) -> Vec<ObjectId> {
        let objects = handing_on(self.plan, id, Some(&forced.attribute), objects);
        self.taken_from(id, forced, objects)
    }

    /// Of the objects that an attribute may be made of those whose values it takes.
    pub(super) fn taken_from(
        &self,
        id: ObjectId,
        forced: &Forced,
        objects: Vec<ObjectId>,
    ) -> Vec<ObjectId> {
        let plan = self.plan;
        let objects = narrowed(plan, id, &forced.attribute, objects);
        let origin = |id: ObjectId| match self.renamed.get(&id) {
            Some(from) => Some(*from),
            None => plan.objects[id].prior.then_some(id),
        };
        self.formerly.narrowed(plan, forced, objects, origin)
    }

    /// Whether an unknown value that forces a replacement was what one of these objects was called before.
    pub(super) fn was_of(&self, forced: &Forced, is_one: impl Fn(&ObjectId) -> bool) -> bool {
        self.formerly.holders(forced).iter().any(is_one)
    }

    /// What explains something that gets values of these objects.
    pub(super) fn all_that_explain(&mut self, objects: Vec<ObjectId>) -> Vec<Source> {
        let objects = objects.into_iter();
        objects.filter_map(|object| self.explains(object)).collect()
    }

    /// Whether an upstream object can have made a value unknown, and what is behind it.
    pub(super) fn explains(&mut self, id: ObjectId) -> Option<Source> {
        let object = &self.plan.objects[id];
        match object.action() {
            Action::Replace { .. } => Some(self.source(id)),
            Action::Update if object.change().to_unknown => Some(self.source(id)),
            Action::Read => self.late_read(id),
            // It was not found where it should be, and is created anew.
            Action::Create if object.change().vanished.is_some() => Some(Source::of(id)),
            Action::Create if self.renamed.contains_key(&id) => Some(Source::of(id)),
            _ => None,
        }
    }

    fn source(&mut self, id: ObjectId) -> Source {
        if self.plan.objects[id].action().replaces() {
            let root = self.of(id);
            return Source {
                root: root.object,
                deferred: root.deferred,
                others: root.others,
            };
        }
        let change = self.plan.objects[id].change();
        if change.to_known() {
            return Source::of(id);
        }
        // An update that only follows: its own unknown values come from further up.
        let source = self.once(id, |roots| {
            let upstream = roots.graph.made_of(roots.plan, id, None);
            let upstream = handing_on(roots.plan, id, None, upstream);
            let mut sources = roots.all_that_explain(upstream);
            if sources.is_empty() {
                sources = roots.hidden(id);
            }
            // Which of its values comes from which of them is not known here.
            Some(Source {
                others: BTreeSet::new(),
                ..pick(sources)?
            })
        });
        source.unwrap_or_else(|| Source::of(id))
    }

    /// A data source that is read late, because what it depends on changes or is unknown.
    fn late_read(&mut self, id: ObjectId) -> Option<Source> {
        self.once(id, |roots| {
            let (graph, plan) = (roots.graph, roots.plan);
            let upstream = graph.made_of(plan, id, None);
            let mut sources = roots.all_that_explain(upstream);
            if is_put_off(plan, id) {
                let pending = behind_data(plan, graph, id).into_iter();
                sources.extend(pending.take(MOST_OTHERS).map(|other| roots.pending(other)));
                for source in &mut sources {
                    source.deferred = Some(id);
                }
            }
            pick(sources).or_else(|| roots.nearest_change(id))
        })
    }

    /// What is behind a change that puts a read off.
    fn pending(&mut self, id: ObjectId) -> Source {
        match self.plan.objects[id].action() {
            Action::Update | Action::Replace { .. } => self.source(id),
            _ => Source::of(id),
        }
    }

    /// What is behind the nearest change that a data source depends on in any way.
    fn nearest_change(&mut self, id: ObjectId) -> Option<Source> {
        let (graph, plan) = (self.graph, self.plan);
        let changes = |node: NodeId| {
            graph.is_managed(plan, node)
                && graph
                    .as_object(node)
                    .is_some_and(|id| plan.objects[id].action().changes())
        };
        let reach = graph.search(
            [graph.object(id)],
            Direction::Dependencies,
            Sense::Order,
            |from, _, _| !changes(from),
        );
        let mut nodes = reach.nodes().iter().copied();
        let first = graph.as_object(nodes.find(|node| changes(*node))?)?;
        let deferred = is_put_off(plan, id).then_some(id);
        let source = self.source(first);
        Some(Source {
            deferred: deferred.or(source.deferred),
            ..source
        })
    }

    /// Finds out once what is behind an object; nothing in a circle.
    fn once(
        &mut self,
        id: ObjectId,
        find: impl FnOnce(&mut Self) -> Option<Source>,
    ) -> Option<Source> {
        if let Some(known) = self.sources.get(&id) {
            return known.clone();
        }
        self.sources.insert(id, None);
        let found = find(self);
        self.sources.insert(id, found.clone());
        found
    }
}

/// Whether the known value that forces the replacement comes from the configuration or from outside.
pub(super) fn known_cause(change: &Change) -> &'static str {
    let known = || change.forced_by.iter().filter(|forced| !forced.unknown);
    let drifted =
        known().count() > 0 && known().all(|forced| change.drifted.contains(&forced.attribute));
    if drifted { "drift" } else { "attribute" }
}

/// One source, and what else explains it: the one with the smallest id, which is the first in Terraform's order.
pub(super) fn pick(sources: Vec<Source>) -> Option<Source> {
    let roots = sources
        .iter()
        .flat_map(|source| source.others.iter().chain([&source.root]));
    let all: BTreeSet<ObjectId> = roots.copied().collect();
    let first = sources.into_iter().min_by_key(|source| source.root)?;
    let others = all.into_iter().filter(|root| *root != first.root);
    Some(Source {
        others: others.take(MOST_OTHERS).collect(),
        ..first
    })
}
