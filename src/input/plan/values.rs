//! What is taken from the values of a change while it streams by.

use super::attributes::Attributes;
use super::kept::{Keeper, Kept, Wanted};
use super::partly::known_part_differs;
use super::{Action, Home};
use crate::input::json::parts::{
    Malformed, Member, Parts, elements, get, members, text_or_none, texts,
};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Ordering;
use std::sync::LazyLock;

/// The raw parts of a `change`.
#[derive(Default)]
pub(super) struct RawChange<'a> {
    pub(super) action: Action,
    pub(super) importing: bool,
    pub(super) before: Option<&'a [u8]>,
    pub(super) after: Option<&'a [u8]>,
    pub(super) after_unknown: Option<&'a [u8]>,
    pub(super) before_sensitive: Option<&'a [u8]>,
    pub(super) after_sensitive: Option<&'a [u8]>,
    pub(super) replace_paths: Option<&'a [u8]>,
    old: OnceCell<Attributes<'a>>,
    new: OnceCell<Attributes<'a>>,
}

/// An attribute with its raw values before and after.
pub(super) type Pair<'p, 'a> = (&'p [u8], Option<&'a [u8]>, Option<&'a [u8]>);

impl<'a> RawChange<'a> {
    /// Reads the members of a `change`.
    pub(super) fn read(parts: &mut Parts<'a>) -> Result<Self, Malformed> {
        let mut change = Self {
            action: Action::Other,
            ..Self::default()
        };
        while let Some(key) = parts.key()? {
            // What does not change is written twice.
            let again = change.before.filter(|_| *key == *b"after");
            let value = parts.take_like(again.unwrap_or_default())?;
            match &*key {
                b"actions" => change.action = action(value),
                b"importing" => change.importing = value.first() == Some(&b'{'),
                b"before" => change.before = Some(value),
                b"after" => change.after = Some(value),
                b"after_unknown" => change.after_unknown = Some(value),
                b"before_sensitive" => change.before_sensitive = Some(value),
                b"after_sensitive" => change.after_sensitive = Some(value),
                b"replace_paths" => change.replace_paths = Some(value),
                _ => {}
            }
        }
        Ok(change)
    }

    /// The attributes before.
    pub(super) fn old_attributes(&self) -> &Attributes<'a> {
        self.old
            .get_or_init(|| Attributes::of(self.before.unwrap_or_default()))
    }

    /// The attributes afterwards, as far as they are known.
    pub(super) fn new_attributes(&self) -> &Attributes<'a> {
        self.new
            .get_or_init(|| Attributes::of(self.after.unwrap_or_default()))
    }

    /// The top-level attributes that an update gives other values that are known, and whether it gives any a value that is
    /// not. Terraform writes equal values as equal text, so the raw texts are compared.
    pub(super) fn changed(&self) -> (Vec<&[u8]>, bool) {
        let unknown = self.unknown();
        let changed = self.pairs().filter(|(name, before, after)| {
            let is_open = || unknown.iter().any(|one| **one == **name);
            before != after && (!is_open() || self.known_part_differs(name, *before, *after))
        });
        (
            changed.map(|(name, ..)| name).collect(),
            !unknown.is_empty(),
        )
    }

    fn known_part_differs(&self, name: &[u8], before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
        let name = std::str::from_utf8(name).unwrap_or_default();
        let unknown = get(self.after_unknown.unwrap_or_default(), name);
        let [before, after, unknown] = [before, after, unknown].map(Option::unwrap_or_default);
        known_part_differs(before, after, unknown)
    }

    /// Whether the value as a whole is known to stay what it is.
    pub(super) fn keeps_value(&self) -> bool {
        self.before == self.after && !has_true_leaf(self.after_unknown.unwrap_or_default())
    }

    /// The top-level attributes some of whose new value is unknown.
    pub(super) fn unknown(&self) -> Vec<Cow<'a, [u8]>> {
        let unknown = marked(self.after_unknown.unwrap_or_default());
        unknown.map(|(name, _)| name).collect()
    }

    /// What is sensitive, before and after.
    pub(super) fn marks(&self) -> [&'a [u8]; 2] {
        [self.before_sensitive, self.after_sensitive].map(Option::unwrap_or_default)
    }

    /// Whether something in an attribute is sensitive: what is marked on one side is told on neither.
    pub(super) fn is_marked(&self, attribute: &str) -> bool {
        let mut marks = self.marks().into_iter();
        marks.any(|marks| mark_some_of(marks, attribute))
    }

    /// The top-level attributes with their values before and after. Keys come in order from Terraform; of
    /// a file that was edited, attributes out of order pass for changed.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair<'_, 'a>> {
        let mut before = self.old_attributes().each.iter().peekable();
        let mut after = self.new_attributes().each.iter().peekable();
        std::iter::from_fn(move || {
            let order = match (before.peek(), after.peek()) {
                (Some((old, _)), Some((new, _))) => old.cmp(new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            let old = (order != Ordering::Greater)
                .then(|| before.next())
                .flatten();
            let new = (order != Ordering::Less).then(|| after.next()).flatten();
            let (name, _) = old.or(new)?;
            Some((&**name, old.map(|old| old.1), new.map(|new| new.1)))
        })
    }

    /// What is kept of the values.
    pub(super) fn keep(&self, keeper: &mut Keeper<'_>, wanted: Wanted) -> Kept {
        let (before, after) = (self.old_attributes(), self.new_attributes());
        let mut kept = Kept {
            protections: keeper.protections(before, after, self.after_unknown.unwrap_or_default()),
            ..Kept::default()
        };
        if wanted != Wanted::Protections {
            kept.before = keeper.leaves(before, wanted);
            kept.after = keeper.leaves(after, wanted);
        }
        if self.action != Action::Delete {
            kept.unknown = keeper.marked(self.after_unknown.unwrap_or_default());
        }
        if keeper.counted {
            // A text that is marked on one side is none of anybody's on the other.
            let marks = self.marks();
            kept.labels = Some(Box::new([
                keeper.labels(before, marks),
                keeper.labels(after, marks),
            ]));
        }
        if self.action == Action::Delete {
            kept.home = Home::of(&before.each, keeper.names).known();
        }
        if self.action.destroys() {
            kept.identities = keeper.identities(before);
        }
        kept
    }

    /// Whether there is an object afterwards.
    pub(super) fn stays(&self) -> bool {
        self.after.is_some_and(is_object)
    }

    /// Whether there was an object before.
    pub(super) fn was(&self) -> bool {
        self.before.is_some_and(is_object)
    }

    /// The value of a tag, after and before: in `tags`, `tags_all` or `labels`. What is marked on one side is not told
    /// on the other.
    pub(super) fn tags(&self, tag: &str) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
        let marks = self.marks();
        let of = |object: Option<&'a [u8]>| tag_of(object?, &marks, tag);
        (of(self.after), of(self.before))
    }
}

fn is_object(raw: &[u8]) -> bool {
    raw.first() == Some(&b'{')
}

/// An element that is no text must not make the rest look like an action that is known.
fn action(raw: &[u8]) -> Action {
    // As Terraform writes it of nearly all objects.
    match raw {
        br#"["no-op"]"# => return Action::NoOp,
        br#"["create"]"# => return Action::Create,
        br#"["update"]"# => return Action::Update,
        br#"["delete"]"# => return Action::Delete,
        _ => {}
    }
    let words: Vec<_> = texts(raw).collect();
    let words: Vec<_> = words.iter().map(|word| &**word).collect();
    if elements(raw).count() == words.len() {
        Action::parse(&words)
    } else {
        Action::Other
    }
}

/// The value of a tag of an object, unless it is sensitive.
pub(super) fn tag_of<'a>(object: &'a [u8], marks: &[&[u8]], tag: &str) -> Option<Cow<'a, str>> {
    ["tags", "tags_all", "labels"].iter().find_map(|attribute| {
        let mut marks = marks.iter();
        get(object, attribute)
            .filter(|_| !marks.any(|marks| mark_some_of(marks, attribute)))
            .and_then(|tags| get(tags, tag))
            .and_then(text_or_none)
    })
}

/// Whether a tree of marks has a `true` in it: containers of nothing but `false` and `{}` mark known values.
pub(super) fn has_true_leaf(marks: &[u8]) -> bool {
    match marks.first() {
        Some(b't') => true,
        Some(b'{') if may_have_true_leaf(marks) => marked(marks).next().is_some(),
        Some(b'[') if may_have_true_leaf(marks) => elements(marks).flatten().any(has_true_leaf),
        _ => false,
    }
}

/// The same for most trees, without going down into them: an attribute may have that name.
pub(super) fn may_have_true_leaf(marks: &[u8]) -> bool {
    static TRUE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("true"));
    marks != b"{}" && TRUE.find(marks).is_some()
}

/// The members of a tree of marks with a `true` in them.
pub(super) fn marked(marks: &[u8]) -> impl Iterator<Item = Member<'_>> {
    let members = members(marks).flatten();
    members.filter(|(_, marks)| has_true_leaf(marks))
}

/// Whether marks say `true` of something in an attribute, or of the whole object.
pub(super) fn mark_some_of(marks: &[u8], attribute: &str) -> bool {
    marks == b"true" || get(marks, attribute).is_some_and(has_true_leaf)
}

#[cfg(test)]
mod tests {
    use super::{RawChange, has_true_leaf, tag_of};

    #[test]
    fn attributes_that_differ_or_become_unknown_are_told_apart() {
        let change = RawChange {
            before: Some(br#"{"a":1,"b":[1],"c":"x","gone":1}"#),
            after: Some(br#"{"a":1,"b":[2],"new":null}"#),
            after_unknown: Some(br#"{"c":true,"tags":{},"list":[false,{}]}"#),
            ..RawChange::default()
        };
        let pairs = change.pairs().filter(|(_, before, after)| before != after);
        let differ: Vec<_> = pairs.map(|(name, ..)| name).collect();
        assert_eq!(differ, [&b"b"[..], b"c", b"gone", b"new"]);
        assert_eq!(change.unknown(), [&b"c"[..]]);
        assert_eq!(change.changed(), (vec![&b"b"[..], b"gone", b"new"], true));
    }

    #[test]
    fn an_update_of_nothing_but_unknown_values_only_follows() {
        let change = RawChange {
            before: Some(br#"{"a":1,"b":{"x":1,"y":2}}"#),
            after: Some(br#"{"a":1,"b":{"x":1}}"#),
            after_unknown: Some(br#"{"b":{"y":true}}"#),
            ..RawChange::default()
        };
        assert_eq!(change.changed(), (Vec::new(), true));
    }

    #[test]
    fn a_tag_is_found_in_any_of_the_usual_places_but_never_when_sensitive() {
        assert_eq!(
            tag_of(
                br#"{"tags":null,"tags_all":{"Owner":"x"}}"#,
                &[b"{}"],
                "Owner"
            )
            .as_deref(),
            Some("x")
        );
        assert_eq!(
            tag_of(br#"{"labels":{"owner":"x"}}"#, &[b"{}"], "owner").as_deref(),
            Some("x")
        );
        for marks in [&br#"{"tags":true}"#[..], b"true"] {
            let tags = br#"{"tags":{"Owner":"x"}}"#;
            assert_eq!(tag_of(tags, &[b"{}", marks], "Owner"), None);
            let change = RawChange {
                before: Some(tags),
                after: Some(tags),
                before_sensitive: Some(b"{}"),
                after_sensitive: Some(marks),
                ..RawChange::default()
            };
            assert_eq!(change.tags("Owner"), (None, None));
        }
    }

    #[test]
    fn containers_of_known_values_are_known() {
        assert!(!has_true_leaf(br#"[{}, false, {"a":[false]}]"#));
        assert!(has_true_leaf(br#"{"a":[{"b":true}]}"#));
    }
}
