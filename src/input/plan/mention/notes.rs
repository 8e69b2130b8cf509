//! What the values of objects say, taken down batch by batch: nothing but the values is needed for it, so that other
//! threads can do it while the reader reads on.

use super::book::{OWN, Text};
use super::call::{Call, Called as Callers};
use super::noun::Nouns;
use super::text::may_hold_id;
use super::walk::Walk;
use crate::input::json::parts::{Member, get, members};
use crate::input::names::Name;
use crate::input::plan::ObjectId;
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
    /// Whether there is an object afterwards.
    stays: bool,
    /// The object, the new one where there is one.
    values: Range<usize>,
    /// Which of these are sensitive.
    marks: Range<usize>,
    /// The old one where it goes.
    gone: Option<Range<usize>>,
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
    pub(super) selves: Vec<(Call, ObjectId, bool)>,
    pub(super) ids: Vec<(Call, ObjectId)>,
    /// The accounts that the objects live in.
    pub(super) accounts: Vec<u64>,
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
        let gone = goes.then(|| self.keep(change.before));
        let stays = change.stays();
        let values = match (stays, &gone) {
            (true, _) => self.keep(change.after),
            (false, Some(gone)) => gone.clone(),
            (false, None) => self.keep(change.before),
        };
        let marks = if stays {
            change.after_sensitive
        } else {
            change.before_sensitive
        };
        let marks = self.keep(marks);
        self.jobs.push(Job {
            object,
            kind: Name::clone(kind),
            asked,
            deep: change.action.changes(),
            stays,
            values,
            marks,
            gone,
        });
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
            };
            let (mut attributes, mut before) = (Vec::new(), Vec::new());
            for job in &self.jobs {
                let raw = |range: &Range<usize>| &self.bytes[range.clone()];
                attributes.clear();
                attributes.extend(members(raw(&job.values)).flatten());
                let gone = job.gone.as_ref().map(raw);
                let old = match gone {
                    // Of what has no object afterwards the values are those of the old one.
                    Some(_) if !job.stays => attributes.as_slice(),
                    Some(gone) => {
                        before.clear();
                        before.extend(members(gone).flatten());
                        before.as_slice()
                    }
                    None => &[],
                };
                let values = Values {
                    raw: raw(&job.values),
                    attributes: &attributes,
                    marks: raw(&job.marks),
                    gone: gone.map(|raw| (raw, old)),
                };
                desk.take_down(job, &values);
            }
            desk.notes
        })
    }
}

/// The values of an object.
struct Values<'a> {
    raw: &'a [u8],
    attributes: &'a [Member<'a>],
    marks: &'a [u8],
    gone: Option<(&'a [u8], &'a [Member<'a>])>,
}

/// Where notes are made.
struct Desk<'a> {
    hasher: &'a RandomState,
    nouns: &'a mut Nouns,
    notes: Notes,
    paths: HashMap<Box<str>, u32>,
}

impl Desk<'_> {
    fn take_down(&mut self, job: &Job, values: &Values<'_>) {
        if job.asked.environment {
            let called = called(values.attributes, values.marks, self.hasher);
            self.notes.environments.push((job.object, called));
        }
        if !job.asked.mentions {
            return;
        }
        let (id, names) = (job.object, &mut self.notes.names);
        let mut callers = Callers::new(self.hasher, &job.kind, |call| names.push((call, id)));
        if job.stays {
            for (key, value) in values.attributes {
                callers.attribute(key, value);
            }
            callers.end(values.raw);
        }
        // What goes is still called by what it was.
        if let Some((raw, old)) = values.gone {
            for (key, value) in old {
                callers.attribute(key, value);
            }
            callers.end(raw);
        }
        let account = Some(callers.account).filter(|account| *account > 0);
        let (selves, ids) = callers.selves();
        let selves = selves.into_iter().map(|(call, sure)| (call, id, sure));
        self.notes.selves.extend(selves);
        self.notes
            .ids
            .extend(ids.into_iter().map(|call| (call, id)));
        self.notes.accounts.extend(account);
        if job.stays {
            self.texts(job, values);
        }
    }

    /// Whom the values call, unless a mark says that they are sensitive.
    fn texts(&mut self, job: &Job, values: &Values<'_>) {
        let (texts, paths, known) = (
            &mut self.notes.texts,
            &mut self.notes.paths,
            &mut self.paths,
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
                    texts.push(Text {
                        object: job.object,
                        nth: found.nth,
                        path: numbered(found.path, known, paths),
                        call: found.call,
                        how: found.how,
                        place: found.place,
                    });
                }
            },
        };
        let marked = has_true_leaf(values.marks);
        let mut path = String::new();
        for (key, value) in values.attributes {
            // Of what is left alone only ids are looked for: what names it otherwise stands in the configuration.
            let wanted = value.len() >= SHORTEST && (job.deep || may_hold_id(value));
            if let (true, Ok(key)) = (wanted, std::str::from_utf8(key))
                && !OWN.contains(&key)
                && !(marked && get(values.marks, key).is_some_and(has_true_leaf))
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
