//! The schema is written down, and takes what the program takes.

use super::{AGE, TEXT, schema};
use crate::config::parse_age;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_schema_of_the_configuration_is_that_of_its_types() {
    let path = root().join("schema/tfguard.json");
    let want = format!("{:#}\n", schema());
    if std::env::var_os("TFGUARD_UPDATE").is_some() {
        fs::write(&path, &want).expect("written");
    }
    let have = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        have == want,
        "schema/tfguard.json is out of date: run the tests with TFGUARD_UPDATE=1"
    );
}

/// What a validator makes of TOML: a day becomes a text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(all) => all.iter().map(as_json).collect(),
        toml::Value::Table(table) => {
            let entries = table
                .iter()
                .map(|(key, value)| (key.clone(), as_json(value)));
            Value::Object(entries.collect())
        }
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(yes) => (*yes).into(),
    }
}

/// Whether a value is as a schema says: the keywords that this schema uses, and no others. Validators that know all
/// keywords bring forty crates.
fn fits(schema: &Value, value: &Value, whole: &Value) -> bool {
    let keywords = schema.as_object().expect("a schema");
    keywords.iter().all(|(keyword, want)| {
        let within = |schema: &Value, value: &Value| fits(schema, value, whole);
        let all = || want.as_array().expect("a list").iter();
        match keyword.as_str() {
            "$ref" => {
                let path = want.as_str().expect("a reference");
                let path = path.strip_prefix('#').expect("within the schema");
                within(whole.pointer(path).expect("a definition"), value)
            }
            "type" => is(value, want.as_str().expect("one type")),
            "enum" => all().any(|one| one == value),
            "anyOf" => all().any(|one| within(one, value)),
            "items" => value
                .as_array()
                .is_none_or(|list| list.iter().all(|one| within(want, one))),
            "required" => all().all(|key| value.get(key.as_str().expect("a key")).is_some()),
            "properties" => {
                let known = want.as_object().expect("keys").iter();
                known
                    .filter_map(|(key, of)| Some((of, value.get(key)?)))
                    .all(|(of, one)| within(of, one))
            }
            "additionalProperties" => {
                assert_eq!(want, &json!(false));
                let known = |key: &String| schema["properties"].get(key).is_some();
                value
                    .as_object()
                    .is_none_or(|table| table.keys().all(known))
            }
            "pattern" => has_pattern(value.as_str().unwrap_or_default(), want),
            "minimum" => value.as_i64() >= want.as_i64(),
            "maximum" => value.as_i64() <= want.as_i64(),
            "format" | "description" | "default" | "title" | "$schema" | "$id" | "$defs" => true,
            other => panic!("{other} is not a keyword this knows"),
        }
    })
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        other => panic!("{other} is not a type this knows"),
    }
}

fn has_pattern(text: &str, pattern: &Value) -> bool {
    match pattern.as_str() {
        Some(AGE) => parse_age(text).is_ok(),
        Some(TEXT) => !text.trim().is_empty(),
        other => panic!("{other:?} is not a pattern this knows"),
    }
}

fn takes(text: &str) -> bool {
    let value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let schema = schema();
    fits(&schema, &as_json(&toml::Value::Table(value)), &schema)
}

fn configurations(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let inside = |path: PathBuf| {
        if path.is_dir() {
            configurations(&path)
        } else {
            vec![path]
        }
    };
    let files = paths.flat_map(inside);
    files
        .filter(|file| file.ends_with("tfguard.toml"))
        .collect()
}

#[test]
fn every_configuration_of_the_fixtures_fits_the_schema() {
    let all = configurations(&root().join("fixtures"));
    assert!(all.len() > 20);
    for file in all {
        let text = fs::read_to_string(&file).expect("text");
        assert!(takes(&text), "{}", file.display());
    }
}

#[test]
fn the_sample_of_the_guide_fits_the_schema() {
    let guide = fs::read_to_string(root().join("docs/configuration.md")).expect("text");
    let (_, rest) = guide.split_once("```toml\n").expect("the sample");
    let (sample, _) = rest.split_once("\n```\n").expect("its end");
    assert!(sample.contains("[[waiver]]") && takes(sample));
}

#[test]
fn what_the_program_refuses_the_schema_refuses_too() {
    let waiver = "[[waiver]]\nrule = \"planned-delete\"\naddress = \"**\"";
    let fine = format!("{waiver}\nreason = \"x\"\nexpires = 2027-01-31");
    assert!(takes(&fine) && takes("[[stack]]\nname = \"a\"\n[[stack]]\nplan = \"b/*\""));
    for wrong in [
        "fail-on = \"error\"",
        "fail_on = \"fatal\"",
        "max_age = \"2\"",
        "source_waivers = \"no\"",
        "[stack]\nnames = \"a\"",
        "[ownership]\ntags = \"Owner\"",
        "[[owner]]\ntypes = [\"aws_vpc\"]",
        "[[owner]]\nname = \"a\"\ntypes = \"aws_vpc\"",
        "[rules.planed-delete]\nseverity = \"note\"",
        "[rules.planned-delete]\nseverity = \"never\"",
        "[rules.fan-out-hot-spot]\ndirekt = 3",
        "[rules.fan-out-hot-spot]\ndirect = -3",
        "[rules.fan-out-hot-spot]\ndirect = 99999999999",
        "[[override]]\nstacks = [\"a\"]",
        "[[override]]\nstacks = [\"a\"]\n[override.rules.drift]\nlevel = \"note\"",
        waiver,
        &format!("{waiver}\nreason = \" \""),
        &fine.replace("planned-delete", "unused-waiver"),
    ] {
        assert!(!takes(wrong), "{wrong}");
    }
}
