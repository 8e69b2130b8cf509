//! What `each.value` means: where a `for_each` goes over the instances of a block or a module, the instance of the same key.

use super::{Name, Reference, Repetition};
use crate::input::json::parts::{Malformed, fields};
use crate::input::names::Names;
use crate::input::plan::references::Target;
use std::collections::BTreeMap;

/// What an argument of a call takes of the element that `for_each` is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// `each.key` alone: as long as an instance has its address, that is the same.
    Key,
    /// `each.value`.
    Value,
}

/// The arguments of a call that refer to `each`: no reference to anything is kept of that.
pub(super) fn inputs(
    expressions: &[u8],
    names: &mut Names,
) -> Result<BTreeMap<Name, Each>, Malformed> {
    let mut found = BTreeMap::new();
    for field in fields(expressions) {
        let (name, value) = field?;
        let has = |entry: &[u8]| memchr::memmem::find(value, entry).is_some();
        if has(b"\"each.value") {
            found.insert(names.intern(&name), Each::Value);
        } else if has(b"\"each.") {
            found.insert(names.intern(&name), Each::Key);
        }
    }
    Ok(found)
}

/// The attribute in an entry of a list of references: `id` in `each.value.id`.
pub(super) fn attribute(entry: &str) -> Option<&str> {
    let rest = entry.strip_prefix("each.value.")?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// The references of arguments that are made of attributes of `each.value`; none, where `for_each` goes over something else
/// than one block or module, or over attributes of it.
pub(super) fn references(
    repetition: &Repetition,
    arguments: Vec<(Name, Name)>,
) -> Vec<(Name, Reference)> {
    let Repetition::ForEach(over) = repetition else {
        return Vec::new();
    };
    let [over] = over.as_slice() else {
        return Vec::new();
    };
    if over.attribute.is_some() {
        return Vec::new();
    }
    let reference = |attribute| {
        let reference = |target, attribute| Reference {
            target,
            attribute,
            same_key: true,
            ..over.clone()
        };
        match &over.target {
            target @ Target::Resource { key: None, .. } => {
                Some(reference(target.clone(), Some(attribute)))
            }
            Target::Module { call, key: None } => {
                let output = Target::Output {
                    call: Name::clone(call),
                    key: None,
                    output: attribute,
                };
                Some(reference(output, None))
            }
            _ => None,
        }
    };
    let arguments = arguments.into_iter();
    arguments
        .filter_map(|(argument, attribute)| Some((argument, reference(attribute)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Reference, Repetition, attribute, references};
    use crate::input::names::Names;
    use crate::input::plan::references::single;

    #[test]
    fn an_attribute_ends_where_another_step_begins() {
        assert_eq!(attribute("each.value.id"), Some("id"));
        assert_eq!(attribute("each.value.rule[0].cidr"), Some("rule"));
        assert_eq!(attribute("each.value"), None);
        assert_eq!(attribute("each.key"), None);
    }

    #[test]
    fn only_over_the_instances_of_one_block_it_is_one_of_them() {
        let mut names = Names::default();
        let mut found = |over: &[&str]| {
            let over = over.iter().filter_map(|text| single(text, &mut names));
            let repetition = Repetition::ForEach(over.collect());
            let argument = (names.intern("subnet_id"), names.intern("id"));
            references(&repetition, vec![argument]).pop()
        };
        let (argument, subnet) = found(&["aws_subnet.a"]).expect("a reference");
        assert_eq!(&*argument, "subnet_id");
        assert_eq!(subnet.attribute.as_deref(), Some("id"));
        assert!(subnet.same_key);
        let (_, output) = found(&["module.net"]).expect("a reference");
        assert_eq!(
            output,
            Reference {
                same_key: true,
                ..single("module.net.id", &mut Names::default()).expect("one")
            }
        );
        assert!(found(&["aws_subnet.a", "aws_subnet.b"]).is_none());
        assert!(found(&["aws_subnet.a.tags"]).is_none());
        assert!(found(&["local.subnets"]).is_none());
    }
}
