//! Comments that waive: `# tfguard: allow <rule> -- reason`, in the lines above a block, behind its header, or within
//! it before its first argument.

use crate::input::day::Day;
use crate::input::source::scan;
use crate::input::source::{Block, Constant, Sources};
use crate::safe::safe;
use memchr::memmem;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;

/// What such a comment begins with.
const MARK: &str = "tfguard:";

/// A comment that waives, or is meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The file: index into [`Sources::files`].
    pub file: usize,
    /// Bytes of the comment.
    pub span: Range<usize>,
    /// What it says; else why it waives nothing.
    pub said: Result<Said, &'static str>,
    /// What it stands beside. A block of a module that is called several times is there several times.
    pub beside: Vec<Beside>,
}

/// What a comment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// What the block declares, by its address without keys; of a module call, all that is in it as well.
    Block(String),
    /// Where the state is kept.
    Backend,
}

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Rules, each with the instance it is limited to: `["key"]`, `[0]`, or an address.
    pub rules: Vec<(String, Option<String>)>,
    /// The last day it holds.
    pub expires: Option<Day>,
    /// Why, safe to show.
    pub reason: String,
}

impl Sources {
    /// The comments that waive something. Those of modules that are written elsewhere do not count: nobody excuses
    /// himself in somebody else's repository.
    pub fn allowances(&self) -> Vec<Allowance> {
        let finder = memmem::Finder::new(MARK);
        let files = self.files.iter().enumerate();
        let marked = files.filter(|(_, file)| {
            !file.remote
                && Path::new(&file.name).extension() != Some(OsStr::new("json"))
                && finder.find(file.text.as_bytes()).is_some()
        });
        marked.flat_map(|(id, _)| self.of_file(id)).collect()
    }

    fn of_file(&self, id: usize) -> Vec<Allowance> {
        let text = &self.files[id].text;
        let comments = scan::comments(text);
        let places = self.places(id);
        let mut found = Vec::new();
        for (at, comment) in comments.iter().enumerate() {
            for (span, said) in marked_lines(text, comment) {
                let spot = places.iter().find(|place| place.has(text, &comments, at));
                found.push(Allowance {
                    file: id,
                    span,
                    said: read(said),
                    beside: spot.map(|place| place.beside.clone()).unwrap_or_default(),
                });
            }
        }
        found
    }

    /// The blocks of a file that comments can stand beside.
    fn places(&self, file: usize) -> Vec<Place> {
        let mut places: BTreeMap<usize, Place> = BTreeMap::new();
        let mut add = |head: &Range<usize>, whole: &Range<usize>, beside: Vec<Beside>| {
            let place = places.entry(head.start).or_insert_with(|| Place {
                head: head.clone(),
                whole: whole.clone(),
                beside: Vec::new(),
            });
            place.beside.extend(beside);
        };
        for module in &self.modules {
            for block in module.blocks.iter().filter(|block| block.file == file) {
                let prefix: String = module
                    .path
                    .iter()
                    .flat_map(|call| ["module.", call, "."])
                    .collect();
                let names = declared(block).into_iter();
                let mut beside: Vec<_> = names
                    .map(|name| Beside::Block(prefix.clone() + &name))
                    .collect();
                if block.keyword == "terraform" {
                    beside.push(Beside::Backend);
                }
                add(&block.head, &block.whole, beside);
            }
        }
        if let Some((_, whole)) = self.backend_at.as_ref().filter(|(at, _)| *at == file) {
            let text = &self.files[file].text[whole.clone()];
            let end = whole.start + text.find('{').unwrap_or(text.len());
            add(&(whole.start..end), whole, vec![Beside::Backend]);
        }
        places.into_values().collect()
    }
}

/// What findings call that which a block declares.
fn declared(block: &Block) -> Vec<String> {
    let labels = block.labels.join(".");
    let argument = |name| {
        block
            .argument(name)
            .and_then(|argument| argument.constant.as_ref())
    };
    match block.keyword.as_str() {
        "resource" => vec![labels],
        "variable" => vec![format!("var.{labels}")],
        "data" | "ephemeral" | "module" | "output" | "check" => {
            vec![format!("{}.{labels}", block.keyword)]
        }
        "provider" => match argument("alias") {
            Some(Constant::Text(alias)) => vec![format!("provider.{labels}.{alias}")],
            _ => vec![format!("provider.{labels}")],
        },
        "removed" => match argument("from") {
            Some(Constant::Reference(from)) => vec![from.clone()],
            _ => Vec::new(),
        },
        "locals" => {
            let names = block.arguments.iter().map(|argument| &argument.name);
            names.map(|name| format!("local.{name}")).collect()
        }
        _ => Vec::new(),
    }
}

/// A block and what it is called.
struct Place {
    head: Range<usize>,
    whole: Range<usize>,
    beside: Vec<Beside>,
}

impl Place {
    /// Whether a comment stands beside the block.
    fn has(&self, text: &str, comments: &[Range<usize>], at: usize) -> bool {
        let comment = &comments[at];
        let within = self.head.end < comment.start && comment.start < self.whole.end;
        if within {
            let open = self.head.end + 1;
            return between(text, comments, open..comment.start).is_some();
        }
        if comment.start >= self.whole.end {
            let one_line = !text[self.head.start..comment.start].contains('\n');
            return one_line && text[self.whole.end..comment.start].trim().is_empty();
        }
        let line = text[..comment.start].rfind('\n').map_or(0, |n| n + 1);
        let alone = between(text, comments, line..comment.start).is_some();
        let gap = (comment.end <= self.head.start)
            .then(|| between(text, comments, comment.start..self.head.start));
        alone && gap.flatten() == Some(false)
    }
}

/// Whether there is a blank line between two places with nothing but comments between them; nothing when there is
/// something else.
fn between(text: &str, comments: &[Range<usize>], span: Range<usize>) -> Option<bool> {
    let first = comments.partition_point(|comment| comment.start < span.start);
    let mut at = span.start;
    let mut blank = false;
    for comment in comments[first..].iter().take_while(|c| c.end <= span.end) {
        blank |= blank_line(&text[at..comment.start])?;
        at = comment.end;
    }
    Some(blank | blank_line(&text[at..span.end])?)
}

fn blank_line(space: &str) -> Option<bool> {
    space
        .trim()
        .is_empty()
        .then(|| space.matches('\n').count() > 1)
}

/// The lines of a comment that begin with the mark: their bytes, and what follows the mark.
fn marked_lines<'t>(text: &'t str, comment: &Range<usize>) -> Vec<(Range<usize>, &'t str)> {
    let mut found = Vec::new();
    let mut at = comment.start;
    for line in text[comment.clone()].split_inclusive('\n') {
        let (start, shown) = (at, line.trim_end().trim_end_matches("*/").trim_end());
        at += line.len();
        let inner = shown.trim_start_matches(['#', '/', '*', ' ', '\t']);
        if let Some(said) = inner.strip_prefix(MARK) {
            let lead = shown.len() - shown.trim_start().len();
            found.push((start + lead..start + shown.len(), said.trim()));
        }
    }
    found
}

/// Reads `allow <rule>[ <instance>], <rule> expires=2027-01-31 -- reason`.
fn read(said: &str) -> Result<Said, &'static str> {
    let list = said
        .strip_prefix("allow")
        .filter(|rest| rest.starts_with([' ', '\t']));
    let list = list.ok_or("it does not say allow <rule> -- reason")?;
    let (list, reason) =
        cut(list, |rest| rest.starts_with("--")).ok_or("it gives no reason (-- reason)")?;
    let reason = reason.trim_start_matches('-').trim();
    if reason.is_empty() {
        return Err("it gives no reason (-- reason)");
    }
    let mut said = Said {
        rules: Vec::new(),
        expires: None,
        reason: safe(reason),
    };
    let mut rest = Some(list);
    while let Some(list) = rest {
        let (item, left) = match cut(list, |rest| rest.starts_with(',')) {
            Some((item, left)) => (item, Some(&left[1..])),
            None => (list, None),
        };
        item_of(item, &mut said)?;
        rest = left;
    }
    Ok(said)
}

/// Reads one rule, its instance, and the day, in that order.
fn item_of(item: &str, said: &mut Said) -> Result<(), &'static str> {
    let mut words = words(item).into_iter();
    let rule = words.next().ok_or("it names no rule")?;
    let mut instance = None;
    for word in words {
        if let Some(day) = word.strip_prefix("expires=") {
            said.expires = Some(Day::parse(day).ok_or("its expires is no day such as 2027-01-31")?);
        } else if instance.replace(word.to_owned()).is_some() {
            return Err("rules are separated by commas, the reason by --");
        }
    }
    // `planned-delete["a"]` is read as `planned-delete ["a"]`.
    let (name, key) = rule.split_at(rule.find('[').unwrap_or(rule.len()));
    let instance = instance.or_else(|| (!key.is_empty()).then(|| key.to_owned()));
    said.rules.push((name.to_owned(), instance));
    Ok(())
}

/// The text before and from the first place outside of quotes where something begins.
fn cut(text: &str, begins: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let mut quoted = Quoted::default();
    let found = text
        .char_indices()
        .find(|(at, c)| !quoted.inside(*c) && begins(&text[*at..]))?;
    Some(text.split_at(found.0))
}

/// The words of a text; a space within quotes does not end one.
fn words(text: &str) -> Vec<&str> {
    let mut quoted = Quoted::default();
    let parts = text.split(move |c: char| !quoted.inside(c) && c.is_whitespace());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Goes along a text and knows what is within quotes.
#[derive(Default)]
struct Quoted {
    open: bool,
    escaped: bool,
}

impl Quoted {
    fn inside(&mut self, c: char) -> bool {
        let was = self.open;
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' if self.open => self.escaped = true,
            '"' => self.open = !self.open,
            _ => {}
        }
        was
    }
}

#[cfg(test)]
mod tests;
