//! Collects who is called what, and which text calls whom, while the plan streams by; then brings them together.

use super::call::{Call, Called as Callers, Caller, Own, Place};
use super::candidates::Candidates;
use super::known::Known;
use super::notes::{Asked, Batch, MOST_TEXTS, Notes};
use super::noun::Nouns;
use super::walk::Walk;
use super::{How, Mentions};
use crate::input::aside::Aside;
use crate::input::json::parts::{get, members, text_or_none};
use crate::input::names::{Name, Names};
use crate::input::plan::attributes::Attributes;
use crate::input::plan::border::print;
use crate::input::plan::values::RawChange;
use crate::input::plan::{Called, ObjectId, Plan, Selves};
use foldhash::HashSet;
use foldhash::fast::RandomState;

/// Of a larger state nothing is kept: the room goes with the number of values.
const MOST_OBJECTS: usize = 5_000;
/// Of an object of a state beside the plans only names are kept, and nothing of what it says of others.
const MOST_STANDING: usize = 200_000;
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

/// Behind so many bytes of what is planned there are mostly too many objects: Terraform writes that before the changes,
/// two kilobytes of it for an object.
const LARGE: u64 = 1 << 24;

/// A text that calls something.
pub(super) struct Text {
    pub(super) object: ObjectId,
    /// Which text of the document it is: one may be an id and an ARN.
    pub(super) nth: u32,
    /// Where it stands: index into the paths of the book.
    pub(super) path: u32,
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
    /// Objects that wait to be read, and what is read of them aside.
    batch: Batch,
    /// Whether full batches wait until it is known that there is room for what they say.
    patient: bool,
    waiting: Vec<Batch>,
    aside: Aside<Notes>,
    /// What objects say of their environment, as far as that was read.
    environments: Vec<(ObjectId, Called)>,
    taken: Taken,
    /// Who is called what, once everything was read.
    pub(super) known: Known,
}

/// What was taken down.
#[derive(Default)]
struct Taken {
    seen: u32,
    nouns: Nouns,
    /// Texts as they were read, and what to add to the numbers of theirs and of their paths. Most call nobody.
    texts: Vec<(Vec<Text>, u32, u32)>,
    paths: Vec<Name>,
    names: Vec<(Call, ObjectId)>,
    read: Vec<(Call, ObjectId)>,
    own: Own,
    moved: Vec<(u64, ObjectId)>,
}

impl Taken {
    fn add(&mut self, notes: Notes, interned: &mut Names) {
        let (seen, paths) = (self.seen, self.paths.len());
        let paths = u32::try_from(paths).expect("fewer paths than 2^32");
        let interned = notes.paths.iter().map(|path| interned.intern(path));
        self.paths.extend(interned);
        self.texts.push((notes.texts, seen, paths));
        self.seen = seen.wrapping_add(notes.seen);
        self.names.extend(notes.names);
        self.own.append(notes.own);
    }

    /// The texts, numbered as those of one document.
    fn texts(&mut self) -> impl Iterator<Item = Text> + use<> {
        let texts = std::mem::take(&mut self.texts);
        texts.into_iter().flat_map(|(texts, seen, paths)| {
            texts.into_iter().map(move |text| Text {
                nth: text.nth.wrapping_add(seen),
                path: text.path + paths,
                ..text
            })
        })
    }
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
    /// configuration. What it says of its `environment` is told by [`Book::environments`].
    pub(in crate::input::plan) fn object(
        &mut self,
        id: ObjectId,
        kind: &Name,
        change: &RawChange<'_>,
        environment: bool,
    ) {
        let mentions = self.has_room();
        if !mentions && !environment {
            return;
        }
        let asked = Asked {
            mentions,
            environment,
        };
        self.batch.add(id, kind, change, asked);
        if self.batch.is_large() {
            let batch = std::mem::take(&mut self.batch);
            if self.patient && mentions {
                self.waiting.push(batch);
            } else {
                self.begin(batch);
            }
        }
    }

    fn begin(&mut self, batch: Batch) {
        let hasher = self.hasher.clone();
        self.aside.begin(batch.bytes(), move || batch.read(&hasher));
    }

    /// Expects the changes behind so many bytes of the document.
    pub(in crate::input::plan) fn expect(&mut self, offset: u64) {
        self.patient = offset > LARGE;
    }

    /// Reads what still waits to be read; what objects say of their environment.
    pub(in crate::input::plan) fn environments(
        &mut self,
        names: &mut Names,
    ) -> Vec<(ObjectId, Called)> {
        for batch in std::mem::take(&mut self.waiting) {
            self.begin(batch);
        }
        let last = std::mem::take(&mut self.batch).read(&self.hasher);
        for mut notes in self.aside.all().into_iter().chain([last]) {
            self.environments.append(&mut notes.environments);
            if !self.is_full() {
                self.taken.add(notes, names);
            }
        }
        std::mem::take(&mut self.environments)
    }

    /// Takes in an object of a state: what it is called.
    pub(in crate::input::plan) fn stands(&mut self, id: ObjectId, kind: &str, values: &[u8]) {
        self.standing = true;
        if !self.has_room() {
            return;
        }
        let mut called = Callers::new(&self.hasher, kind, |_| {});
        called.object(&Attributes::of(values));
        self.taken.own.add(id, called);
    }

    /// Notes where an object is moved from.
    pub(in crate::input::plan) fn moved(&mut self, id: ObjectId, from: &str) {
        if !self.is_full() {
            self.taken.moved.push((print(from), id));
        }
    }

    /// Counts an object; of too many nothing is kept.
    fn has_room(&mut self) -> bool {
        let had = !self.is_full();
        self.objects += 1;
        if had && self.is_full() {
            self.taken = Taken::default();
            let read = self.aside.all().into_iter();
            let environments = read.flat_map(|notes| notes.environments);
            self.environments.extend(environments);
            self.batch.leave_out_mentions();
            for mut batch in std::mem::take(&mut self.waiting) {
                batch.leave_out_mentions();
                self.begin(batch);
            }
        }
        !self.is_full()
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
            nouns: &mut self.taken.nouns,
            seen: &mut self.taken.seen,
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
            let call = Caller(&self.hasher).field(kind, "id", &text);
            self.taken.read.push((call, id));
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
        self.known = Known::new(std::mem::take(&mut self.taken.names));
        // Those that call somebody here, and those that call somebody elsewhere by an id; most call nobody.
        let (mut texts, mut abroad) = (Vec::new(), Vec::new());
        for text in self.taken.texts() {
            if self.known.has(text.call) {
                texts.push(text);
            } else if text.how == How::Id {
                abroad.push((text.object, Name::clone(self.path(&text)), text.call));
            }
        }
        let selves = self.selves(plan, abroad);
        let mut found = Candidates::new(plan, &self, &texts).all(&texts);
        found.sort_unstable();
        found.dedup();
        let mentions = Mentions {
            found,
            given_up: false,
        };
        (mentions, selves)
    }

    /// What other stacks may want to know: ids in values that no object here has, and what objects are called.
    fn selves(&mut self, plan: &Plan, mut texts: Vec<(ObjectId, Name, Call)>) -> Selves {
        for (id, block) in plan.blocks.iter().enumerate() {
            let (Some(resource), Some(object)) = (plan.resource(id), block.objects.first()) else {
                continue;
            };
            let written = resource.written.iter();
            let ids = written.filter(|text| text.how == How::Id && !self.known.has(text.call));
            texts.extend(ids.map(|text| (*object, Name::clone(&text.path), text.call)));
        }
        // The calls come last: a hash is another in every run.
        texts.sort_unstable();
        texts.dedup();
        let taken = &mut self.taken;
        let mut accounts: Vec<u64> = taken.own.accounts.iter().copied().collect();
        accounts.sort_unstable();
        Selves {
            called: std::mem::take(&mut taken.own.selves),
            texts,
            ids: std::mem::take(&mut taken.own.ids),
            accounts,
            moved: std::mem::take(&mut taken.moved),
        }
    }

    /// Where a text stands.
    pub(super) fn path(&self, text: &Text) -> &Name {
        &self.taken.paths[text.path as usize]
    }

    /// The objects of data sources that were read, and what they have found.
    pub(super) fn read(&self) -> &[(Call, ObjectId)] {
        &self.taken.read
    }

    /// The accounts that the objects of the state live in.
    pub(super) fn accounts(&self) -> &HashSet<u64> {
        &self.taken.own.accounts
    }
}
