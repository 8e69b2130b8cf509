//! Turns `rules/catalog/*.toml` into a sorted table of Rust. A mistake in a catalog fails the build and says
//! where it is.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    #[serde(default, rename = "type")]
    types: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    names: Vec<String>,
    holds: Option<Holds>,
    what: Option<String>,
    #[serde(default)]
    identity: Vec<String>,
    #[serde(default)]
    protection: BTreeMap<String, Guard>,
    create: Option<String>,
    destroy: Option<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Holds {
    Data,
    Value,
    Nothing,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Guard {
    Bool(bool),
    Text(String),
}

fn main() {
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("rules/catalog");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed=src/catalog/build.rs");
    let mut table = BTreeMap::new();
    for file in fs::read_dir(&folder).expect("rules/catalog is there") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            read(&path, &mut table);
        }
    }
    let mut code = String::from("/// Every type, sorted.\nstatic TYPES: &[(&str, Facts)] = &[\n");
    for (name, facts) in table {
        writeln!(code, "    ({name:?}, {facts}),").expect("a string takes all");
    }
    code.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("catalog.rs");
    fs::write(out, code).expect("the output directory can be written");
}

fn read(path: &Path, table: &mut BTreeMap<String, String>) {
    let shown = path.display();
    let text = fs::read_to_string(path).expect("a catalog can be read");
    let catalog: Catalog = toml::from_str(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
    for entry in catalog.types {
        let facts =
            facts(&entry).unwrap_or_else(|wrong| panic!("{shown}: {:?}: {wrong}", entry.names));
        for name in entry.names {
            let again = table.insert(name.clone(), facts.clone());
            assert!(again.is_none(), "{shown}: {name} is in the catalog twice");
        }
    }
}

fn facts(entry: &Entry) -> Result<String, String> {
    if entry.source.trim().is_empty() {
        return Err("a source is missing".to_owned());
    }
    let holds = match (&entry.holds, &entry.what) {
        (Some(Holds::Data), Some(what)) => format!("Holds::Data({what:?})"),
        (Some(Holds::Data), None) => return Err("`what` must say which data it holds".to_owned()),
        (_, Some(_)) => return Err("`what` belongs to types that hold data".to_owned()),
        (Some(Holds::Value), None) => "Holds::Value".to_owned(),
        (Some(Holds::Nothing), None) => "Holds::Nothing".to_owned(),
        (None, None) => "Holds::Unknown".to_owned(),
    };
    let protection: Vec<String> = entry
        .protection
        .iter()
        .map(|(attribute, guard)| format!("({attribute:?}, {})", shown(guard)))
        .collect();
    let protection = protection.join(", ");
    let create = seconds(entry.create.as_deref())?;
    let destroy = seconds(entry.destroy.as_deref())?;
    Ok(format!(
        "Facts {{ holds: {holds}, identity: &{:?}, protection: &[{protection}], create: {create:?}, destroy: {destroy:?} }}",
        entry.identity
    ))
}

fn shown(guard: &Guard) -> String {
    match guard {
        Guard::Bool(guard) => format!("Guard::Bool({guard})"),
        Guard::Text(guard) if guard == "nonzero" => "Guard::NonZero".to_owned(),
        Guard::Text(guard) => format!("Guard::Text({guard:?})"),
    }
}

/// `1h30m` as seconds.
fn seconds(text: Option<&str>) -> Result<Option<u32>, String> {
    let Some(text) = text else { return Ok(None) };
    let (mut total, mut digits) = (0, String::new());
    for letter in text.chars() {
        let unit = match letter {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                digits.push(digit);
                continue;
            }
        };
        let number: u32 = digits
            .parse()
            .map_err(|_| format!("{text:?} is no duration"))?;
        total += number * unit;
        digits.clear();
    }
    if digits.is_empty() && total > 0 {
        Ok(Some(total))
    } else {
        Err(format!("{text:?} is no duration"))
    }
}
