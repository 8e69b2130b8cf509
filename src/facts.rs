//! What a finding knows for machines: a small map, in the order of names.

use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use std::ops::Index;

/// Facts by name. A finding has a handful, a large plan ten thousand findings: a list takes a fifth of what a
/// tree of maps does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    known: Vec<(&'static str, Value)>,
}

impl Facts {
    /// The fact of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).ok().map(|at| &self.known[at].1)
    }

    /// Learns a fact; a name learned again forgets what it was.
    pub fn insert(&mut self, name: &'static str, value: Value) {
        match self.place(name) {
            Ok(at) => self.known[at].1 = value,
            Err(at) => {
                self.known.reserve_exact(1);
                self.known.insert(at, (name, value));
            }
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.known.binary_search_by(|(known, _)| (*known).cmp(name))
    }
}

impl Index<&str> for Facts {
    type Output = Value;

    /// The fact of a name; null when there is none.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.known.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::Facts;

    #[test]
    fn facts_are_found_by_name_and_told_in_order() {
        let mut facts = Facts::default();
        facts.insert("root", "a".into());
        facts.insert("data_loss", true.into());
        facts.insert("root", "b".into());
        assert_eq!(facts["root"], "b");
        assert!(facts["unheard"].is_null());
        let shown = serde_json::to_string(&facts).expect("JSON");
        assert_eq!(shown, r#"{"data_loss":true,"root":"b"}"#);
    }
}
