//! Finds and reads `tfguard.toml`. What is wrong in it is shown with its line and the nearest right word.

use super::glob::{AddressGlob, WordGlob};
use super::{Config, Owner, Stack};
use crate::durations::Durations;
use crate::error::Error;
use crate::finding::Severity;
use crate::rules;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

const NAME: &str = "tfguard.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    durations: Option<PathBuf>,
    #[serde(default)]
    stack: Option<StackEntries>,
    #[serde(default)]
    ownership: Ownership,
    #[serde(default)]
    owner: Vec<OwnerEntry>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>,
}

/// `[stack]` or `[[stack]]`.
#[derive(Debug)]
struct StackEntries(Vec<StackEntry>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StackEntry {
    name: Option<String>,
    owner: Option<String>,
    environment: Option<String>,
    plan: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for StackEntries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = StackEntries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a [stack] table or [[stack]] tables")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<StackEntries, A::Error> {
                let entry =
                    StackEntry::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(StackEntries(vec![entry]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                seq: A,
            ) -> Result<StackEntries, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))
                    .map(StackEntries)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ownership {
    tag: Option<String>,
    #[serde(default)]
    codeowners: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerEntry {
    name: String,
    #[serde(default)]
    addresses: Vec<Spanned<String>>,
    #[serde(default)]
    types: Vec<Spanned<String>>,
    #[serde(default)]
    modules: Vec<Spanned<String>>,
    #[serde(default)]
    stacks: Vec<Spanned<String>>,
    #[serde(default)]
    environments: Vec<Spanned<String>>,
}

/// Reads the file that was named, or the one found upward from the working directory; without any, the
/// defaults. Then the durations: of the file that was named, or of the one the configuration names.
///
/// # Errors
/// A file cannot be read, is not TOML, or says something tfguard does not know.
pub fn load(named: Option<&Path>, durations: Option<&Path>) -> Result<Config, Error> {
    let mut config = configuration(named)?;
    let durations = durations.or(config.durations_file.as_deref());
    if let Some(durations) = durations.map(Durations::load) {
        config.durations = durations?;
    }
    Ok(config)
}

fn configuration(named: Option<&Path>) -> Result<Config, Error> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match find() {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Error::new(format!("cannot read {}: {error}", path.display()))
            .help("name a tfguard.toml with --config")
    })?;
    let mut config = parse(&path.display().to_string(), &text)?;
    // Of a bare name the parent is empty, which no system takes for the working directory.
    config.directory = path.parent().map(|dir| Path::new(".").join(dir));
    // A path in a file is meant from where the file is.
    if let (Some(file), Some(dir)) = (&mut config.durations_file, path.parent()) {
        *file = dir.join(&*file);
    }
    Ok(config)
}

fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|dir| dir.join(NAME))
        .find(|path| path.is_file())
}

fn parse(path: &str, text: &str) -> Result<Config, Error> {
    let file: File = toml::from_str(text).map_err(|error| not_understood(path, text, &error))?;
    let at = |span: Range<usize>, what: &str| {
        Error::new(format!("{path} says something tfguard does not know")).in_text(text, span, what)
    };
    let mut config = Config {
        owner_tag: file.ownership.tag,
        codeowners: file.ownership.codeowners,
        durations_file: file.durations,
        ..Config::default()
    };
    for entry in file.stack.map(|entries| entries.0).unwrap_or_default() {
        let compile = |glob: Spanned<String>| {
            AddressGlob::of_paths(glob.get_ref()).map_err(|error| at(glob.span(), &error))
        };
        let plan = entry.plan.map(compile).transpose()?;
        config.stacks.push(Stack {
            plan,
            named: entry.name.is_some(),
            name: entry.name.unwrap_or_default(),
            owner: entry.owner,
            environment: entry.environment,
        });
    }
    for entry in file.owner {
        config.owners.push(owner(entry, &at)?);
    }
    for (rule, settings) in file.rules {
        let Some(found) = rules::find(rule.get_ref()) else {
            return Err(unknown_rule(
                at(rule.span(), "no such rule"),
                rule.get_ref(),
            ));
        };
        for (key, value) in settings {
            set(&mut config, found.meta(), &key, &value, &at)?;
        }
    }
    Ok(config)
}

fn owner(entry: OwnerEntry, at: &impl Fn(Range<usize>, &str) -> Error) -> Result<Owner, Error> {
    let compile = |glob: &Spanned<String>| {
        AddressGlob::new(glob.get_ref()).map_err(|error| at(glob.span(), &error))
    };
    let words = |globs: &[Spanned<String>]| -> Result<Vec<_>, Error> {
        globs
            .iter()
            .map(|glob| WordGlob::new(glob.get_ref()).map_err(|error| at(glob.span(), &error)))
            .collect()
    };
    Ok(Owner {
        addresses: entry
            .addresses
            .iter()
            .map(compile)
            .collect::<Result<_, _>>()?,
        types: words(&entry.types)?,
        modules: words(&entry.modules)?,
        stacks: words(&entry.stacks)?,
        environments: words(&entry.environments)?,
        name: entry.name,
    })
}

fn unknown_rule(error: Error, id: &str) -> Error {
    match rules::nearest(id) {
        Some(near) => error.help(format!(
            "did you mean {near}? `tfguard rules` lists them all"
        )),
        None => error.help("`tfguard rules` lists them all"),
    }
}

fn set(
    config: &mut Config,
    meta: &rules::Meta,
    key: &Spanned<String>,
    value: &Spanned<toml::Value>,
    at: &impl Fn(Range<usize>, &str) -> Error,
) -> Result<(), Error> {
    if key.get_ref() == "severity" {
        let severity = match value.get_ref().as_str() {
            Some("error") => Some(Severity::Error),
            Some("warning") => Some(Severity::Warning),
            Some("note") => Some(Severity::Note),
            Some("off") => None,
            _ => {
                return Err(at(value.span(), "no such severity")
                    .help("use \"error\", \"warning\", \"note\" or \"off\""));
            }
        };
        config.severities.insert(meta.id.to_owned(), severity);
        return Ok(());
    }
    let known = || std::iter::once("severity").chain(meta.options.iter().map(|option| option.name));
    if !known().any(|name| name == key.get_ref()) {
        let near = rules::nearest_of(key.get_ref(), known()).unwrap_or("severity");
        return Err(at(key.span(), "no such option").help(format!(
            "did you mean {near}? {} has: {}",
            meta.id,
            known().collect::<Vec<_>>().join(", ")
        )));
    }
    let number = value
        .get_ref()
        .as_integer()
        .and_then(|n| u32::try_from(n).ok());
    let number = number
        .ok_or_else(|| at(value.span(), "not a number").help("use a whole number from 0 on"))?;
    config
        .options
        .entry(meta.id.to_owned())
        .or_default()
        .insert(key.get_ref().clone(), number);
    Ok(())
}

/// A mistake that TOML or its types found, with the nearest right key.
fn not_understood(path: &str, text: &str, error: &toml::de::Error) -> Error {
    let said = error.message();
    let shown = Error::new(format!("{path} cannot be understood: {said}"));
    let shown = match error.span() {
        Some(span) => shown.in_text(text, span, "here"),
        None => shown,
    };
    let mut quoted = said.split('`').skip(1).step_by(2);
    match (said.starts_with("unknown field"), quoted.next()) {
        (true, Some(typed)) => match rules::nearest_of(typed, quoted) {
            Some(near) => shown.help(format!("did you mean {near}?")),
            None => shown.help("README.md shows what a tfguard.toml can hold"),
        },
        _ => shown.help("README.md shows what a tfguard.toml can hold"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::finding::Severity;

    fn shown(text: &str) -> String {
        let error = parse("tfguard.toml", text).expect_err("refused");
        format!("{:?}", miette::Report::new(error))
    }

    #[test]
    fn one_stack_or_several_can_be_named() {
        let one = parse("t", "[stack]\nname = \"a\"\nowner = \"o\"").expect("valid");
        assert_eq!(one.stack("any/plan.json", "d".to_owned()).name, "a");
        let two = parse("t", "[[stack]]\nname = \"a\"\nplan = \"a/*.json\"\n[[stack]]\nname = \"b\"\nplan = \"./b/**\"").expect("valid");
        let name = |plan| two.stack(plan, "default".to_owned()).name;
        assert_eq!(name("./a/plan.json"), "a");
        assert_eq!(name("b/c/plan.json"), "b");
        assert_eq!(name("c/plan.json"), "default");
    }

    #[test]
    fn severities_and_options_are_read() {
        let config = parse("t", "[rules.fan-out-hot-spot]\nseverity = \"error\"\ndirect = 5\n[rules.partial-plan]\nseverity = \"off\"").expect("valid");
        assert_eq!(config.severity("fan-out-hot-spot"), Some(Severity::Error));
        assert_eq!(config.options["fan-out-hot-spot"]["direct"], 5);
        assert!(!config.runs("partial-plan") && config.runs("errored-plan"));
    }

    #[test]
    fn mistakes_are_shown_in_their_line_with_the_nearest_right_word() {
        let table = [
            ("[stakc]\nname = \"x\"", "stakc", "did you mean stack?"),
            (
                "[rules.planed-delete]\nseverity = \"note\"",
                "no such rule",
                "did you mean planned-delete?",
            ),
            (
                "[rules.fan-out-hot-spot]\ndirekt = 3",
                "no such option",
                "did you mean direct?",
            ),
            (
                "[rules.fan-out-hot-spot]\ndirect = -3",
                "not a number",
                "whole number",
            ),
            (
                "[rules.planned-delete]\nseverity = \"loud\"",
                "no such severity",
                "\"off\"",
            ),
            (
                "[[owner]]\nname = \"x\"\ntypes = [\"a**[\", 3]",
                "invalid type",
                "README",
            ),
            ("[stack\n", "cannot be understood", "README"),
            (
                "[ownership]\ntag = \"a\"\ntga = \"b\"",
                "unknown field",
                "did you mean",
            ),
        ];
        for (text, what, help) in table {
            let shown = shown(text);
            assert!(
                shown.contains(what) && shown.contains(help),
                "{text}\n{shown}"
            );
        }
    }
}
