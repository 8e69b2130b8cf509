//! What the values of objects say, taken down batch by batch: nothing but the values is needed for it, so that other
//! threads can do it while the reader reads on.

use super::book::{OWN, Text};
use super::call::{Call, Called as Callers, Own};
use super::noun::Nouns;
use super::text::may_hold_id;
use super::walk::Walk;
use crate::input::json::parts::get;
use crate::input::names::Name;
use crate::input::plan::ObjectId;
use crate::input::plan::attributes::Attributes;
use crate::input::plan::called::{Called, called};
use crate::input::plan::values::{RawChange, has_true_leaf};
use foldhash::HashMap;
use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::ops::Range;

/// A batch of so many bytes is worth another thread. Room for it is made once, below the size from which an allocator
/// would ask the system for new pages each time.
const WORTH: usize = 3 << 14;
const ROOM: usize = 1 << 16;
/// Values of one object that may call others.
pub(super) const MOST_TEXTS: usize = 200;
/// Shorter values, quotes included, call nobody.
const SHORTEST: usize = 5;

/// What is wanted of an object.
#[derive(Debug, Clone, Copy)]
pub(in crate::input::plan) struct Asked {
    /// What it is called, and whom it calls.
    pub(in crate::input::plan) mentions: bool,
    /// What it says of its environment.
    pub(in crate::input::plan) environment: bool,
}

/// An object, and where its values stand in the batch.
struct Job {
    object: ObjectId,
    kind: Name,
    asked: Asked,
    /// Whether all of its texts are read, JSON documents in them included: it changes.
    deep: bool,
    /// The object afterwards, if there is one.
    new: Option<Range<usize>>,
    /// The object before, where it goes or is all there is.
    old: Option<Range<usize>>,
    /// Whether it goes: what it was called then counts.
    goes: bool,
    /// Which values of the new one are sensitive, of the old one where there is none.
    marks: Range<usize>,
}

/// Objects whose values are to be read.
#[derive(Default)]
pub(super) struct Batch {
    jobs: Vec<Job>,
    bytes: Vec<u8>,
}

/// What was read in a batch.
#[derive(Default)]
pub(super) struct Notes {
    /// What values call, the paths as numbers of [`Notes::paths`].
    pub(super) texts: Vec<Text>,
    pub(super) paths: Vec<Box<str>>,
    /// How many texts there were.
    pub(super) seen: u32,
    pub(super) names: Vec<(Call, ObjectId)>,
    pub(super) own: Own,
    pub(super) environments: Vec<(ObjectId, Called)>,
}

impl Batch {
    pub(super) fn add(
        &mut self,
        object: ObjectId,
        kind: &Name,
        change: &RawChange<'_>,
        asked: Asked,
    ) {
        let goes = change.action.destroys() || change.action.removes();
        let (stays, marks) = if change.stays() {
            (true, change.after_sensitive)
        } else {
            (false, change.before_sensitive)
        };
        let job = Job {
            object,
            kind: Name::clone(kind),
            asked,
            deep: change.action.changes(),
            new: stays.then(|| self.keep(change.after)),
            old: (goes || !stays).then(|| self.keep(change.before)),
            goes,
            marks: self.keep(marks),
        };
        self.jobs.push(job);
    }

    fn keep(&mut self, raw: Option<&[u8]>) -> Range<usize> {
        let start = self.bytes.len();
        if start == 0 {
            self.bytes.reserve(ROOM);
        }
        self.bytes.extend_from_slice(raw.unwrap_or_default());
        start..self.bytes.len()
    }

    /// Of too many objects only their environments are wanted.
    pub(super) fn leave_out_mentions(&mut self) {
        for job in &mut self.jobs {
            job.asked.mentions = false;
        }
    }

    /// Whether it is worth another thread.
    pub(super) fn is_large(&self) -> bool {
        self.bytes.len() >= WORTH
    }

    /// How much room it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Reads all of it.
    pub(super) fn read(self, hasher: &RandomState) -> Notes {
        thread_local! {
            /// What keys want the name of is the same in all batches.
            static NOUNS: RefCell<Nouns> = RefCell::default();
        }
        NOUNS.with_borrow_mut(|nouns| {
            let mut desk = Desk {
                hasher,
                nouns,
                notes: Notes::default(),
                paths: HashMap::default(),
                last: None,
            };
            for job in &self.jobs {
                let attributes = |range: &Range<usize>| Attributes::of(&self.bytes[range.clone()]);
                let values = Values {
                    new: job.new.as_ref().map(attributes),
                    old: job.old.as_ref().map(attributes),
                    marks: &self.bytes[job.marks.clone()],
                };
                desk.take_down(job, &values);
            }
            desk.notes
        })
    }
}

/// The values of an object, as its job has them.
struct Values<'a> {
    new: Option<Attributes<'a>>,
    old: Option<Attributes<'a>>,
    marks: &'a [u8],
}

/// Where notes are made.
struct Desk<'a> {
    hasher: &'a RandomState,
    nouns: &'a mut Nouns,
    notes: Notes,
    paths: HashMap<Box<str>, u32>,
    /// The number of the last path: most values of a list stand one behind the other.
    last: Option<u32>,
}

impl Desk<'_> {
    fn take_down(&mut self, job: &Job, values: &Values<'_>) {
        if job.asked.environment
            && let Some(object) = values.new.as_ref().or(values.old.as_ref())
        {
            let called = called(&object.each, values.marks, self.hasher);
            self.notes.environments.push((job.object, called));
        }
        if !job.asked.mentions {
            return;
        }
        let (id, names) = (job.object, &mut self.notes.names);
        let mut callers = Callers::new(self.hasher, &job.kind, |call| names.push((call, id)));
        // What goes is still called by what it was.
        let gone = values.old.as_ref().filter(|_| job.goes);
        for object in values.new.iter().chain(gone) {
            callers.object(object);
        }
        self.notes.own.add(id, callers);
        if let Some(object) = &values.new {
            self.texts(job, object, values.marks);
        }
    }

    /// Whom the values call, unless a mark says that they are sensitive.
    fn texts(&mut self, job: &Job, object: &Attributes<'_>, marks: &[u8]) {
        let (texts, paths, known, last) = (
            &mut self.notes.texts,
            &mut self.notes.paths,
            &mut self.paths,
            &mut self.last,
        );
        let mut left = MOST_TEXTS;
        let mut walk = Walk {
            hasher: self.hasher,
            nouns: self.nouns,
            seen: &mut self.notes.seen,
            deep: job.deep,
            visit: &mut |found| {
                if left > 0 {
                    left -= 1;
                    let same = last.filter(|last| *paths[*last as usize] == *found.path);
                    let path = same.unwrap_or_else(|| numbered(found.path, known, paths));
                    *last = Some(path);
                    texts.push(Text {
                        object: job.object,
                        nth: found.nth,
                        path,
                        call: found.call,
                        how: found.how,
                        place: found.place,
                    });
                }
            },
        };
        let marked = has_true_leaf(marks);
        let mut path = String::new();
        for (key, value) in &object.each {
            // Of what is left alone only ids are looked for: what names it otherwise stands in the configuration.
            let wanted = value.len() >= SHORTEST && (job.deep || may_hold_id(value));
            if wanted
                && let Ok(key) = std::str::from_utf8(key)
                && !OWN.contains(&key)
                && !(marked && get(marks, key).is_some_and(has_true_leaf))
            {
                path.clear();
                path.push_str(key);
                walk.value(key, &mut path, value);
            }
        }
    }
}

fn numbered(path: &str, known: &mut HashMap<Box<str>, u32>, paths: &mut Vec<Box<str>>) -> u32 {
    if let Some(number) = known.get(path) {
        return *number;
    }
    let number = u32::try_from(paths.len()).expect("fewer paths than 2^32");
    paths.push(path.into());
    known.insert(path.into(), number);
    number
}
