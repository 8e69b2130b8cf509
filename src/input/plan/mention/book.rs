//! Collects who is called what, and the values that may call somebody, while the plan streams by; then brings them
//! together, as far as the configuration says that somebody wrote the values.

use super::call::{Call, Called as Callers, Caller, Own};
use super::candidates::Candidates;
use super::known::{Calls, Known};
use super::notes::{Asked, Batch, Notes};
use super::noun::Nouns;
use super::values::{Abroad, MOST_TEXTS, Reader, Text, Values};
use super::walk::{Walk, Written};
use super::{How, Mentions};
use crate::input::address::Mode;
use crate::input::aside::Aside;
use crate::input::json::parts::{get, members, text_or_none};
use crate::input::names::{Name, Names};
use crate::input::plan::attributes::Attributes;
use crate::input::plan::border::print;
use crate::input::plan::values::RawChange;
use crate::input::plan::{Called, ObjectId, Plan, Selves};
use foldhash::HashSet;
use foldhash::fast::RandomState;
use rayon::prelude::*;

/// Of a larger state nothing is kept: the room goes with the number of values.
const MOST_OBJECTS: usize = 5_000;
/// Of an object of a state beside the plans only names are kept, and nothing of what it says of others.
const MOST_STANDING: usize = 200_000;
/// What nobody depends on by writing it: what an object says of itself.
pub(super) fn is_own(key: &[u8]) -> bool {
    matches!(
        key,
        b"annotations"
            | b"comment"
            | b"description"
            | b"id"
            | b"labels"
            | b"match_labels"
            | b"selector"
            | b"tags"
            | b"tags_all"
            | b"user_data"
    )
}

/// So many batches wait to be filled anew: more would only take room.
const MOST_SPARE: usize = 4;

/// Behind so many bytes of what is planned there are mostly too many objects: Terraform writes that before the changes,
/// two kilobytes of it for an object.
const LARGE: u64 = 1 << 24;

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
    /// Batches that were read, to be filled anew.
    spare: Vec<Batch>,
    aside: Aside<Notes>,
    /// What objects say of their environment, as far as that was read.
    environments: Vec<(ObjectId, Called)>,
    taken: Taken,
    /// Whom texts call so, once everything was read.
    pub(super) known: Known,
    /// Whom data sources look up so, of the types that they look for.
    pub(super) looked_up: Known,
}

/// What was taken down.
#[derive(Default)]
struct Taken {
    seen: u32,
    nouns: Nouns,
    values: Vec<Values>,
    names: Vec<Calls>,
    fields: Vec<Calls>,
    read: Vec<(Call, ObjectId)>,
    own: Own,
    moved: Vec<(u64, ObjectId)>,
}

impl Taken {
    fn add(&mut self, notes: Notes) {
        self.values.push(notes.values);
        self.names.push(notes.names);
        self.fields.push(notes.fields);
        self.own.append(notes.own);
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

    /// Takes in a managed object: what it is called, and its values unless a mark says that they are sensitive. Of an
    /// object that is left alone the values on top are enough: what else it says stands in the configuration. What it
    /// says of its `environment` is told by [`Book::environments`].
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
            let empty = self.empty_batch();
            let batch = std::mem::replace(&mut self.batch, empty);
            if self.patient && mentions {
                self.waiting.push(batch);
            } else {
                self.begin(batch);
            }
        }
    }

    /// A batch that was read, to be filled anew, or a new one.
    fn empty_batch(&mut self) -> Batch {
        for notes in self.aside.news() {
            let spent = notes.spent.take();
            if self.spare.len() < MOST_SPARE {
                self.spare.extend(spent);
            }
        }
        self.spare.pop().unwrap_or_default()
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
    pub(in crate::input::plan) fn environments(&mut self) -> Vec<(ObjectId, Called)> {
        for batch in std::mem::take(&mut self.waiting) {
            self.begin(batch);
        }
        let last = std::mem::take(&mut self.batch).read(&self.hasher);
        for mut notes in self.aside.all().into_iter().chain([last]) {
            self.environments.append(&mut notes.environments);
            if !self.is_full() {
                self.taken.add(notes);
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
        let mut called = Callers::new(&self.hasher, kind, |_, _| {});
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
                    found.push(text.keep(names));
                }
            },
        };
        for (key, value) in members(expressions).flatten() {
            match std::str::from_utf8(&key) {
                Ok(key) if !is_own(key.as_bytes()) => {
                    walk.expression(key, &mut key.to_owned(), value);
                }
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
        // On a first plan no object tells yet.
        if kind == "aws_caller_identity"
            && let Some(account) = get(values, "account_id").and_then(text_or_none)
        {
            let account = Caller(&self.hasher).part(&account);
            self.taken
                .own
                .accounts
                .extend((account > 0).then_some(account));
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
        let names = self.taken.names.iter();
        self.known = Known::new(names.flat_map(|calls| calls.of(|_| true)));
        self.looked_up = self.looked_up(plan);
        let (texts, abroad) = self.texts(plan);
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

    /// What data sources look objects up by, of the types that they look for.
    fn looked_up(&self, plan: &Plan) -> Known {
        let data = plan.blocks.iter().filter(|block| block.mode == Mode::Data);
        let kinds: HashSet<&str> = data.map(|block| &*block.kind).collect();
        let wanted = |id| kinds.contains(&*plan.block(id).kind);
        let fields = self.taken.fields.iter();
        Known::new(fields.flat_map(|calls| calls.of(wanted)))
    }

    /// Texts that call somebody here, and those that may call somebody elsewhere by an id.
    fn texts(&mut self, plan: &Plan) -> (Vec<Text>, Vec<Abroad>) {
        let read = |values| Reader::new(plan, &self.hasher, &self.known).read(values);
        let values = std::mem::take(&mut self.taken.values);
        let (here, abroad): (Vec<_>, Vec<_>) = values.par_iter().map(read).unzip();
        let here = here.into_iter().flatten().collect();
        (here, abroad.into_iter().flatten().collect())
    }

    /// What other stacks may want to know: ids in values that no object here has, and what objects are called.
    fn selves(&mut self, plan: &Plan, mut texts: Vec<Abroad>) -> Selves {
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
        let mut parts = std::mem::take(&mut taken.own.parts);
        parts.sort_unstable();
        Selves {
            called: std::mem::take(&mut taken.own.selves),
            parts,
            texts,
            ids: std::mem::take(&mut taken.own.ids),
            accounts,
            moved: std::mem::take(&mut taken.moved),
        }
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
