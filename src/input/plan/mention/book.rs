//! Collects who is called what, and which text calls whom, while the plan streams by; then brings them together.

use super::call::{Call, Caller};
use super::candidates::Candidates;
use super::walk::Walk;
use super::{How, Mentions};
use crate::catalog::{self, Holds};
use crate::input::json::parts::{get, members, text_or_none};
use crate::input::names::Names;
use crate::input::plan::kept::Paths;
use crate::input::plan::values::has_true_leaf;
use crate::input::plan::{ObjectId, PathId, Plan};
use foldhash::HashSet;
use foldhash::fast::RandomState;

/// Of a larger state nothing is kept: the room goes with the number of values.
const MOST_OBJECTS: usize = 20_000;
/// Values of one object that may call others.
const MOST_TEXTS: usize = 200;
/// What nobody depends on by writing it: what an object says of itself.
const OWN: [&str; 8] = [
    "annotations",
    "comment",
    "description",
    "id",
    "labels",
    "tags",
    "tags_all",
    "user_data",
];

/// A text that calls something.
pub(super) struct Text {
    pub(super) object: ObjectId,
    /// Which text of the document it is: one may be an id and an ARN.
    pub(super) nth: u32,
    pub(super) path: PathId,
    pub(super) call: Call,
    pub(super) how: How,
}

/// What is collected.
pub(in crate::input::plan) struct Book {
    pub(super) hasher: RandomState,
    objects: usize,
    pub(super) seen: u32,
    pub(super) texts: Vec<Text>,
    names: Vec<(Call, ObjectId)>,
    pub(super) read: Vec<(Call, ObjectId)>,
}

impl Book {
    /// An empty one; `hasher` is the one that [`super::criteria`] are hashed with.
    pub(in crate::input::plan) fn new(hasher: RandomState) -> Self {
        Self {
            hasher,
            objects: 0,
            seen: 0,
            texts: Vec::new(),
            names: Vec::new(),
            read: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.objects > MOST_OBJECTS
    }

    /// Takes in a managed object: what it is called, and, when it stays, whom its values call.
    pub(in crate::input::plan) fn managed(
        &mut self,
        id: ObjectId,
        kind: &str,
        [before, after]: [&[u8]; 2],
        marks: &[u8],
        write: (&mut Paths, &mut Names),
    ) {
        self.objects += 1;
        if self.is_full() {
            *self = Self {
                objects: self.objects,
                ..Self::new(self.hasher.clone())
            };
            return;
        }
        let facts = catalog::facts(kind);
        if facts.holds != Holds::Nothing {
            let Self { hasher, names, .. } = self;
            let caller = Caller(hasher);
            let start = names.len();
            caller.of_object(kind, facts, after, &mut |call| names.push((call, id)));
            // What is replaced is still called by what it was.
            if before != after {
                caller.of_object(kind, facts, before, &mut |call| names.push((call, id)));
            }
            names[start..].sort_unstable();
            names.dedup();
        }
        let (paths, names) = write;
        let mut walk = Walk {
            book: self,
            id,
            paths,
            names,
            left: MOST_TEXTS,
        };
        for (key, value) in members(after).flatten() {
            let Ok(key) = std::str::from_utf8(&key) else {
                continue;
            };
            if !OWN.contains(&key) && !get(marks, key).is_some_and(has_true_leaf) {
                walk.value(key, &mut key.to_owned(), value);
            }
        }
    }

    /// Takes in a data source that was read.
    pub(in crate::input::plan) fn data(&mut self, id: ObjectId, kind: &str, values: &[u8]) {
        if self.is_full() {
            return;
        }
        if let Some(text) = get(values, "id")
            .and_then(text_or_none)
            .filter(|text| !text.is_empty())
        {
            self.read
                .push((Caller(&self.hasher).field(kind, "id", &text), id));
        }
    }

    /// Brings them together.
    pub(in crate::input::plan) fn settle(mut self, plan: &Plan) -> Mentions {
        if self.is_full() {
            return Mentions {
                found: Vec::new(),
                given_up: true,
            };
        }
        self.names.sort_unstable();
        let texts = std::mem::take(&mut self.texts);
        let candidates = Candidates { plan, book: &self };
        // What calls itself by the name of another is a part of that one: a policy has the id of its queue.
        let mut borrowed: HashSet<(Call, ObjectId)> = HashSet::default();
        let written: Vec<_> = texts
            .into_iter()
            .filter(|text| candidates.is_written(text))
            .collect();
        let ids = written.iter().filter(|text| text.how == How::Id);
        borrowed.extend(ids.map(|text| (text.call, text.object)));
        // The surest way to read a text comes first.
        let of_one_text = written.chunk_by(|one, other| one.nth == other.nth);
        let mention = |text| candidates.mention(text, &borrowed);
        let mut found: Vec<_> = of_one_text
            .filter_map(|texts| texts.iter().find_map(mention))
            .collect();
        found.extend(candidates.lookups());
        found.sort_unstable();
        found.dedup_by_key(|mention| {
            (
                mention.block,
                mention.object,
                mention.path.clone(),
                mention.named,
            )
        });
        Mentions {
            found,
            given_up: false,
        }
    }

    /// Who is called so.
    pub(super) fn called(&self, call: Call) -> impl Iterator<Item = ObjectId> {
        let start = self.names.partition_point(|(other, _)| *other < call);
        let same = self.names[start..]
            .iter()
            .take_while(move |(other, _)| *other == call);
        same.map(|(_, id)| *id)
    }
}
