//! Makes pairs, one to one: each takes the partner it has most in common with, when that one thinks the same.

use super::compare::{Comparer, Confidence, Difference, Likeness, Stands};
use super::index::Index;
use super::place::{Became, Place};
use super::step;
use super::{Outlook, Pair, Renames};
use crate::catalog::attributes::{is_use, is_whereabouts};
use crate::graph::Graph;
use crate::input::plan::{Action, Kept, ObjectId, PathId, Plan, attribute_of};
use std::collections::{BTreeMap, BTreeSet};

/// Objects that hang on each other are found one behind the other, at most so deep.
const MOST_ROUNDS: usize = 8;
/// Of more that may be pairs only the first turn is made.
const MOST_OPEN: usize = 40_000;
/// So often what was found is carried on, and looked behind again.
const MOST_TURNS: usize = 4;

/// How well two fit; the greatest wins.
type Fit = (Confidence, usize, bool, bool, bool);

/// What goes and what comes, by type.
type Kinds<'a> = BTreeMap<&'a str, (Vec<ObjectId>, Vec<ObjectId>)>;

pub(super) struct Matcher<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    comparer: Comparer<'a>,
    /// What other findings have.
    taken: &'a BTreeSet<ObjectId>,
    kinds: Kinds<'a>,
    /// Those that have a partner.
    paired: BTreeSet<ObjectId>,
    became: Became,
    found: Renames,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph, taken: &'a BTreeSet<ObjectId>) -> Self {
        let mut kinds = Kinds::new();
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
                Action::Create if kept.is_some_and(Kept::says_anything) => coming.push(id),
                _ => {}
            }
        }
        kinds.retain(|_, (going, coming)| !going.is_empty() && !coming.is_empty());
        Self {
            plan,
            graph,
            comparer: Comparer::new(plan),
            taken,
            kinds,
            paired: BTreeSet::new(),
            became: Became::default(),
            found: Renames::default(),
        }
    }

    pub(super) fn run(mut self) -> Renames {
        let kinds = std::mem::take(&mut self.kinds);
        let mut open: Vec<(ObjectId, ObjectId)> = Vec::new();
        for (kind, (going, coming)) in &kinds {
            let index = Index::new(&self.comparer, kind, coming);
            for from in going {
                let candidates = index.candidates(&self.comparer, *from);
                open.extend(candidates.into_iter().map(|to| (*from, to)));
            }
        }
        let turns = if open.len() > MOST_OPEN {
            1
        } else {
            MOST_TURNS
        };
        for _ in 0..turns {
            open = self.rounds(open);
            if turns > 1 && self.carry_on() {
                self.leave_open(&mut open);
                continue;
            }
            let before = self.paired.len();
            open = self.round(open, Self::let_change);
            if self.paired.len() == before {
                break;
            }
        }
        self.list(open);
        self.settle_changes();
        self.found
    }

    /// What a pair was let change in may refer to what became of its dependencies, once all pairs are known.
    fn settle_changes(&mut self) {
        for pair in &mut self.found.pairs {
            let place = Place::new((self.plan, self.graph), &self.became, pair.from, pair.to);
            let new = self.comparer.kept(pair.to);
            let unknown = new.map_or(&[][..], |new| &new.unknown);
            pair.differing.retain(|path| {
                let attribute = self.comparer.attribute(*path);
                !(unknown.contains(path) && place.holds_any([attribute].into_iter()))
            });
        }
    }

    /// What hangs on a renamed object can only be told when that is: round by round, until nothing is new.
    fn rounds(&mut self, mut open: Vec<(ObjectId, ObjectId)>) -> Vec<(ObjectId, ObjectId)> {
        for round in 0..MOST_ROUNDS {
            let before = self.paired.len();
            open = self.round(open, |_, _, _, _| ());
            if round > 0 && self.paired.len() == before {
                break;
            }
        }
        open
    }

    /// Takes along what stands beside blocks that went from one module to another; whether anything did.
    fn carry_on(&mut self) -> bool {
        let is_open = |id| !self.paired.contains(&id) && !self.taken.contains(&id);
        let before = self.paired.len();
        for (from, to) in step::carried(&self.comparer, &self.found.pairs, is_open) {
            let likeness = self.comparer.compare(from, to);
            let went = |likeness: &Likeness| self.went_along(from, to, likeness);
            if let Some(likeness) = likeness.filter(went)
                && !self.paired.contains(&to)
            {
                self.pair(from, to, Confidence::Medium, likeness);
            }
        }
        self.paired.len() > before
    }

    /// Whether a move would leave an object what it is: it refers to what its dependencies became.
    fn went_along(&self, from: ObjectId, to: ObjectId, likeness: &Likeness) -> bool {
        let place = Place::new((self.plan, self.graph), &self.became, from, to);
        let holds =
            |paths: &[PathId]| paths.is_empty() || place.holds_any(self.comparer.attributes(paths));
        // What of a block nobody wrote, its provider fills in.
        let written = |path: &PathId| place.refers_to_any(self.comparer.attribute(*path));
        let partly = likeness.partly.iter().copied().filter(written);
        let partly: Vec<_> = partly.collect();
        likeness.difference < Difference::Much && holds(&likeness.unresolved) && holds(&partly)
    }

    fn pair(&mut self, from: ObjectId, to: ObjectId, confidence: Confidence, likeness: Likeness) {
        self.paired.extend([from, to]);
        self.became.add(self.plan, from, to);
        self.found.pairs.push(Pair {
            from,
            to,
            confidence,
            same: likeness.same,
            differing: likeness.differing,
            followers: Vec::new(),
            outlook: Outlook::default(),
        });
    }

    /// Makes the pairs that can be made, when what they have in common is `judged`; returns those that may still become
    /// one.
    fn round(
        &mut self,
        open: Vec<(ObjectId, ObjectId)>,
        judged: impl Fn(&Self, ObjectId, ObjectId, &mut Likeness),
    ) -> Vec<(ObjectId, ObjectId)> {
        let (mut fits, mut left) = (Vec::new(), Vec::new());
        for (from, to) in open {
            let Some(mut likeness) = self.comparer.compare(from, to) else {
                continue;
            };
            judged(self, from, to, &mut likeness);
            if let Some(fit) = self.fit(from, to, &likeness) {
                fits.push((fit, from, to, likeness));
            } else if likeness.is_weak() || !likeness.unresolved.is_empty() {
                left.push((from, to));
            }
        }
        left.extend(self.settle(fits));
        self.leave_open(&mut left);
        left
    }

    /// What names an object in its cloud decides, when what is not known yet is only what it uses: that may change. Asked
    /// when all else is told, as what it refers to may turn out to have moved.
    fn let_change(&self, from: ObjectId, to: ObjectId, likeness: &mut Likeness) {
        if !likeness.identity {
            return;
        }
        let place = Place::new((self.plan, self.graph), &self.became, from, to);
        let unresolved = std::mem::take(&mut likeness.unresolved);
        for path in unresolved {
            let attribute = self.comparer.attribute(path);
            if is_use(attribute) && !place.holds_any([attribute].into_iter()) {
                likeness.differing.push(path);
            } else {
                likeness.unresolved.push(path);
            }
        }
    }

    /// Leaves those of whom neither has a partner.
    fn leave_open(&self, pairs: &mut Vec<(ObjectId, ObjectId)>) {
        pairs.retain(|(from, to)| self.is_open(*from, *to));
    }

    /// Whether neither has a partner.
    fn is_open(&self, from: ObjectId, to: ObjectId) -> bool {
        !self.paired.contains(&from) && !self.paired.contains(&to)
    }

    fn fit(&self, from: ObjectId, to: ObjectId, likeness: &Likeness) -> Option<Fit> {
        let place = Place::new((self.plan, self.graph), &self.became, from, to);
        let identity = self.comparer.identity(&self.plan.block(from).kind);
        if !self.names_hold(&place, from, &identity, likeness) {
            return None;
        }
        let names = likeness.unresolved.iter();
        let names = names.filter(|path| identity.contains(path));
        let names: Vec<_> = names.copied().collect();
        let unresolved = self.comparer.attributes(&likeness.unresolved);
        let stands = Stands {
            placed: if likeness.same.is_empty() {
                place.follows(unresolved)
            } else {
                place.holds_any(unresolved)
            },
            partly: place.holds_all(self.comparer.attributes(&likeness.partly)),
            named: place.follows(self.comparer.attributes(&names)),
        };
        let mut confidence = likeness.confidence(stands)?;
        if self.is_aliased(to) {
            confidence = confidence.min(Confidence::Medium);
        }
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

    /// Whether of the attributes that name an object, and are known in part, the rest refers to what its dependencies
    /// became, where it tells what the object is part of: a namespace.
    fn names_hold(
        &self,
        place: &Place<'_>,
        from: ObjectId,
        identity: &[PathId],
        likeness: &Likeness,
    ) -> bool {
        let old = self.comparer.kept(from).into_iter();
        let lost = old.flat_map(|kept| kept.before.iter(self.plan));
        let lost = lost.map(|(path, _)| path);
        let lost: Vec<_> = lost.filter(|path| !likeness.same.contains(path)).collect();
        let is_part_of = |attribute: &str| {
            lost.iter().any(|path| {
                let path = &*self.plan.paths[*path as usize];
                let key = path.rsplit('.').next().unwrap_or(path);
                attribute_of(path) == attribute && is_whereabouts(key.as_bytes())
            })
        };
        let mut partly: Vec<_> = self.comparer.attributes(&likeness.partly).collect();
        partly.retain(|attribute| {
            let mut names = self.comparer.attributes(identity);
            names.any(|name| name == *attribute) && is_part_of(attribute)
        });
        partly.is_empty() || place.holds_any(partly.into_iter())
    }

    /// Whether a provider configuration of its own manages the new object: which one managed the old one is in no
    /// plan.
    fn is_aliased(&self, id: ObjectId) -> bool {
        let resource = self.plan.resource(self.plan.objects[id].block);
        resource.is_some_and(|resource| resource.provider.contains('.'))
    }

    fn same_module_key(&self, from: ObjectId, to: ObjectId) -> bool {
        let key = |id| &self.plan.modules[self.plan.block(id).module].key;
        key(from) == key(to)
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
                self.pair(from, to, fit.0, likeness);
            }
            fits = open;
            fits.retain(|(_, from, to, _)| self.is_open(*from, *to));
        }
    }

    /// Lists what could not be decided: several that fit, or one that only resembles.
    fn list(&mut self, open: Vec<(ObjectId, ObjectId)>) {
        let mut alike = Vec::new();
        for (from, to) in open {
            let Some(likeness) = self.comparer.compare(from, to) else {
                continue;
            };
            if self.fit(from, to, &likeness).is_some() {
                self.found.ambiguous.entry(from).or_default().push(to);
            } else if likeness.is_weak() {
                alike.push((from, to));
            }
        }
        let (mut of_old, mut of_new) = (BTreeMap::new(), BTreeMap::new());
        for (from, to) in &alike {
            *of_old.entry(*from).or_insert(0) += 1;
            *of_new.entry(*to).or_insert(0) += 1;
        }
        let module = |id: ObjectId| self.plan.config_module_address(self.plan.block(id).module);
        for (from, to) in alike {
            let only = of_old[&from] == 1 && of_new[&to] == 1;
            let free = !self.found.ambiguous.contains_key(&from);
            if only && free && module(from) == module(to) {
                self.found.alike.insert(from, to);
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
