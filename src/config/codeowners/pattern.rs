//! One path of a CODEOWNERS file.

use super::Dialect;

/// A path, compiled. Matching takes no longer than the product of its length and that of the path it is held to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    /// `**`: any number of directories.
    Deep,
    /// A name, which may have `*` and `?` in it.
    Name(Vec<Part>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Many,
    One,
    Char(char),
}

impl Pattern {
    pub(super) fn new(path: &str, dialect: Dialect) -> Self {
        let inside = path.strip_prefix('/').unwrap_or(path);
        let (inside, directory) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, path == "/"),
        };
        let anchored = path.starts_with('/') || dialect == Dialect::GitHub && inside.contains('/');
        let names: Vec<&str> = inside.split('/').filter(|name| !name.is_empty()).collect();
        let mut segments = Vec::new();
        if !anchored {
            segments.push(Segment::Deep);
        }
        for (nth, name) in names.iter().enumerate() {
            // What Ruby's fnmatch, GitLab's, has for `**` behind the last slash is `*`.
            let deep =
                *name == "**" && (dialect == Dialect::GitHub || directory || nth + 1 < names.len());
            segments.push(if deep {
                Segment::Deep
            } else {
                Segment::Name(parts(name))
            });
        }
        let below = match (dialect, names.last()) {
            // GitHub has a lone slash match nothing.
            (Dialect::GitHub, None) => {
                return Self {
                    segments: vec![Segment::Name(Vec::new())],
                };
            }
            (Dialect::GitHub, Some(&"*" | &"**")) if !directory => names.last() == Some(&"**"),
            (Dialect::GitHub, Some(_)) if !directory => {
                segments.push(Segment::Deep);
                false
            }
            _ => directory,
        };
        if below {
            segments.extend([Segment::Name(vec![Part::Many]), Segment::Deep]);
        }
        Self { segments }
    }

    /// Whether it matches a file, given by the names on its path.
    pub(super) fn is_match(&self, path: &[Vec<char>]) -> bool {
        let any = |segment: &Segment| *segment == Segment::Deep;
        let same = |segment: &Segment, name: &Vec<char>| match segment {
            Segment::Deep => false,
            Segment::Name(parts) => {
                let one = |part: &Part, c: &char| *part == Part::One || *part == Part::Char(*c);
                matches(parts, name, |part| *part == Part::Many, one)
            }
        };
        matches(&self.segments, path, any, same)
    }
}

/// A name of a path: a backslash makes what follows literal.
fn parts(name: &str) -> Vec<Part> {
    let mut chars = name.chars();
    let mut parts = Vec::new();
    while let Some(c) = chars.next() {
        let part = match c {
            '*' => Part::Many,
            '?' => Part::One,
            '\\' => Part::Char(chars.next().unwrap_or('\\')),
            c => Part::Char(c),
        };
        if part != Part::Many || parts.last() != Some(&Part::Many) {
            parts.push(part);
        }
    }
    parts
}

/// Whether a pattern matches all of a text, where `any` stands for any number of items and `same` tells of one. Only
/// the last `any` is ever tried again: what an earlier one could do, it can as well.
fn matches<P, T>(
    pattern: &[P],
    text: &[T],
    any: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut next, mut again) = (0, 0, None);
    while next < text.len() {
        match pattern.get(at) {
            Some(part) if any(part) => {
                again = Some((at, next));
                at += 1;
            }
            Some(part) if same(part, &text[next]) => (at, next) = (at + 1, next + 1),
            _ => {
                let Some((star, taken)) = again else {
                    return false;
                };
                again = Some((star, taken + 1));
                (at, next) = (star + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(any)
}
