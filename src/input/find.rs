//! Finds the plans that are meant: files, directories that hold some, and patterns.

use crate::error::Error;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Nobody keeps plans deeper than this below what is named.
const DEEPEST: usize = 12;
/// So many files are looked at.
const MOST_FILES: usize = 200_000;

/// The plan files that arguments mean, in order and each once, however it is spelled, and what could not be found. A name that is neither
/// file nor directory nor pattern stays as it is: opening it says best what is wrong.
pub fn plans(arguments: &[String]) -> (Vec<String>, Vec<Error>) {
    let (mut found, mut errors): (Vec<String>, _) = (Vec::new(), Vec::new());
    let mut known: BTreeSet<PathBuf> = BTreeSet::new();
    for argument in arguments {
        match meant(argument) {
            Ok(plans) => {
                for plan in plans {
                    // Standard input is read where it is named again: that has its own error.
                    let real = fs::canonicalize(&plan).unwrap_or_else(|_| plan.clone().into());
                    if plan == "-" || known.insert(real) {
                        found.push(plan);
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    (found, errors)
}

fn meant(argument: &str) -> Result<Vec<String>, Error> {
    let path = Path::new(argument);
    if argument == "-" || path.is_file() {
        return Ok(vec![argument.to_owned()]);
    }
    if path.is_dir() {
        let found = in_directory(path);
        return if found.is_empty() {
            Err(Error::new(format!("there is no plan in the directory {argument}"))
                .help("plans are looked for as plan.json, *.tfplan.json, tfplan or *.tfplan; or name the files. Sources alone are given with --source"))
        } else {
            Ok(found)
        };
    }
    if argument.contains(['*', '?', '[', '{']) {
        return matching(argument);
    }
    Ok(vec![argument.to_owned()])
}

/// The plans in a directory and below: of each directory its documents, or else its plan files.
fn in_directory(top: &Path) -> Vec<String> {
    let mut by_directory: BTreeMap<PathBuf, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for file in files(top) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let document =
            matches!(&*name, "plan.json" | "tfplan.json") || name.ends_with(".tfplan.json");
        let binary = name == "tfplan" || name.ends_with(".tfplan");
        let (Some(shown), Some(directory)) = (file.to_str(), file.parent()) else {
            continue;
        };
        if document || binary {
            let (documents, binaries) = by_directory.entry(directory.to_owned()).or_default();
            let list = if document { documents } else { binaries };
            list.push(shown.strip_prefix("./").unwrap_or(shown).to_owned());
        }
    }
    let each = by_directory.into_values();
    let chosen = each.flat_map(|(documents, binaries)| {
        if documents.is_empty() {
            binaries
        } else {
            documents
        }
    });
    chosen.collect()
}

fn matching(pattern: &str) -> Result<Vec<String>, Error> {
    let slashes = pattern.replace('\\', "/");
    let clean = slashes.strip_prefix("./").unwrap_or(&slashes);
    let glob = compile(clean).map_err(|error| {
        Error::new(format!("{pattern}: {error}"))
            .help("give a pattern such as 'stacks/*/plan.json'")
    })?;
    let literal = clean
        .split('/')
        .take_while(|step| !step.contains(['*', '?', '[', '{']));
    let top = literal.collect::<Vec<_>>().join("/");
    let top = match (&*top, clean.starts_with('/')) {
        ("", true) => Path::new("/"),
        ("", false) => Path::new("."),
        (top, _) => Path::new(top),
    };
    let shown = files(top).into_iter().filter_map(|file| {
        let shown = file.to_str()?.replace('\\', "/");
        Some(shown.strip_prefix("./").unwrap_or(&shown).to_owned())
    });
    let found: Vec<_> = shown.filter(|file| glob.is_match(file)).collect();
    if found.is_empty() {
        return Err(Error::new(format!("no plan matches {pattern}"))
            .help("give the path of a plan document, or - for standard input"));
    }
    Ok(found)
}

fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

/// The files below a directory in the order of their paths; what is hidden or a link is passed over.
fn files(top: &Path) -> Vec<PathBuf> {
    let (mut found, mut left) = (Vec::new(), vec![(top.to_owned(), 0)]);
    while let Some((directory, depth)) = left.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if hidden || kind.is_symlink() || found.len() >= MOST_FILES {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                left.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::plans;
    use std::fs;
    use std::path::Path;

    fn found(top: &Path, argument: &str) -> Vec<String> {
        let argument = top.join(argument).to_string_lossy().into_owned();
        let (found, errors) = plans(&[argument]);
        assert!(errors.is_empty(), "{errors:?}");
        let short = |path: &String| {
            Path::new(path)
                .strip_prefix(top)
                .map(|path| path.to_string_lossy().into_owned())
        };
        found
            .iter()
            .map(|path| short(path).expect("below"))
            .collect()
    }

    #[test]
    fn a_plan_is_one_however_its_path_is_spelled() {
        let top = tempfile::tempdir().expect("a folder");
        fs::create_dir(top.path().join("a")).expect("made");
        fs::write(top.path().join("a/plan.json"), "{}").expect("written");
        let spelled = [
            "a/plan.json",
            "./a/plan.json",
            "a/../a/plan.json",
            "*/plan.json",
            "a",
        ];
        let spelled = spelled.map(|path| format!("{}/{path}", top.path().display()));
        let (found, errors) = plans(&spelled);
        assert_eq!((found.len(), errors.len()), (1, 0), "{found:?}");
        let missing = ["x.json", "x.json", "-", "-"].map(str::to_owned);
        assert_eq!(plans(&missing).0, ["x.json", "-", "-"]);
    }

    #[test]
    fn of_each_directory_the_documents_count_or_else_the_plan_files() {
        let top = tempfile::tempdir().expect("a folder");
        for file in [
            "b/plan.json",
            "b/tfplan",
            "a/tfplan",
            "a/deep/x.tfplan.json",
            ".terraform/plan.json",
            "a/other.json",
        ] {
            let file = top.path().join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, "{}").expect("written");
        }
        assert_eq!(
            found(top.path(), ""),
            ["a/tfplan", "a/deep/x.tfplan.json", "b/plan.json"]
        );
        assert_eq!(found(top.path(), "*/plan.json"), ["b/plan.json"]);
        assert_eq!(
            found(top.path(), "**/*.json"),
            ["a/deep/x.tfplan.json", "a/other.json", "b/plan.json"]
        );
        assert_eq!(found(top.path(), "b/plan.json"), ["b/plan.json"]);
    }

    #[test]
    fn a_file_that_is_named_twice_counts_once() {
        let twice = ["x.json".to_owned(), "x.json".to_owned()];
        assert_eq!(plans(&twice).0, ["x.json"]);
    }
}
