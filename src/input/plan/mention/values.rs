//! Values that may call others, kept until it is known which of them somebody wrote.

use super::How;
use super::call::Call;
use super::known::Known;
use super::noun::Nouns;
use super::walk::{Walk, Written};
use crate::input::names::{Name, Names};
use crate::input::plan::configuration::Resource;
use crate::input::plan::{ObjectId, Plan};
use foldhash::fast::RandomState;

/// Values of one object that may call others.
pub(super) const MOST_TEXTS: usize = 200;

/// A text in the values of an object.
pub(super) struct Text {
    pub(super) object: ObjectId,
    pub(super) written: Written,
}

/// Who has an id in its values that no object here has, where, and the call.
pub(super) type Abroad = (ObjectId, Name, Call);

/// Attributes of objects, one behind the other.
#[derive(Default)]
pub(super) struct Values {
    each: Vec<Value>,
    /// Their keys and raw values.
    bytes: Vec<u8>,
}

struct Value {
    object: ObjectId,
    /// Whether all of its texts are read, JSON documents in them included.
    deep: bool,
    /// The lengths of both.
    key: u16,
    raw: u32,
}

impl Values {
    /// Room for so many, and for so many bytes of them.
    pub(super) fn with_room(values: usize, bytes: usize) -> Self {
        Self {
            each: Vec::with_capacity(values),
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Keeps an attribute of an object; those of one object come together.
    pub(super) fn keep(&mut self, (object, deep): (ObjectId, bool), name: &[u8], value: &[u8]) {
        let lengths = (name.len().try_into(), value.len().try_into());
        // No attribute has a name of that length.
        let (Ok(key), Ok(raw)) = lengths else {
            return;
        };
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        self.each.push(Value {
            object,
            deep,
            key,
            raw,
        });
    }

    fn iter(&self) -> impl Iterator<Item = (&Value, &[u8], &[u8])> {
        let mut rest = &*self.bytes;
        self.each.iter().map(move |value| {
            let (key, behind) = rest.split_at(usize::from(value.key));
            let (raw, behind) = behind.split_at(value.raw as usize);
            rest = behind;
            (value, key, raw)
        })
    }
}

/// Reads whom values call.
pub(super) struct Reader<'a> {
    plan: &'a Plan,
    hasher: &'a RandomState,
    known: &'a Known,
    nouns: Nouns,
    names: Names,
    seen: u32,
    /// Texts that call an object that is known.
    here: Vec<Text>,
    /// Ids of none: an object of another stack may have them.
    abroad: Vec<Abroad>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(plan: &'a Plan, hasher: &'a RandomState, known: &'a Known) -> Self {
        Self {
            plan,
            hasher,
            known,
            nouns: Nouns::default(),
            names: Names::default(),
            seen: 0,
            here: Vec::new(),
            abroad: Vec::new(),
        }
    }

    /// The texts that call an object that is known, and ids of none.
    pub(super) fn read(mut self, values: &Values) -> (Vec<Text>, Vec<Abroad>) {
        let plan = self.plan;
        let (mut of, mut resource, mut left) = (None, None, MOST_TEXTS);
        for (value, key, raw) in values.iter() {
            if of != Some(value.object) {
                of = Some(value.object);
                resource = plan.resource(plan.objects[value.object].block);
                left = MOST_TEXTS;
            }
            if resource.is_some_and(|resource| may_be_written(resource, key))
                && let Ok(key) = std::str::from_utf8(key)
            {
                let is_document = matches!(raw.get(..2), Some(br#""{"# | br#""["#));
                let is_whole = |own| is_document && is_written_out(own, key);
                let deep = value.deep || resource.is_some_and(is_whole);
                self.value((value.object, deep), key, raw, &mut left);
            }
        }
        (self.here, self.abroad)
    }

    fn value(&mut self, (object, deep): (ObjectId, bool), key: &str, raw: &[u8], left: &mut usize) {
        let (known, names) = (self.known, &mut self.names);
        let mut walk = Walk {
            hasher: self.hasher,
            nouns: &mut self.nouns,
            seen: &mut self.seen,
            deep,
            visit: &mut |found| {
                if *left == 0 {
                    return;
                }
                *left -= 1;
                if known.has(found.call) {
                    let written = found.keep(names);
                    self.here.push(Text { object, written });
                } else if found.how == How::Id {
                    let path = names.intern(found.path);
                    self.abroad.push((object, path, found.call));
                }
            },
        };
        walk.value(key, &mut key.to_owned(), raw);
    }
}

/// Whether somebody wrote an attribute, as far as the configuration tells: what providers compute repeats what is known
/// anyway.
fn may_be_written(resource: &Resource, key: &[u8]) -> bool {
    resource.arguments.is_none() || resource.has_argument(key)
}

/// Whether the value of an argument is put together from nothing but constants, as `jsonencode` does: the configuration
/// shows no more of it than that. Literal texts are read there.
fn is_written_out(resource: &Resource, argument: &str) -> bool {
    resource.has_argument(argument)
        && resource.references_of(argument).next().is_none()
        && resource.literals_of(argument).next().is_none()
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn values_come_back_as_they_were_kept_but_for_names_that_nobody_writes() {
        let long = "x".repeat(1 << 16);
        let kept = [
            (1, "a", "\"x\""),
            (1, &long, "1"),
            (2, "", "[]"),
            (2, "b", ""),
        ];
        let mut values = Values::default();
        for (object, name, value) in kept {
            values.keep((object, object == 2), name.as_bytes(), value.as_bytes());
        }
        let back: Vec<_> = values
            .iter()
            .map(|(value, name, raw)| (value.object, value.deep, name, raw))
            .collect();
        assert_eq!(
            back,
            [
                (1, false, &b"a"[..], &b"\"x\""[..]),
                (2, true, b"", b"[]"),
                (2, true, b"b", b""),
            ]
        );
    }
}
