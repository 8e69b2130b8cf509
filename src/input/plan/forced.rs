//! What forces a replacement: the `replace_paths` of a change, and how the values there change.

use super::kept::{identity_print, identity_prints};
use super::partly::known_part_differs;
use super::values::{RawChange, has_true_leaf};
use super::{Forced, Rewording};
use crate::input::json::parts::{elements, get, text_or_none};
use crate::input::names::Names;
use std::hash::BuildHasher;
use std::num::NonZeroU64;

/// Of a longer list nobody asks where all of its texts come from.
const MOST_TEXTS: usize = 32;

impl RawChange<'_> {
    /// The attributes that force a replacement; `variables` are the raw ones of the plan.
    pub(super) fn forced(
        &self,
        variables: &[u8],
        hasher: &impl BuildHasher,
        names: &mut Names,
    ) -> Box<[Forced]> {
        let paths = elements(self.replace_paths.unwrap_or_default()).flatten();
        let forced = paths.filter_map(|path| {
            let steps: Vec<_> = elements(path).flatten().collect();
            let mut forced = self.forced_path(&steps, names)?;
            let values = [self.before, self.after].map(Option::unwrap_or_default);
            let values = values.map(|object| follow(object, &steps));
            let unknown = follow(self.after_unknown.unwrap_or_default(), &steps);
            if forced.unknown {
                forced.unknown = !known_part_differs(values[0], values[1], unknown);
            }
            let marks = self.marks();
            let is_secret = marks
                .iter()
                .any(|marks| has_true_leaf(follow(marks, &steps)));
            let mut was = identity_prints(values[0], hasher);
            was.truncate(MOST_TEXTS);
            forced.was = was.into();
            forced.will_be = identity_print(values[1], hasher).and_then(NonZeroU64::new);
            if !forced.unknown && !is_secret {
                forced.rewording =
                    Rewording::of(values, unknown, variables, hasher, names).map(Box::new);
            }
            Some(forced)
        });
        forced.collect()
    }

    fn forced_path(&self, steps: &[&[u8]], names: &mut Names) -> Option<Forced> {
        let attribute = text_or_none(steps.first()?)?;
        let unknown = has_true_leaf(follow(self.after_unknown.unwrap_or_default(), steps));
        let marks = self.marks();
        let is_secret = |steps: &[&[u8]]| marks.iter().any(|marks| follow(marks, steps) == b"true");
        let mut shown = String::new();
        for (nth, step) in steps.iter().enumerate() {
            // The keys of a marked map are secrets as well.
            if nth > 0 && is_secret(&steps[..nth]) {
                break;
            }
            show_step(step, &mut shown);
        }
        Some(Forced {
            path: names.intern(&shown),
            attribute: names.intern(&attribute),
            unknown,
            was: Box::default(),
            will_be: None,
            rewording: None,
        })
    }
}

/// Follows a path as far as it goes: a `true` on the way covers all below it.
fn follow<'a>(mut value: &'a [u8], steps: &[&[u8]]) -> &'a [u8] {
    for step in steps {
        let next = match value.first() {
            Some(b'{') => text_or_none(step).and_then(|key| get(value, &key)),
            Some(b'[') => index(step).and_then(|nth| elements(value).flatten().nth(nth)),
            _ => return value,
        };
        value = next.unwrap_or_default();
    }
    value
}

fn index(step: &[u8]) -> Option<usize> {
    std::str::from_utf8(step).ok()?.parse().ok()
}

fn show_step(step: &[u8], shown: &mut String) {
    match text_or_none(step) {
        Some(name)
            if name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') =>
        {
            if !shown.is_empty() {
                shown.push('.');
            }
            shown.push_str(&name);
        }
        Some(key) => shown.extend(["[\"", &key, "\"]"]),
        None => shown.extend(["[", &String::from_utf8_lossy(step), "]"]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Forced;
    use super::RawChange;
    use crate::input::json::parts::Parts;
    use crate::input::names::Names;

    fn forced(change: &[u8]) -> Box<[Forced]> {
        let change = RawChange::read(&mut Parts::object(change)).expect("well formed");
        let hasher = foldhash::fast::FixedState::default();
        change.forced(b"{}", &hasher, &mut Names::default())
    }

    #[test]
    fn forcing_paths_are_written_as_a_reader_would() {
        let forced = forced(
            br#"{
                "after_unknown": {"rule":[{},{"cidr":true}],"name":false,"all":true},
                "replace_paths": [["rule",1,"cidr"],["name"],["tags","a b"],["all",0,"x"]]
            }"#,
        );
        let shown: Vec<_> = forced.iter().map(|f| (&*f.path, f.unknown)).collect();
        assert_eq!(
            shown,
            [
                ("rule[1].cidr", true),
                ("name", false),
                ("tags[\"a b\"]", false),
                ("all[0].x", true)
            ]
        );
    }

    #[test]
    fn a_forcing_path_ends_before_the_keys_of_a_marked_map() {
        let forced = forced(
            br#"{
                "before_sensitive": {"m":true,"list":[{"m":true}],"open":{}},
                "after_sensitive": false,
                "replace_paths": [["m","S3CR3T"],["list",0,"m","S3CR3T"],["open","key"]]
            }"#,
        );
        let shown: Vec<_> = forced.iter().map(|forced| &*forced.path).collect();
        assert_eq!(shown, ["m", "list[0].m", "open.key"]);
    }

    #[test]
    fn of_a_secret_nothing_tells_how_it_changed() {
        let forced = forced(
            br#"{
                "before": {"name":"a-x","login":"S3CR3T-1"},
                "after": {"name":"b-x","login":"S3CR3T-2"},
                "before_sensitive": {"login":true},
                "replace_paths": [["name"],["login"]]
            }"#,
        );
        let told: Vec<_> = forced.iter().map(|one| one.rewording.is_some()).collect();
        assert_eq!(told, [true, false]);
    }
}
