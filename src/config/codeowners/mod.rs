//! CODEOWNERS in the dialects of GitHub and GitLab: who owns a file of the repository.
//!
//! GitHub: the last line that matches counts, a line without owners clears; no `!`, no `[…]`; a directory is
//! matched with all below it. GitLab (17.10): so in each section, and what the sections say is united; `!` takes
//! files out of a section for good; a path without a leading slash is found at any depth; only a trailing slash
//! stands for all below a directory.

mod pattern;

use crate::input::source::OwnersFile;
use pattern::Pattern;

/// A CODEOWNERS file, read.
#[derive(Debug, Default)]
pub(super) struct Codeowners {
    /// The directory its paths are relative to.
    base: String,
    sections: Vec<Section>,
}

/// Lines that are judged by themselves: all of GitHub's, or one section of GitLab's.
#[derive(Debug, Default)]
struct Section {
    /// The name, in small letters; sections of one name are one.
    name: String,
    /// Owners of lines that name none.
    defaults: Vec<String>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    pattern: Pattern,
    owners: Vec<String>,
    /// Whether it takes files out of the section.
    excludes: bool,
}

/// Whose syntax it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    GitHub,
    GitLab,
}

impl Codeowners {
    pub(super) fn read(file: &OwnersFile) -> Self {
        let mut codeowners = match dialect(file) {
            Dialect::GitHub => github(&file.text),
            Dialect::GitLab => gitlab(&file.text),
        };
        codeowners.base.clone_from(&file.base);
        codeowners
    }

    /// The owners of a file, in the order they are named; none when nobody owns it.
    pub(super) fn owners(&self, path: &str) -> Vec<&str> {
        let Some(path) = path.strip_prefix(&self.base) else {
            return Vec::new();
        };
        let path: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
        let mut owners: Vec<&str> = Vec::new();
        for owner in self
            .sections
            .iter()
            .flat_map(|section| section.owners(&path))
        {
            if !owners.contains(&owner.as_str()) {
                owners.push(owner);
            }
        }
        owners
    }
}

impl Section {
    fn owners(&self, path: &[Vec<char>]) -> &[String] {
        let mut matching = self.entries.iter().rev();
        let Some(last) = matching.find(|entry| !entry.excludes && entry.pattern.is_match(path))
        else {
            return &[];
        };
        let mut exclusions = self.entries.iter().filter(|entry| entry.excludes);
        if exclusions.any(|entry| entry.pattern.is_match(path)) {
            return &[];
        }
        match last.owners.as_slice() {
            [] => &self.defaults,
            owners => owners,
        }
    }
}

/// Sections and exclusions are GitLab's; a file without them is that of the forge it lies on.
fn dialect(file: &OwnersFile) -> Dialect {
    let lines = || file.text.lines().map(str::trim_start);
    let gitlab = file.on_gitlab
        || !file.name.starts_with(".github/")
            && lines().any(|line| line.starts_with('!') || heading(line).is_some());
    if gitlab {
        Dialect::GitLab
    } else {
        Dialect::GitHub
    }
}

/// A line that GitHub does not understand is passed over, as GitHub does.
fn github(text: &str) -> Codeowners {
    let entry = |line: &str| {
        let (path, rest) = split(line)?;
        let named = rest
            .split_whitespace()
            .take_while(|word| !word.starts_with('#'));
        let owners: Vec<String> = named.map(str::to_owned).collect();
        let known = owners.iter().all(|owner| is_owner(owner))
            && !path.starts_with('!')
            && !path.contains(['[', ']']);
        known.then(|| Entry {
            pattern: Pattern::new(path, Dialect::GitHub),
            owners,
            excludes: false,
        })
    };
    let section = Section {
        entries: lines(text).filter_map(entry).collect(),
        ..Section::default()
    };
    Codeowners {
        sections: vec![section],
        ..Codeowners::default()
    }
}

fn gitlab(text: &str) -> Codeowners {
    let mut sections = vec![Section::default()];
    let mut current = 0;
    for line in lines(text) {
        if let Some((name, rest)) = heading(line) {
            let name = name.to_lowercase();
            let known = sections
                .iter()
                .skip(1)
                .position(|section| section.name == name);
            current = known.map_or(sections.len(), |at| at + 1);
            if known.is_none() {
                sections.push(Section {
                    name,
                    ..Section::default()
                });
            }
            sections[current].defaults.extend(owners_in(rest));
            continue;
        }
        let (line, excludes) = line
            .strip_prefix('!')
            .map_or((line, false), |rest| (rest, true));
        if let Some((path, rest)) = split(line) {
            sections[current].entries.push(Entry {
                pattern: Pattern::new(path, Dialect::GitLab),
                owners: owners_in(rest).collect(),
                excludes,
            });
        }
    }
    Codeowners {
        sections,
        ..Codeowners::default()
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `[Name]`, `^[Name]`, `[Name][2] @default`: the name, and what follows.
fn heading(line: &str) -> Option<(&str, &str)> {
    let inside = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = inside.split_once(']')?;
    let approvals = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let rest = match approvals {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest,
        Some(_) => return None,
        None => rest,
    };
    let whole = rest.is_empty() || rest.starts_with([' ', '\t']);
    (whole && !name.trim().is_empty()).then_some((name.trim(), rest))
}

/// The path of a line and what follows; a space in the path is escaped.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = line.char_indices().find(|(_, c)| {
        let ends = !escaped && matches!(c, ' ' | '\t');
        escaped = !escaped && *c == '\\';
        ends
    });
    let (path, rest) = line.split_at(end.map_or(line.len(), |(at, _)| at));
    (!path.is_empty()).then_some((path, rest))
}

fn owners_in(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .filter(|word| is_owner(word))
        .map(str::to_owned)
}

/// `@user`, `@org/team`, `@@role` or an email address.
fn is_owner(word: &str) -> bool {
    match word.split_once('@') {
        Some(("", name)) => !name.trim_start_matches('@').is_empty(),
        Some((name, host)) => !name.is_empty() && !host.is_empty(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
