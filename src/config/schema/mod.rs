//! The JSON Schema of `tfguard.toml`, made from its types and the table of rules. It exists in tests alone: they keep
//! `schema/tfguard.json`, and `TFGUARD_UPDATE=1` rewrites it.

use super::file::{File, StackEntries, StackEntry};
use super::waivers::NOT_WAIVABLE;
use crate::rules::{Meta, RULES};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The patterns of texts.
const AGE: &str = "^[0-9]*[1-9][0-9]*[mhdw]$";
const TEXT: &str = "\\S";

const ID: &str = "https://github.com/tfguard/tfguard/blob/main/schema/tfguard.json";

/// A type of which the schema is all there is.
macro_rules! described {
    ($(#[doc = $doc:literal] $name:ident: $schema:expr;)*) => {$(
        #[doc = $doc]
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                Schema::try_from($schema).expect("a schema")
            }
        }
    )*};
}

described! {
    /// `fail_on`.
    Threshold: json!({"enum": ["error", "warning", "note", "never"]});
    /// `max_age`.
    Age: json!({"type": "string", "pattern": AGE});
    /// `reason`.
    Text: json!({"type": "string", "pattern": TEXT});
    /// `expires`. What reads TOML for a validator makes a text of a day.
    Day: json!({"type": "string", "format": "date"});
    /// A rule that can be waived.
    WaivableRule: json!({"enum": ids().filter(|id| !NOT_WAIVABLE.contains(id)).collect::<Vec<_>>()});
}

fn ids() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.meta().id)
}

impl JsonSchema for StackEntries {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "StackEntries".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<StackEntry>();
        json_schema!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

/// `[rules.<id>]`: every rule with its severity and options.
pub(super) fn rules(generator: &mut SchemaGenerator) -> Schema {
    let tables: Map<_, _> = RULES
        .iter()
        .map(|rule| (rule.meta().id.to_owned(), table(rule.meta())))
        .collect();
    let all = json!({"type": "object", "additionalProperties": false, "properties": tables});
    generator.definitions_mut().insert("Rules".to_owned(), all);
    Schema::new_ref("#/$defs/Rules".to_owned())
}

fn table(meta: &Meta) -> Value {
    let mut keys = Map::new();
    let usual = meta.severity.word();
    let severity = json!({"enum": ["error", "warning", "note", "off"],
        "description": format!("Usually {usual}; what is set here is for all that the rule finds.")});
    keys.insert("severity".to_owned(), severity);
    for option in meta.options {
        let what = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX, "default": option.default,
            "description": format!("{} Default: {}.", sentence(option.help), option.default)});
        keys.insert(option.name.to_owned(), what);
    }
    json!({"type": "object", "additionalProperties": false, "description": meta.summary, "properties": keys})
}

fn sentence(help: &str) -> String {
    let mut letters = help.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// TOML has no null, and what is left out says by itself what it is.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|one| one != &json!({"type": "null"}));
        if let [one] = any.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            let fields = one.as_object().into_iter().flatten();
            for (key, value) in fields {
                schema.insert(key.clone(), value.clone());
            }
        }
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if schema
        .get("default")
        .is_some_and(|value| [json!([]), json!({})].contains(value))
    {
        schema.remove("default");
    }
}

fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<File>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.insert("$id".to_owned(), ID.into());
    schema.insert("title".to_owned(), "tfguard.toml".into());
    schema.into()
}

mod tests;
