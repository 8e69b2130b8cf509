//! What tells an object from another one that takes its address later: a hash of its id, where nobody could guess
//! the id from the hash.

use super::secrets::Mask;
use super::values::{RawChange, has_true_leaf};
use super::{ObjectId, Plan};
use crate::input::json::parts::{get, text_or_none};
use sha2::{Digest as _, Sha256};

/// The first half of a SHA-256: enough to tell objects apart.
pub type IdHash = [u8; 16];

/// Says what is hashed, so that no other program's hash of the same id is equal.
const PURPOSE: &str = "tfguard object id 1";
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

/// The id of the object before the change, when a hash of it gives nothing away.
pub(super) fn id_of(change: &RawChange<'_>) -> Option<Box<str>> {
    if !change.action.changes() {
        return None;
    }
    let marks = [change.before_sensitive, change.after_sensitive];
    let marked = |marks: &[u8]| marks == b"true" || get(marks, "id").is_some_and(has_true_leaf);
    if marks.into_iter().flatten().any(marked) {
        return None;
    }
    let id = text_or_none(get(change.before?, "id")?)?;
    is_unguessable(&id).then(|| id.into())
}

/// Hashes of ids, but for those that are secrets elsewhere in the plan.
pub(super) fn hashes(
    ids: Vec<(ObjectId, Box<str>)>,
    plan: &Plan,
    mask: &Mask<'_>,
) -> Vec<(ObjectId, IdHash)> {
    let open = ids.into_iter().filter(|(_, id)| mask.text(id).is_none());
    let mut found: Vec<_> = open
        .map(|(object, id)| (object, hash(plan, object, &id)))
        .collect();
    found.sort_unstable();
    found
}

fn hash(plan: &Plan, object: ObjectId, id: &str) -> IdHash {
    let block = plan.block(object);
    let provider = block.provider.as_deref().unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [PURPOSE, source_of(provider), &block.kind, id] {
        hasher.update(part);
        hasher.update([0]);
    }
    let mut half = IdHash::default();
    half.copy_from_slice(&hasher.finalize()[..16]);
    half
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
