//! What a data source looks for, as far as its configuration says so literally.

use super::call::{Call, Caller};
use crate::input::json::parts::{elements, get, members, text_or_none};
use crate::input::names::{Name, Names};
use foldhash::fast::RandomState;

/// Filters of AWS and the attributes they compare.
const FILTERS: [(&str, &str); 4] = [
    ("group-id", "id"),
    ("group-name", "name"),
    ("subnet-id", "id"),
    ("vpc-id", "vpc_id"),
];

/// Paths in the object looked for, and the hash of what it has there.
pub(in crate::input::plan) fn criteria(
    kind: &str,
    expressions: &[u8],
    hasher: &RandomState,
    names: &mut Names,
) -> Vec<(Name, Call)> {
    let caller = Caller(hasher);
    let literal = literals(expressions).into_iter();
    literal
        .map(|(path, text)| (names.intern(&path), caller.field(kind, &path, &text)))
        .collect()
}

fn literals(expressions: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, value) in members(expressions).flatten() {
        let key = String::from_utf8_lossy(&key).into_owned();
        if let Some(constant) = get(value, "constant_value") {
            literal(key, constant, &mut found);
        } else if key == "filter" {
            found.extend(elements(value).flatten().filter_map(filter));
        }
    }
    found
}

fn literal(key: String, constant: &[u8], found: &mut Vec<(String, String)>) {
    if let Some(text) = text_or_none(constant) {
        found.push((key, text.into_owned()));
    } else if key == "tags" {
        for (name, value) in members(constant).flatten() {
            if let Some(text) = text_or_none(value) {
                found.push((
                    format!("tags.{}", String::from_utf8_lossy(&name)),
                    text.into_owned(),
                ));
            }
        }
    }
}

/// A `filter` block with one literal value.
fn filter(block: &[u8]) -> Option<(String, String)> {
    let name = text_or_none(get(get(block, "name")?, "constant_value")?)?;
    let mut values = elements(get(get(block, "values")?, "constant_value")?).flatten();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let path = if let Some(tag) = name.strip_prefix("tag:") {
        format!("tags.{tag}")
    } else {
        let known = FILTERS.iter().find(|(filter, _)| *filter == name);
        known.map_or_else(|| name.replace('-', "_"), |(_, path)| (*path).to_owned())
    };
    let text = text_or_none(value)?.into_owned();
    (!text.contains('*')).then_some((path, text))
}

#[cfg(test)]
mod tests {
    use super::literals;

    #[test]
    fn literal_arguments_tags_and_filters_are_looked_for() {
        let found = literals(
            br#"{"name":{"constant_value":"core"},"most_recent":{"constant_value":true},"vpc_id":{"references":["var.v"]},
                "tags":{"constant_value":{"Name":"core","n":1}},
                "filter":[{"name":{"constant_value":"tag:Tier"},"values":{"constant_value":["db"]}},
                          {"name":{"constant_value":"state"},"values":{"constant_value":["a","b"]}},
                          {"name":{"constant_value":"group-name"},"values":{"constant_value":["web*"]}},
                          {"name":{"constant_value":"vpc-id"},"values":{"constant_value":["vpc-1"]}}]}"#,
        );
        let shown: Vec<_> = found
            .iter()
            .map(|(path, text)| format!("{path}={text}"))
            .collect();
        assert_eq!(
            shown,
            [
                "name=core",
                "tags.Name=core",
                "tags.Tier=db",
                "vpc_id=vpc-1"
            ]
        );
    }
}
