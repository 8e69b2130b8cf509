//! What tells an object from another one that takes its address later: a hash of its id, where nobody could guess
//! the id from the hash; of others only one together with an id that nobody could guess.

use super::secrets::Mask;
use super::values::RawChange;
use super::{Action, ObjectId, Plan};
use crate::input::address::Mode;
use crate::input::json::parts::{get, members, text_or_none};
use crate::safe::safe;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;

/// The first half of a SHA-256: enough to tell objects apart.
type Half = [u8; 16];

/// What is known of an object to know it again. Nothing of it can be read back but names of attributes.
#[derive(Clone, PartialEq, Eq)]
pub struct IdHash {
    own: Own,
    changed: Box<[Box<str>]>,
}

#[derive(Clone, PartialEq, Eq)]
enum Own {
    /// The id is unguessable: a hash of it to be shown, and one to be mixed into those of others, never shown.
    Open { hash: Half, salt: [u8; 32] },
    /// Anybody could guess what it is called: a hash of that, never shown as it is.
    Hidden([u8; 32]),
    /// It is called nothing, or that is a secret.
    Nothing,
}

impl fmt::Debug for IdHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdHash(..)")
    }
}

impl IdHash {
    /// The hash of its id, when nobody can guess that.
    pub fn open(&self) -> Option<String> {
        match &self.own {
            Own::Open { hash, .. } => Some(hexadecimal(hash)),
            Own::Hidden(_) | Own::Nothing => None,
        }
    }

    /// A hash of what it is called, salted with the id of an anchor; nothing where its own id does better.
    pub fn beside(&self, anchor: &Self) -> Option<String> {
        let (Own::Hidden(called), Own::Open { salt, .. }) = (&self.own, &anchor.own) else {
            return None;
        };
        let hash = digest(&[BESIDE.as_bytes(), salt, called]);
        Some(hexadecimal(&half(hash)))
    }

    /// The attributes that an update changes, as far as they may be named.
    pub fn changed(&self) -> impl Iterator<Item = &str> {
        self.changed.iter().map(|path| &**path)
    }
}

/// Say what is hashed, so that no other hash of the same is equal.
const PURPOSE: &str = "tfguard object id 1";
const SALT: &str = "tfguard anchor 1";
const CALLED: &str = "tfguard object called 1";
const BESIDE: &str = "tfguard object beside anchor 1";
/// What an object is called, in this order: the id first. Behind what people name it by stands what is drawn anew or
/// tells the time when another one is made under the same name.
const NAMES: [&str; 10] = [
    "id",
    "arn",
    "self_link",
    "unique_id",
    "resource_id",
    "generated_id",
    "uid",
    "create_date",
    "creation_date",
    "creation_timestamp",
];
/// Stand between what is called, and before the attributes that change.
const BETWEEN: char = '\0';
const CHANGES: char = '\u{1}';
/// A longer key of a map is no name.
const LONGEST_KEY: usize = 40;
/// Of both registries' providers only namespace and name count: the same plan by Terraform and by `OpenTofu`.
const REGISTRIES: [&str; 2] = ["registry.terraform.io/", "registry.opentofu.org/"];
/// So many random hexadecimal digits cannot be guessed.
const RANDOM_DIGITS: usize = 16;
/// Lengths of digests, in hexadecimal digits: their input may be a word anybody can guess.
const DIGESTS: [usize; 6] = [32, 40, 56, 64, 96, 128];
/// Of sixteen random digits fewer than this are different once in ten thousand times; of made-up ones often.
const DIFFERENT_DIGITS: u32 = 6;
/// A longer word is no kind of object.
const LONGEST_PREFIX: usize = 24;

/// The source of a provider without the registry it comes from by default.
pub fn source_of(provider: &str) -> &str {
    let mut registries = REGISTRIES.iter();
    registries
        .find_map(|registry| provider.strip_prefix(registry))
        .unwrap_or(provider)
}

impl Plan {
    /// The objects with unguessable ids by which a state is known again: those that stay as they are before those that
    /// change, these before those that go; the lowest hashes of them, whatever their order.
    pub fn anchors(&self, most: usize) -> BTreeMap<String, &IdHash> {
        if most == 0 {
            return BTreeMap::new();
        }
        let open = self.id_hashes.iter().filter_map(|(id, known)| {
            let managed = self.block(*id).mode == Mode::Managed;
            let hash = known.open().filter(|_| managed)?;
            Some((rank(self.objects[*id].action()), hash, known))
        });
        let mut open: Vec<_> = open.collect();
        open.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        open.dedup_by(|a, b| a.1 == b.1);
        let chosen = open.into_iter().take(most);
        chosen.map(|(_, hash, known)| (hash, known)).collect()
    }

    /// Those of some anchors that this plan has.
    pub fn anchored(&self, wanted: &BTreeSet<&str>) -> BTreeMap<String, &IdHash> {
        if wanted.is_empty() {
            return BTreeMap::new();
        }
        let known = self.id_hashes.iter();
        let open = known.filter_map(|(_, known)| Some((known.open()?, known)));
        open.filter(|(hash, _)| wanted.contains(&**hash)).collect()
    }
}

fn rank(action: Action) -> u8 {
    match action {
        Action::NoOp => 0,
        action if action.destroys() || action.removes() => 2,
        _ => 1,
    }
}

/// What an object is called before the change, and the attributes that an update changes. Of what stays as it is only
/// an unguessable id is wanted.
pub(super) fn id_of(change: &RawChange<'_>) -> Option<Box<str>> {
    if !change.action.changes() {
        let id = name_of(change, NAMES[0])?;
        return is_unguessable(&id).then(|| id.into());
    }
    let names = NAMES.map(|name| name_of(change, name).unwrap_or_default());
    let mut text = names.join(&String::from(BETWEEN));
    text.push(CHANGES);
    if change.action == Action::Update {
        text.push_str(&changes(change).join(&String::from(BETWEEN)));
    }
    Some(text.into())
}

/// The value of an attribute of the object before the change, unless it is sensitive.
fn name_of(change: &RawChange<'_>, attribute: &str) -> Option<String> {
    if change.is_marked(attribute) {
        return None;
    }
    text_or_none(get(change.before?, attribute)?).map(Into::into)
}

/// Where an update changes something: attributes, and keys of maps as far as they are names.
fn changes(change: &RawChange<'_>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (name, before, after) in change.pairs().filter(|(_, before, after)| before != after) {
        let name = safe(&String::from_utf8_lossy(name));
        match (before, after) {
            (Some(before @ [b'{', ..]), Some(after @ [b'{', ..])) => {
                let inside = [(before, after), (after, before)].into_iter();
                let inside = inside.flat_map(|(one, other)| differing(one, other));
                found.extend(inside.map(|key| match key {
                    Some(key) => format!("{name}.{key}"),
                    None => name.clone(),
                }));
            }
            _ => drop(found.insert(name)),
        }
    }
    found.into_iter().collect()
}

/// The keys of a map whose values are others in another one; nothing in place of what is no name.
fn differing<'r>(one: &'r [u8], other: &'r [u8]) -> impl Iterator<Item = Option<String>> + 'r {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    members(one).flatten().filter_map(move |(key, value)| {
        let key = String::from_utf8_lossy(&key);
        let differs = get(other, &key) != Some(value);
        let named = !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(plain);
        differs.then(|| named.then(|| key.into_owned()))
    })
}

/// Hashes of what objects are called, but for what is a secret elsewhere in the plan.
pub(super) fn hashes(
    ids: Vec<(ObjectId, Box<str>)>,
    plan: &Plan,
    mask: &Mask<'_>,
) -> Vec<(ObjectId, IdHash)> {
    let known = |(object, text): (ObjectId, Box<str>)| {
        let (names, changes) = text.rsplit_once(CHANGES).unwrap_or((&*text, ""));
        let open = |text: &str| mask.text(text).is_none();
        let names = names.split(BETWEEN);
        let names: Vec<_> = names
            .map(|name| if open(name) { name } else { "" })
            .collect();
        let own = own(plan, object, &names);
        let paths = changes.split(BETWEEN).filter(|path| !path.is_empty());
        let paths: BTreeSet<_> = paths.map(|path| without_secret(path, mask)).collect();
        let changed = paths.into_iter().map(Into::into).collect();
        (object, IdHash { own, changed })
    };
    let mut found: Vec<_> = ids.into_iter().map(known).collect();
    found.sort_by_key(|(object, _)| *object);
    found
}

/// A path; of one whose key holds a secret the attribute alone.
fn without_secret<'p>(path: &'p str, mask: &Mask<'_>) -> &'p str {
    match path.split_once('.') {
        Some((attribute, key)) if mask.text(key).or(mask.text(path)).is_some() => attribute,
        _ => path,
    }
}

fn own(plan: &Plan, object: ObjectId, names: &[&str]) -> Own {
    let block = plan.block(object);
    let provider = source_of(block.provider.as_deref().unwrap_or_default());
    let hash = |purpose: &str, names: &[&str]| {
        let what = [purpose, provider, &block.kind];
        let parts: Vec<_> = what
            .iter()
            .chain(names)
            .map(|part| part.as_bytes())
            .collect();
        digest(&parts)
    };
    match names {
        [id, ..] if is_unguessable(id) => Own::Open {
            hash: half(hash(PURPOSE, &[id])),
            salt: hash(SALT, &[id]),
        },
        names if names.iter().any(|name| !name.is_empty()) => Own::Hidden(hash(CALLED, names)),
        _ => Own::Nothing,
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.finalize().into()
}

fn half(hash: [u8; 32]) -> Half {
    let mut half = Half::default();
    half.copy_from_slice(&hash[..16]);
    half
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether an id has the shape of something random: a UUID of version 4, or `vpc-0a1b…` as the clouds make them.
/// Names, ARNs, numbers, digests and what else may be made of guessable parts are not.
fn is_unguessable(id: &str) -> bool {
    let token = || {
        let (prefix, digits) = id.rsplit_once('-')?;
        let word = |b: u8| b.is_ascii_lowercase() || b == b'-';
        let named =
            !prefix.is_empty() && prefix.len() <= LONGEST_PREFIX && prefix.bytes().all(word);
        let long = digits.len() >= RANDOM_DIGITS && !DIGESTS.contains(&digits.len());
        (named && long).then_some(digits)
    };
    is_random_uuid(id) && is_random(&id.replace('-', "")) || token().is_some_and(is_random)
}

/// `xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx`. Other versions are made of times, addresses and names.
fn is_random_uuid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && id.as_bytes()[14] == b'4'
        && matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b')
}

/// Whether all are digits of lower case, as different from each other as chance makes them.
fn is_random(digits: &str) -> bool {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .filter(|_| !b.is_ascii_uppercase())
    };
    let Some(seen) = digits
        .bytes()
        .try_fold(0u16, |seen, b| Some(seen | 1 << digit(b)?))
    else {
        return false;
    };
    let (numbers, letters) = (seen & 0x3ff, seen >> 10);
    numbers != 0 && letters != 0 && seen.count_ones() >= DIFFERENT_DIGITS
}

#[cfg(test)]
mod tests {
    use super::{is_unguessable, source_of};

    #[test]
    fn ids_that_clouds_draw_at_random_are_known_by_their_shape() {
        for id in [
            "i-0abc123def4567890",
            "vpc-0a1b2c3d4e5f60718",
            "tgw-attach-0a1b2c3d4e5f60718",
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        ] {
            assert!(is_unguessable(id), "{id}");
        }
    }

    #[test]
    fn what_could_be_guessed_or_is_made_of_something_else_is_not_hashed() {
        for id in [
            "",
            "prod",
            "i-12345678",
            "123456789012",
            "my-bucket-2026",
            "arn:aws:iam::123456789012:role/i-0abc123def4567890",
            "1234567890123456789",
            "sg-1234567890123456",
            "key-00000000000000000",
            "key-deadbeefdeadbeef",
            "0abc123def4567890",
            "I-0ABC123DEF4567890",
            "local-5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "00000000-0000-4000-8000-000000000000",
            "/subscriptions/f47ac10b-58cc-4372-a567-0e02b2c3d479/resourceGroups/g",
        ] {
            assert!(!is_unguessable(id), "{id}");
        }
    }

    #[test]
    fn a_provider_is_the_same_from_both_registries() {
        assert_eq!(
            source_of("registry.terraform.io/hashicorp/aws"),
            "hashicorp/aws"
        );
        assert_eq!(
            source_of("registry.opentofu.org/hashicorp/aws"),
            "hashicorp/aws"
        );
        assert_eq!(source_of("example.com/acme/lab"), "example.com/acme/lab");
    }
}
