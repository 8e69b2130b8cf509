//! Collects who is called what, and which text calls whom, while the plan streams by; then brings them together.

use super::call::{Call, Called, Caller, Place};
use super::candidates::Candidates;
use super::noun::Nouns;
use super::text::may_hold_id;
use super::walk::Walk;
use super::{How, Mentions};
use crate::input::json::parts::{Member, get, members, text_or_none};
use crate::input::names::{Name, Names};
use crate::input::plan::Selves;
use crate::input::plan::border::print;
use crate::input::plan::kept::Paths;
use crate::input::plan::values::{RawChange, has_true_leaf};
use crate::input::plan::{ObjectId, PathId, Plan};
use foldhash::HashSet;
use foldhash::fast::RandomState;

/// Of a larger state nothing is kept: the room goes with the number of values.
const MOST_OBJECTS: usize = 5_000;
/// Of an object of a state beside the plans only names are kept, and nothing of what it says of others.
const MOST_STANDING: usize = 200_000;
/// Values of one object that may call others.
const MOST_TEXTS: usize = 200;
/// Shorter values, quotes included, call nobody.
const SHORTEST: usize = 5;
/// What nobody depends on by writing it: what an object says of itself.
pub(super) const OWN: [&str; 10] = [
    "annotations",
    "comment",
    "description",
    "id",
    "labels",
    "match_labels",
    "selector",
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
    pub(super) place: Place,
}

/// A text that somebody wrote into the configuration, and what it may call.
#[derive(Debug, Clone)]
pub struct Written {
    pub(super) nth: u32,
    pub(super) path: Name,
    pub(super) call: Call,
    pub(super) how: How,
    pub(super) place: Place,
}

/// What is collected.
#[derive(Default)]
pub(in crate::input::plan) struct Book {
    pub(super) hasher: RandomState,
    objects: usize,
    /// Whether they are those of a state beside the plans.
    standing: bool,
    seen: u32,
    nouns: Nouns,
    texts: Vec<Text>,
    names: Vec<(Call, ObjectId)>,
    pub(super) read: Vec<(Call, ObjectId)>,
    selves: Vec<(Call, ObjectId, bool)>,
    ids: Vec<(Call, ObjectId)>,
    moved: Vec<(u64, ObjectId)>,
    /// The accounts that the objects of the state live in.
    pub(super) accounts: HashSet<u64>,
}

impl Book {
    /// An empty one; `hasher` is the one that [`super::criteria`] are hashed with.
    pub(in crate::input::plan) fn new(hasher: RandomState) -> Self {
        Self {
            hasher,
            ..Self::default()
        }
    }

    /// Whether there were too many objects to go on.
    pub(in crate::input::plan) fn is_full(&self) -> bool {
        let most = if self.standing {
            MOST_STANDING
        } else {
            MOST_OBJECTS
        };
        self.objects > most
    }

    /// Takes in a managed object: what it is called, and whom its values call unless a mark says that they are
    /// sensitive. Of an object that is left alone the values on top are enough: what else it says stands in the
    /// configuration.
    pub(in crate::input::plan) fn object(
        &mut self,
        id: ObjectId,
        kind: &str,
        change: &RawChange<'_>,
        attributes: &[Member<'_>],
        (paths, interned): (&mut Paths, &mut Names),
    ) {
        if !self.has_room() {
            return;
        }
        let (texts, names, mut left) = (&mut self.texts, &mut self.names, MOST_TEXTS);
        let deep = change.action.changes();
        let mut walk = Walk {
            hasher: &self.hasher,
            nouns: &mut self.nouns,
            seen: &mut self.seen,
            deep,
            visit: &mut |found| {
                if left > 0 {
                    left -= 1;
                    texts.push(Text {
                        object: id,
                        nth: found.nth,
                        path: paths.id(found.path, interned),
                        call: found.call,
                        how: found.how,
                        place: found.place,
                    });
                }
            },
        };
        let mut called = Called::new(&self.hasher, kind, |call| names.push((call, id)));
        let marks = change.after_sensitive.unwrap_or_default();
        let marked = has_true_leaf(marks);
        let after = change.after.unwrap_or_default();
        let mut path = String::new();
        for (key, value) in attributes {
            called.attribute(key, value);
            // Of what is left alone only ids are looked for: what names it otherwise stands in the configuration.
            let wanted = value.len() >= SHORTEST && (deep || may_hold_id(value));
            if let (true, Ok(key)) = (wanted, std::str::from_utf8(key))
                && !OWN.contains(&key)
                && !(marked && get(marks, key).is_some_and(has_true_leaf))
            {
                path.clear();
                path.push_str(key);
                walk.value(key, &mut path, value);
            }
        }
        called.end(after);
        // What goes is still called by what it was.
        if change.action.destroys() || change.action.removes() {
            let before = change.before.unwrap_or_default();
            for (key, value) in members(before).flatten() {
                called.attribute(&key, value);
            }
            called.end(before);
        }
        let (account, (selves, ids)) = (called.account, called.selves());
        self.name(id, account, selves, ids);
    }

    /// Takes in an object of a state: what it is called.
    pub(in crate::input::plan) fn stands(&mut self, id: ObjectId, kind: &str, values: &[u8]) {
        self.standing = true;
        if !self.has_room() {
            return;
        }
        let mut called = Called::new(&self.hasher, kind, |_| {});
        for (key, value) in members(values).flatten() {
            called.attribute(&key, value);
        }
        called.end(values);
        let (account, (selves, ids)) = (called.account, called.selves());
        self.name(id, account, selves, ids);
    }

    /// Notes where an object is moved from.
    pub(in crate::input::plan) fn moved(&mut self, id: ObjectId, from: &str) {
        if !self.is_full() {
            self.moved.push((print(from), id));
        }
    }

    /// Counts an object; of too many nothing is kept.
    fn has_room(&mut self) -> bool {
        self.objects += 1;
        if self.is_full() {
            *self = Self {
                objects: self.objects,
                standing: self.standing,
                ..Self::new(self.hasher.clone())
            };
        }
        !self.is_full()
    }

    fn name(&mut self, id: ObjectId, account: u64, selves: Vec<(Call, bool)>, ids: Vec<Call>) {
        self.accounts
            .extend(Some(account).filter(|account| *account > 0));
        let selves = selves.into_iter().map(|(call, sure)| (call, id, sure));
        self.selves.extend(selves);
        self.ids.extend(ids.into_iter().map(|call| (call, id)));
    }

    /// What the literal texts of a block call.
    pub(in crate::input::plan) fn written(
        &mut self,
        expressions: &[u8],
        names: &mut Names,
    ) -> Vec<Written> {
        let mut found = Vec::new();
        if self.is_full() {
            return found;
        }
        let mut walk = Walk {
            hasher: &self.hasher,
            nouns: &mut self.nouns,
            seen: &mut self.seen,
            deep: true,
            visit: &mut |text| {
                if found.len() < MOST_TEXTS {
                    found.push(Written {
                        nth: text.nth,
                        path: names.intern(text.path),
                        call: text.call,
                        how: text.how,
                        place: text.place,
                    });
                }
            },
        };
        for (key, value) in members(expressions).flatten() {
            match std::str::from_utf8(&key) {
                Ok(key) if !OWN.contains(&key) => walk.expression(key, &mut key.to_owned(), value),
                _ => {}
            }
        }
        found
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
    pub(in crate::input::plan) fn settle(mut self, plan: &Plan) -> (Mentions, Selves) {
        if self.is_full() {
            let nothing = Mentions {
                found: Vec::new(),
                given_up: true,
            };
            return (nothing, Selves::default());
        }
        self.names.sort_unstable();
        self.names.dedup();
        let called: HashSet<Call> = self.names.iter().map(|(call, _)| *call).collect();
        let mut texts = std::mem::take(&mut self.texts);
        let selves = self.selves(plan, &texts, &called);
        texts.retain(|text| called.contains(&text.call));
        let mut found = Candidates::new(plan, &self, &texts).all(&texts, &called);
        found.sort_unstable();
        found.dedup();
        let mentions = Mentions {
            found,
            given_up: false,
        };
        (mentions, selves)
    }

    /// What other stacks may want to know: ids in values that no object here has, and what objects are called.
    fn selves(&mut self, plan: &Plan, texts: &[Text], called: &HashSet<Call>) -> Selves {
        let abroad = texts.iter().filter(|text| text.how == How::Id);
        let abroad = abroad.filter(|text| !called.contains(&text.call));
        let values = abroad.map(|text| {
            let path = Name::clone(&plan.paths[text.path as usize]);
            (text.call, text.object, path)
        });
        let mut texts: Vec<_> = values.collect();
        for (id, block) in plan.blocks.iter().enumerate() {
            let (Some(resource), Some(object)) = (plan.resource(id), block.objects.first()) else {
                continue;
            };
            let written = resource.written.iter();
            let ids = written.filter(|text| text.how == How::Id && !called.contains(&text.call));
            texts.extend(ids.map(|text| (text.call, *object, Name::clone(&text.path))));
        }
        texts.sort_unstable();
        texts.dedup();
        let mut accounts: Vec<u64> = self.accounts.iter().copied().collect();
        accounts.sort_unstable();
        Selves {
            called: std::mem::take(&mut self.selves),
            texts,
            ids: std::mem::take(&mut self.ids),
            accounts,
            moved: std::mem::take(&mut self.moved),
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
