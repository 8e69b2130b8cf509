//! Makes pairs, one to one: each takes the partner it has most in common with, when that one thinks the same.

use super::compare::{Comparer, Confidence, Likeness};
use super::{Pair, Renames};
use crate::graph::Graph;
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::destroy::origin::upstream;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Objects with more candidates than this by their rarest value are too many of a kind to be told apart.
const MOST_CANDIDATES: usize = 200;
/// So many candidates are named.
const MOST_NAMED: usize = 10;
/// Objects that hang on each other are found one behind the other, at most so deep.
const MOST_ROUNDS: usize = 8;

/// How well two fit; the greatest wins.
type Fit = (Confidence, usize, bool, bool, bool);

pub(super) struct Matcher<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    comparer: Comparer<'a>,
    /// What goes and what comes, by type.
    kinds: BTreeMap<&'a str, (Vec<ObjectId>, Vec<ObjectId>)>,
    /// What became of what.
    moved: BTreeMap<ObjectId, ObjectId>,
    upstream: HashMap<ObjectId, Vec<ObjectId>>,
    found: Renames,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph, taken: &BTreeSet<ObjectId>) -> Self {
        let mut kinds: BTreeMap<&str, (Vec<ObjectId>, Vec<ObjectId>)> = BTreeMap::new();
        for (id, object) in plan.managed() {
            if object.deposed.is_some() || taken.contains(&id) {
                continue;
            }
            let (going, coming) = kinds.entry(&plan.block(id).kind).or_default();
            let kept = object.change().kept.as_deref();
            match object.action() {
                Action::Delete if kept.is_some_and(|kept| !kept.before.is_empty()) => {
                    going.push(id);
                }
                Action::Create if kept.is_some_and(|kept| !kept.after.is_empty()) => {
                    coming.push(id);
                }
                _ => {}
            }
        }
        kinds.retain(|_, (going, coming)| !going.is_empty() && !coming.is_empty());
        Self {
            plan,
            graph,
            comparer: Comparer::new(plan),
            kinds,
            moved: BTreeMap::new(),
            upstream: HashMap::new(),
            found: Renames::default(),
        }
    }

    pub(super) fn run(mut self) -> Renames {
        let kinds = std::mem::take(&mut self.kinds);
        for round in 0..MOST_ROUNDS {
            let before = self.moved.len();
            for (going, coming) in kinds.values() {
                self.round(going, coming, false);
            }
            if round > 0 && self.moved.len() == before {
                break;
            }
        }
        for (going, coming) in kinds.values() {
            self.round(going, coming, true);
        }
        self.found
    }

    /// Pairs what goes with what comes of one type; in the last round what could not be decided is listed.
    fn round(&mut self, going: &[ObjectId], coming: &[ObjectId], last: bool) {
        let targets: BTreeSet<_> = self.moved.values().copied().collect();
        let going: Vec<_> = going
            .iter()
            .copied()
            .filter(|id| !self.moved.contains_key(id))
            .collect();
        let coming: Vec<_> = coming
            .iter()
            .copied()
            .filter(|id| !targets.contains(id))
            .collect();
        let index = self.index(&coming);
        let (mut fits, mut alike) = (Vec::new(), Vec::new());
        for from in going {
            for to in self.candidates(from, &coming, &index) {
                let Some(likeness) = self.comparer.compare(from, to) else {
                    continue;
                };
                if let Some(fit) = self.fit(from, to, &likeness) {
                    fits.push((fit, from, to, likeness));
                } else if likeness.is_weak() {
                    alike.push((from, to));
                }
            }
        }
        let open = self.settle(fits);
        if last {
            self.list(open, &alike);
        }
    }

    /// The new objects by each of their texts.
    fn index(&self, coming: &[ObjectId]) -> HashMap<(u32, u32), Vec<ObjectId>> {
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for id in coming {
            let kept = self.comparer.kept(*id);
            for (path, print) in kept.into_iter().flat_map(|kept| kept.after.iter()) {
                if print.is_text() {
                    index.entry((path, print.bits())).or_default().push(*id);
                }
            }
        }
        index
    }

    /// The new objects that share the rarest text with an old one, those it shares its name with, and of few
    /// all.
    fn candidates(
        &self,
        from: ObjectId,
        coming: &[ObjectId],
        index: &HashMap<(u32, u32), Vec<ObjectId>>,
    ) -> Vec<ObjectId> {
        if coming.len() <= MOST_CANDIDATES {
            return coming.to_vec();
        }
        let Some(kept) = self.comparer.kept(from) else {
            return Vec::new();
        };
        let shared = kept
            .before
            .iter()
            .filter_map(|(path, print)| index.get(&(path, print.bits())));
        let rarest = shared.min_by_key(|ids| ids.len());
        rarest
            .filter(|ids| ids.len() <= MOST_CANDIDATES)
            .cloned()
            .unwrap_or_default()
    }

    fn fit(&mut self, from: ObjectId, to: ObjectId, likeness: &Likeness) -> Option<Fit> {
        let placed = !likeness.unresolved.is_empty() && self.placed(from, to, likeness);
        let confidence = likeness.confidence(placed)?;
        let (old, new) = (self.plan.block(from), self.plan.block(to));
        let same_key = self.plan.objects[from].key == self.plan.objects[to].key;
        Some((
            confidence,
            likeness.texts,
            old.name == new.name,
            same_key,
            self.same_module_key(from, to),
        ))
    }

    fn same_module_key(&self, from: ObjectId, to: ObjectId) -> bool {
        let key = |id| &self.plan.modules[self.plan.block(id).module].key;
        key(from) == key(to)
    }

    /// Whether every attribute that is not known yet refers to what a dependency of the old object became.
    fn placed(&mut self, from: ObjectId, to: ObjectId, likeness: &Likeness) -> bool {
        let Some(list) = self.plan.objects[from].dependencies else {
            return false;
        };
        let names = &self.plan.dependency_lists[list as usize];
        let became: BTreeSet<ObjectId> = self
            .moved
            .iter()
            .filter(|(old, _)| {
                let address = self.plan.config_address(self.plan.objects[**old].block);
                names.iter().any(|name| **name == *address)
            })
            .map(|(_, new)| *new)
            .collect();
        likeness.unresolved.iter().all(|path| {
            let attribute = self.comparer.attribute(*path);
            let known = self.upstream.entry(to).or_default();
            *known = upstream(self.plan, self.graph, to, Some(attribute));
            known.iter().any(|id| became.contains(id))
        })
    }

    /// Makes the pairs that both sides want most; returns what is left.
    fn settle(
        &mut self,
        mut fits: Vec<(Fit, ObjectId, ObjectId, Likeness)>,
    ) -> Vec<(ObjectId, ObjectId)> {
        loop {
            let (mut of_old, mut of_new) = (BTreeMap::new(), BTreeMap::new());
            for (fit, from, to, _) in &fits {
                best(&mut of_old, *from, *fit, *to);
                best(&mut of_new, *to, *fit, *from);
            }
            let chosen = |from: &ObjectId, to: &ObjectId| {
                let (_, wanted) = &of_old[from];
                let (_, wants) = &of_new[to];
                wanted.as_slice() == [*to] && wants.as_slice() == [*from]
            };
            let (made, open): (Vec<_>, Vec<_>) = fits
                .into_iter()
                .partition(|(_, from, to, _)| chosen(from, to));
            if made.is_empty() {
                return open
                    .into_iter()
                    .map(|(_, from, to, _)| (from, to))
                    .collect();
            }
            for (fit, from, to, likeness) in made {
                self.moved.insert(from, to);
                self.found.pairs.push(Pair {
                    from,
                    to,
                    confidence: fit.0,
                    same: likeness.same,
                    differing: likeness.differing,
                });
            }
            let targets: BTreeSet<_> = self.moved.values().copied().collect();
            fits = open;
            fits.retain(|(_, from, to, _)| !self.moved.contains_key(from) && !targets.contains(to));
        }
    }

    fn list(&mut self, open: Vec<(ObjectId, ObjectId)>, alike: &[(ObjectId, ObjectId)]) {
        for (from, to) in open {
            let named = self.found.ambiguous.entry(from).or_default();
            if named.len() < MOST_NAMED {
                named.push(to);
            }
        }
        let plan = self.plan;
        for (from, to) in alike {
            let mine = alike.iter().filter(|(other, _)| other == from).count();
            let theirs = alike.iter().filter(|(_, other)| other == to).count();
            let module = |id: ObjectId| plan.config_module_address(plan.block(id).module);
            let near = module(*from) == module(*to);
            if mine == 1 && theirs == 1 && near && !self.found.ambiguous.contains_key(from) {
                self.found.alike.insert(*from, *to);
            }
        }
    }
}

/// Keeps the best partners of an object.
fn best(
    of: &mut BTreeMap<ObjectId, (Fit, Vec<ObjectId>)>,
    id: ObjectId,
    fit: Fit,
    partner: ObjectId,
) {
    let (known, partners) = of.entry(id).or_insert((fit, Vec::new()));
    if fit > *known {
        *known = fit;
        partners.clear();
    }
    if fit == *known {
        partners.push(partner);
    }
}
