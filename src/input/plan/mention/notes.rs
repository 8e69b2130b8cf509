//! What the values of objects say, taken down batch by batch: nothing but the values is needed for it, so that other
//! threads can do it while the reader reads on. Whom they call is read later, when it is known what somebody wrote.

use super::book::is_own;
use super::call::{By, Called as Callers, LONGEST, Own};
use super::known::Calls;
use super::text::{may_hold_id, may_hold_name};
use super::values::Values;
use crate::input::json::parts::Member;
use crate::input::names::Name;
use crate::input::plan::ObjectId;
use crate::input::plan::attributes::Attributes;
use crate::input::plan::called::{Called, called};
use crate::input::plan::kept::LONGEST_PATH;
use crate::input::plan::values::{RawChange, marked, may_have_true_leaf};
use foldhash::fast::RandomState;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// A batch of so many bytes is worth another thread. Room for it is made once, below the size from which an allocator
/// would ask the system for new pages each time.
const WORTH: usize = 3 << 14;
const ROOM: usize = 1 << 16;
/// Shorter values, quotes included, call nobody.
const SHORTEST: usize = 5;
/// So many bytes of one object are kept, a hundred times what most have: what is kept waits for the configuration.
const MOST_BYTES: usize = 1 << 16;

/// What is wanted of an object.
#[derive(Debug, Clone, Copy)]
pub(in crate::input::plan) struct Asked {
    /// What it is called, and whom it calls.
    pub(in crate::input::plan) mentions: bool,
    /// What it says of its environment.
    pub(in crate::input::plan) environment: bool,
}

static ARN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("arn:"));

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
    /// The batch, emptied, if it is to be filled anew: where memory was taken it is best given back.
    pub(super) spent: Option<Batch>,
    /// The values that may call others.
    pub(super) values: Values,
    /// What texts call the objects by.
    pub(super) names: Calls,
    /// What data sources look them up by.
    pub(super) fields: Calls,
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
        if self.bytes.capacity() == 0 {
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
    pub(super) fn read(mut self, hasher: &RandomState) -> Notes {
        let mut notes = self.begin();
        let (mut new, mut old) = (Attributes::default(), Attributes::default());
        for job in &self.jobs {
            let bytes = |range: &Range<usize>| &self.bytes[range.clone()];
            let new = job.new.as_ref().map(|range| new.fill(bytes(range)));
            let old = job.old.as_ref().map(|range| old.fill(bytes(range)));
            let marks = Some(bytes(&job.marks)).filter(|marks| may_have_true_leaf(marks));
            let marks = marks.unwrap_or_default();
            if job.asked.environment
                && let Some(object) = new.or(old)
            {
                let called = called(&object.each, marks, hasher);
                notes.environments.push((job.object, called));
            }
            if job.asked.mentions {
                // What goes is still called by what it was.
                let gone = old.filter(|_| job.goes);
                notes.names(job, new, gone, hasher);
                notes.keep(job, new, marks);
            }
        }
        if self.mentioning() > 0 && self.bytes.capacity() <= ROOM {
            self.jobs.clear();
            self.bytes.clear();
            notes.spent = Some(self);
        }
        notes
    }

    /// Of how many objects it is asked what they are called and whom they call.
    fn mentioning(&self) -> usize {
        self.jobs.iter().filter(|job| job.asked.mentions).count()
    }

    /// Notes with room for what most objects say.
    fn begin(&self) -> Notes {
        let mentioning = self.mentioning();
        Notes {
            values: Values::with_room(mentioning * 6, mentioning << 10),
            names: Calls::with_room(mentioning, mentioning * 6),
            fields: Calls::with_room(mentioning, mentioning * 16),
            environments: Vec::with_capacity(self.jobs.len()),
            ..Notes::default()
        }
    }
}

impl Notes {
    fn names(
        &mut self,
        job: &Job,
        new: Option<&Attributes<'_>>,
        gone: Option<&Attributes<'_>>,
        hasher: &RandomState,
    ) {
        let (names, fields) = (&mut self.names, &mut self.fields);
        let mut callers = Callers::new(hasher, &job.kind, |by, call| match by {
            By::Text => names.push(call),
            By::Lookup => fields.push(call),
        });
        if let Some(object) = new {
            callers.object(object);
        }
        callers.before();
        if let Some(object) = gone {
            callers.object(object);
        }
        self.own.add(job.object, callers);
        self.names.end(job.object);
        self.fields.end(job.object);
    }

    /// Keeps the values that may call others, unless a mark says that they are sensitive.
    fn keep(&mut self, job: &Job, object: Option<&Attributes<'_>>, marks: &[u8]) {
        if marks == b"true" {
            return;
        }
        let mut marked: Vec<_> = marked(marks).collect();
        marked.sort_unstable();
        let is_marked = |key: &[u8]| {
            let order = |(name, _): &Member<'_>| (**name).cmp(key);
            marked.binary_search_by(order).is_ok()
        };
        let mut left = MOST_BYTES;
        for (key, value) in object.iter().flat_map(|object| &object.each) {
            // Of what is left alone only what looks like an id or a name is kept: the rest would take its room in vain.
            let wanted = (SHORTEST..=left).contains(&value.len())
                && key.len() <= LONGEST_PATH
                && !is_prose(value, job.deep)
                && (job.deep || may_hold_id(value) || may_hold_name(key, value));
            if wanted && !is_own(key) && !is_marked(key) {
                left -= value.len();
                self.values.keep((job.object, job.deep), key, value);
            }
        }
    }
}

/// Whether a raw text is too long to call anybody, and no JSON document that is read: a script, a template. Of what is
/// left alone, documents may be written out.
fn is_prose(value: &[u8], deep: bool) -> bool {
    // A character is written in six at most: `\u00e9`.
    let long = value.first() == Some(&b'"') && value.len() > 6 * LONGEST + 2;
    let written_out = || matches!(value.get(1), Some(b'{' | b'[')) && ARN.find(value).is_some();
    long && !written_out() && !(deep && matches!(value.get(1), Some(b'{' | b'[' | b' ' | b'\\')))
}

#[cfg(test)]
mod tests {
    use super::is_prose;

    #[test]
    fn what_is_too_long_for_a_name_is_prose_unless_it_is_a_document() {
        let text = |begin: &str, length: usize| {
            let text = format!("\"{begin}{}\"", "x".repeat(length));
            [true, false].map(|deep| is_prose(text.as_bytes(), deep))
        };
        assert_eq!(text("arn:", 300), [false, false]);
        assert_eq!(text("apiVersion: ", 3000), [true, true]);
        assert_eq!(text("{arn:aws:", 3000), [false, false]);
        for document in ["{", "[", "\\n{", "  ["] {
            assert_eq!(text(document, 3000), [false, true], "{document}");
        }
        assert!(!is_prose(&[b'['; 3000], false));
    }
}
