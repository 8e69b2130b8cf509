//! Interned text, made safe where it enters: here text of a plan becomes text of tfguard.

use crate::safe::safe;
use foldhash::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// A name, key or other short text of the input.
pub type Name = Arc<str>;

/// Hands out one shared copy of each text.
#[derive(Debug, Default)]
pub struct Names {
    known: HashSet<Name>,
}

impl Names {
    /// The shared, safe copy of `text`.
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.known.get(text) {
            return Name::clone(name);
        }
        let safe: Name = safe(text).into();
        if let Some(name) = self.known.get(&safe) {
            return Name::clone(name);
        }
        self.known.insert(Name::clone(&safe));
        safe
    }
}

/// Hands out one shared copy of each list.
#[derive(Debug)]
pub struct Lists<T> {
    known: HashSet<Arc<[T]>>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            known: HashSet::default(),
        }
    }
}

impl<T: Eq + Hash> Lists<T> {
    /// The shared copy of a list.
    pub fn share(&mut self, list: Vec<T>) -> Arc<[T]> {
        if let Some(known) = self.known.get(list.as_slice()) {
            return Arc::clone(known);
        }
        let list: Arc<[T]> = list.into();
        self.known.insert(Arc::clone(&list));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn equal_texts_share_one_copy() {
        let mut names = Names::default();
        let (a, b) = (names.intern("x"), names.intern("x"));
        assert!(std::sync::Arc::ptr_eq(&a, &b));
    }
}
