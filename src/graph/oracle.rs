//! The graph of random configurations against its definition.

use super::Dependents;
use super::tests::{created, resource};
use super::{Direction, Sense, build};
use crate::input::plan::Plan;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A random configuration: blocks with instances, and who refers to which block, whole or by one index.
#[derive(Debug, Clone)]
struct Blocks {
    instances: Vec<u64>,
    references: Vec<(usize, usize, Option<u64>)>,
}

fn blocks() -> impl Strategy<Value = Blocks> {
    (2usize..7).prop_flat_map(|n| {
        let instances = prop::collection::vec(1u64..4, n);
        let references = prop::collection::vec((0..n, 0..n, prop::option::of(0u64..4)), 0..12);
        (instances, references).prop_map(|(instances, references)| Blocks {
            instances,
            references,
        })
    })
}

impl Blocks {
    fn plan(&self) -> Plan {
        let block = |n: usize| {
            let mut references = Vec::new();
            for (_, to, key) in self.references.iter().filter(|(from, ..)| *from == n) {
                references.extend(key.map(|key| format!("t.b{to}[{key}]")));
                references.push(format!("t.b{to}"));
            }
            resource(
                &format!("t.b{n}"),
                &references.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        };
        let resources: Vec<_> = (0..self.instances.len()).map(block).collect();
        let addresses = self
            .objects()
            .map(|(n, key)| format!("t.b{n}[{key}]"))
            .collect::<Vec<_>>();
        created(
            &addresses.iter().map(String::as_str).collect::<Vec<_>>(),
            &json!({"resources": resources}),
        )
    }

    fn objects(&self) -> impl Iterator<Item = (usize, u64)> {
        self.instances
            .iter()
            .enumerate()
            .flat_map(|(n, count)| (0..*count).map(move |key| (n, key)))
    }

    /// Direct dependencies by definition: of every instance of a block, the instances it refers to.
    fn direct(&self) -> BTreeMap<(usize, u64), BTreeSet<(usize, u64)>> {
        let targets = |n: usize| {
            let mine = self.references.iter().filter(move |(from, ..)| *from == n);
            mine.flat_map(|(_, to, key)| {
                let all = 0..self.instances[*to];
                // A key without an instance is taken for the whole block: nobody knows what it will be.
                let one = key.filter(|key| all.contains(key));
                all.filter(move |k| one.is_none_or(|one| one == *k))
                    .map(|k| (*to, k))
                    .collect::<Vec<_>>()
            })
            .collect::<BTreeSet<_>>()
        };
        self.objects()
            .map(|object| (object, targets(object.0)))
            .collect()
    }
}

proptest! {
    #[test]
    fn dependencies_hubs_and_paths_are_those_of_the_definition(blocks in blocks(), threshold in 1usize..6) {
        let (plan, direct) = (blocks.plan(), blocks.direct());
        let graph = build(&plan, None);
        let name = |(n, key): &(usize, u64)| format!("t.b{n}[{key}]");
        let id = |object: &(usize, u64)| (0..plan.objects.len()).find(|id| plan.address(*id) == name(object)).expect("an object");
        for start in direct.keys() {
            let mut distance = BTreeMap::from([(*start, 0usize)]);
            let mut queue = VecDeque::from([*start]);
            while let Some(at) = queue.pop_front() {
                for next in &direct[&at] {
                    if !distance.contains_key(next) {
                        distance.insert(*next, distance[&at] + 1);
                        queue.push_back(*next);
                    }
                }
            }
            let reach = graph.search([graph.object(id(start))], Direction::Dependencies, Sense::Order, |_, _, _| true);
            for object in direct.keys() {
                let node = graph.object(id(object));
                prop_assert_eq!(reach.contains(node), distance.contains_key(object), "{:?} -> {:?}", start, object);
                if let Some(steps) = distance.get(object) {
                    let path = reach.path(node);
                    let objects = path.iter().filter(|node| graph.as_object(**node).is_some()).count();
                    prop_assert_eq!(objects, steps + 1, "{:?}", path);
                    for pair in path.windows(2) {
                        let mut next = graph.neighbours(pair[0], Direction::Dependencies, Sense::Order);
                        prop_assert!(next.any(|(node, _)| node == pair[1]));
                    }
                }
            }
        }
        let mut want = BTreeMap::new();
        for object in direct.keys() {
            let dependents: BTreeSet<_> = direct.iter().filter(|(from, to)| *from != object && to.contains(object)).map(|(from, _)| id(from)).collect();
            let found: BTreeSet<_> = graph.direct(id(object), Direction::Dependents).into_iter().collect();
            prop_assert_eq!(&found, &dependents, "{:?}", object);
            if dependents.len() >= threshold {
                want.insert(id(object), dependents);
            }
        }
        let hubs: BTreeMap<_, BTreeSet<_>> = graph.hubs(&Dependents::of(&graph), threshold).into_iter().map(|(id, all)| (id, all.into_iter().collect())).collect();
        prop_assert_eq!(hubs, want);
    }

    #[test]
    fn whatever_is_wide_is_named_with_all_its_dependents_or_depends_on_what_is_named(blocks in blocks(), threshold in 1usize..6) {
        let (plan, direct) = (blocks.plan(), blocks.direct());
        let graph = build(&plan, None);
        let name = |(n, key): &(usize, u64)| format!("t.b{n}[{key}]");
        let id = |object: &(usize, u64)| (0..plan.objects.len()).find(|id| plan.address(*id) == name(object)).expect("an object");
        let reach = |start: &(usize, u64)| {
            let (mut found, mut left) = (BTreeSet::new(), vec![*start]);
            while let Some(at) = left.pop() {
                for (from, _) in direct.iter().filter(|(_, to)| to.contains(&at)) {
                    if found.insert(*from) {
                        left.push(*from);
                    }
                }
            }
            found.remove(start);
            found.iter().map(id).collect::<BTreeSet<_>>()
        };
        let naive: BTreeMap<_, _> = direct.keys().map(|object| (id(object), reach(object))).collect();
        let (wide, more) = graph.wide(&Dependents::of(&graph), &plan, |_| true, threshold, usize::MAX);
        prop_assert_eq!(more, 0);
        let wide: BTreeMap<_, BTreeSet<_>> = wide.into_iter().map(|(id, all)| (id, all.into_iter().collect())).collect();
        for (object, dependents) in &naive {
            if let Some(found) = wide.get(object) {
                prop_assert_eq!(found, dependents);
                prop_assert!(found.len() >= threshold);
            } else if dependents.len() >= threshold {
                prop_assert!(wide.values().any(|named| named.contains(object)), "{}", plan.address(*object));
            }
        }
    }
}
