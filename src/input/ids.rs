//! Finds ids by keys that live elsewhere.

use hashbrown::HashTable;

/// A table of ids. The half of the hash that is kept beside an id spares a look at its key, which is far away, when the
/// table grows and when another key falls into the same place.
#[derive(Debug, Default)]
pub(crate) struct Ids(HashTable<(u32, u32)>);

impl Ids {
    /// A table with room for so many.
    pub(crate) fn with_capacity(ids: usize) -> Self {
        Self(HashTable::with_capacity(ids))
    }

    /// The id of a key with this hash.
    pub(crate) fn find(&self, hash: u64, same: impl Fn(usize) -> bool) -> Option<usize> {
        let half = half(hash);
        let is = |(other, id): &(u32, u32)| *other == half && same(*id as usize);
        self.0.find(whole(half), is).map(|(_, id)| *id as usize)
    }

    /// Takes up an id whose key was not there.
    pub(crate) fn insert(&mut self, hash: u64, id: usize) {
        let id = u32::try_from(id).expect("fewer than four billion of them");
        let half = half(hash);
        self.0
            .insert_unique(whole(half), (half, id), |(half, _)| whole(*half));
    }
}

fn half(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The table looks at both ends of a hash.
fn whole(half: u32) -> u64 {
    u64::from(half) << 32 | u64::from(half)
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn keys_of_one_hash_are_told_apart_and_found_after_growing() {
        let keys: Vec<String> = (0..1000).map(|n| format!("key {n}")).collect();
        let mut ids = Ids::default();
        let hash = |id: usize| (id as u64 / 3).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for id in 0..keys.len() {
            let same = |other: usize| keys[other] == keys[id];
            assert_eq!(ids.find(hash(id), same), None);
            ids.insert(hash(id), id);
        }
        for id in 0..keys.len() {
            assert_eq!(ids.find(hash(id), |other| other == id), Some(id));
        }
        assert_eq!(ids.find(hash(7), |_| false), None);
    }
}
