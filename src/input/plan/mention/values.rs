//! Values that may call others, kept until it is known which of them somebody wrote.

use super::How;
use super::call::{Call, Place};
use super::known::Known;
use super::noun::Nouns;
use super::walk::Walk;
use crate::input::names::{Name, Names};
use crate::input::plan::configuration::Resource;
use crate::input::plan::{ObjectId, Plan};
use foldhash::fast::RandomState;

/// Values of one object that may call others.
pub(super) const MOST_TEXTS: usize = 200;

/// A text that calls something.
pub(super) struct Text {
    pub(super) object: ObjectId,
    /// Which text it is, of one object another for each: one may be an id and an ARN.
    pub(super) nth: u32,
    /// Where it stands.
    pub(super) path: Name,
    pub(super) call: Call,
    pub(super) how: How,
    pub(super) place: Place,
}

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
        }
    }

    /// The texts that call an object that is known, and all ids: an object of another stack may have them.
    pub(super) fn texts(&mut self, values: &Values) -> Vec<Text> {
        let (plan, mut found) = (self.plan, Vec::new());
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
                self.read(value, key, raw, &mut left, &mut found);
            }
        }
        found
    }

    fn read(
        &mut self,
        value: &Value,
        key: &str,
        raw: &[u8],
        left: &mut usize,
        texts: &mut Vec<Text>,
    ) {
        let (known, names) = (self.known, &mut self.names);
        let mut walk = Walk {
            hasher: self.hasher,
            nouns: &mut self.nouns,
            seen: &mut self.seen,
            deep: value.deep,
            visit: &mut |found| {
                if *left > 0 {
                    *left -= 1;
                    if found.how == How::Id || known.has(found.call) {
                        texts.push(Text {
                            object: value.object,
                            nth: found.nth,
                            path: names.intern(found.path),
                            call: found.call,
                            how: found.how,
                            place: found.place,
                        });
                    }
                }
            },
        };
        walk.value(key, &mut key.to_owned(), raw);
    }
}

/// Whether somebody wrote an attribute, as far as the configuration tells: what providers compute repeats what is known
/// anyway.
fn may_be_written(resource: &Resource, key: &[u8]) -> bool {
    let arguments = resource.arguments.as_ref();
    arguments.is_none_or(|all| {
        let found = all.binary_search_by(|name| name.as_bytes().cmp(key));
        found.is_ok()
    })
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
