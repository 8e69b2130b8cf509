//! Finds where in the sources a finding stands: the block it is about, or the argument or entry at fault.

mod line;

use crate::finding::{Finding, Location, Place};
use crate::input::address::{Address, Mode, config_address, module_steps};
use crate::input::plan::attribute_of;
use crate::input::source::{Argument, Block, Constant, Module, Sources, line_and_column};
use crate::safe::safe;
use line::snippet;
use std::collections::HashMap;
use std::ops::Range;

/// Puts locations into findings, where the sources tell.
pub(crate) fn locate(findings: &mut [Finding], sources: &Sources) {
    let mut steps = Steps::default();
    for finding in findings {
        // What was renamed stands in the sources under its new name.
        let renamed = || {
            let to = finding.facts.get("to")?;
            let first = to.as_str().or_else(|| to.get(0)?.as_str())?;
            find(sources, first, &Place::Block)
        };
        let found = renamed().or_else(|| find(sources, &finding.address, &finding.place));
        finding.location = found.as_ref().map(|spot| Box::new(location(sources, spot)));
        finding.snippet = found.and_then(|spot| snippet(sources, &spot)).map(Box::new);
        for related in &mut finding.related {
            let found = find(sources, &related.address, &Place::Block);
            related.location = found.map(|spot| Box::new(location(sources, &spot)));
        }
        finding.places = steps.of(&finding.path, sources);
    }
}

/// Where the steps of paths stand. Paths of one plan have their last steps in common.
#[derive(Default)]
struct Steps {
    known: HashMap<String, Option<Box<Location>>, foldhash::fast::RandomState>,
}

impl Steps {
    fn of(&mut self, path: &[String], sources: &Sources) -> Vec<Option<Box<Location>>> {
        let place = |label: &str| {
            let spot = find(sources, label, &Place::Block)?;
            Some(Box::new(location(sources, &spot)))
        };
        let one = |label: &String| {
            if !self.known.contains_key(label) {
                self.known.insert(label.clone(), place(label));
            }
            self.known[label].clone()
        };
        path.iter().map(one).collect()
    }
}

/// A piece of a file.
struct Spot {
    file: usize,
    span: Range<usize>,
    /// Whether its strings are names that are no secret: the header of a block.
    names: bool,
    /// The block it is in.
    block: String,
}

impl Spot {
    fn head(block: &Block) -> Self {
        Self {
            block: name(block),
            file: block.file,
            span: block.head.clone(),
            names: true,
        }
    }
}

fn find(sources: &Sources, address: &str, place: &Place) -> Option<Spot> {
    removed(sources, address).or_else(|| configured(sources, address, place))
}

fn configured(sources: &Sources, address: &str, place: &Place) -> Option<Spot> {
    if *place == Place::Backend {
        let (file, span) = sources.backend_at.clone()?;
        let end = sources.files[file].text[span.clone()].find('{');
        let span = span.start..end.map_or(span.end, |end| span.start + end);
        return Some(Spot {
            file,
            span,
            names: true,
            block: "backend".to_owned(),
        });
    }
    let (path, keyword, labels) = block_of(address)?;
    let (mut at, mut passed) = (0, None);
    for call in path {
        let module = sources.modules.get(at)?;
        let here = module
            .of("module")
            .find(|block| block.labels.first().is_some_and(|label| label == call));
        passed = here.and_then(|block| Some((block, block.argument(labels.first()?)?)));
        match module.children.get(call) {
            Some(child) if !sources.modules[*child].remote => at = *child,
            // What is written elsewhere is changed by the call, here.
            _ => return here.map(Spot::head),
        }
    }
    let module = sources.modules.get(at)?;
    if let ("locals", [name]) = (keyword, labels.as_slice()) {
        return local(module, name);
    }
    let is_variable = keyword == "variable" && *place == Place::Passed;
    if let Some((block, argument)) = passed.filter(|_| is_variable) {
        return Some(Spot {
            file: argument.file,
            span: argument.span.clone(),
            names: false,
            block: name(block),
        });
    }
    let named = |block: &&Block| {
        let names = block.labels.iter().map(String::as_str);
        names.chain(alias(block)).eq(labels.iter().copied())
    };
    let block = module.of(keyword).find(named)?;
    Some(in_block(sources, block, place))
}

/// The path of calls, the keyword and the labels of the block that an address names.
fn block_of(address: &str) -> Option<(Vec<&str>, &'static str, Vec<&str>)> {
    let calls = |module| -> Option<Vec<&str>> {
        let steps = module_steps(module)?.into_iter();
        Some(steps.map(|(call, _)| call).collect())
    };
    if let Some((module, names)) = provider(address)
        && let Some(path) = calls(module)
    {
        return Some((path, "provider", names));
    }
    let Some(parsed) = Address::parse(address) else {
        let mut path = calls(address)?;
        let call = path.pop()?;
        return Some((path, "module", vec![call]));
    };
    let (kind, name) = (parsed.kind, parsed.name);
    let (keyword, labels) = match (parsed.mode, kind) {
        (Mode::Managed, "var") => ("variable", vec![name]),
        (Mode::Managed, "output") => ("output", vec![name]),
        (Mode::Managed, "local") => ("locals", vec![name]),
        (Mode::Managed, "check") => ("check", vec![name]),
        (Mode::Managed, _) => ("resource", vec![kind, name]),
        (Mode::Data, _) => ("data", vec![kind, name]),
        (Mode::Ephemeral, _) => ("ephemeral", vec![kind, name]),
    };
    Some((calls(parsed.module)?, keyword, labels))
}

/// The module path of a provider configuration, its name and its alias if it has one.
fn provider(address: &str) -> Option<(&str, Vec<&str>)> {
    let (module, names) = match address.strip_prefix("provider.") {
        Some(names) => ("", names),
        None => address.rsplit_once(".provider.")?,
    };
    let names: Vec<_> = names.split('.').collect();
    (names.len() <= 2 && !names[0].contains(['[', '"'])).then_some((module, names))
}

/// The alias of a provider configuration.
fn alias(block: &Block) -> Option<&str> {
    match &block.argument("alias")?.constant {
        Some(Constant::Text(alias)) if block.keyword == "provider" => Some(alias),
        _ => None,
    }
}

/// The name of a block; `removed` blocks have none but for what they speak of.
fn name(block: &Block) -> String {
    let words = std::iter::once(&block.keyword).chain(&block.labels);
    let words: Vec<_> = words.map(String::as_str).chain(from(block)).collect();
    words.join(" ")
}

/// What a `removed` block speaks of.
fn from(block: &Block) -> Option<&str> {
    match &block.argument("from")?.constant {
        Some(Constant::Reference(text)) => Some(text),
        _ => None,
    }
}

/// The argument of a `locals` block that gives a local value its value.
fn local(module: &Module, name: &str) -> Option<Spot> {
    module.of("locals").find_map(|block| {
        let argument = block.argument(name)?;
        Some(Spot {
            file: argument.file,
            span: argument.span.clone(),
            names: false,
            block: format!("locals {name}"),
        })
    })
}

/// An argument of a block, or in a nested one the argument of the last name of a path: of what is nested, a block knows
/// all by the outermost name.
fn argument<'b>(sources: &Sources, block: &'b Block, path: &str) -> Option<&'b Argument> {
    let outermost = attribute_of(path);
    let last = attribute_of(path.rsplit('.').next()?);
    let is_it = |argument: &&Argument| {
        let text = &sources.files[argument.file].text[argument.span.clone()];
        let rest = text.strip_prefix(last);
        argument.name == outermost
            && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let nested = block.arguments.iter().rev().find(is_it);
    let inside = || {
        let arguments = block.arguments.iter();
        arguments.filter(|argument| argument.name == outermost)
    };
    // What is a block in a block has no line of its own here: any other in there would be a false one.
    let is_sure = !path.contains('.') || inside().count() == 1;
    nested
        .or_else(|| block.argument(path))
        .or_else(|| block.argument(outermost).filter(|_| is_sure))
}

fn in_block(sources: &Sources, block: &Block, place: &Place) -> Spot {
    let found = match place {
        Place::Block | Place::Backend | Place::Passed => None,
        Place::Argument(path) => {
            argument(sources, block, path).map(|argument| (argument.file, argument.span.clone()))
        }
        Place::Entry(text) => {
            let entries = block
                .arguments
                .iter()
                .filter(|argument| argument.name == "depends_on");
            let mentions = entries.flat_map(|a| {
                a.references
                    .iter()
                    .map(move |reference| (a.file, reference))
            });
            let mut same = mentions.filter(|(_, (mention, _))| *mention.text == **text);
            same.next_back()
                .map(|(file, (_, span))| (file, span.clone()))
        }
    };
    found.map_or_else(
        || Spot::head(block),
        |(file, span)| Spot {
            file,
            span,
            names: false,
            block: name(block),
        },
    )
}

/// The `removed` block that speaks of what is gone, or of a module around it: in any module on the way there.
fn removed(sources: &Sources, address: &str) -> Option<Spot> {
    let address = config_address(address);
    let (mut at, mut left) = (0, &*address);
    loop {
        let module = sources.modules.get(at)?;
        let names = |block: &&Block| {
            let rest = from(block).and_then(|from| left.strip_prefix(from));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(block) = module.of("removed").find(names) {
            return Some(Spot::head(block));
        }
        let (call, rest) = left.strip_prefix("module.")?.split_once('.')?;
        (at, left) = (*module.children.get(call)?, rest);
    }
}

fn location(sources: &Sources, spot: &Spot) -> Location {
    let file = &sources.files[spot.file];
    let text = &file.text;
    let end = text[spot.span.clone()].trim_end().len() + spot.span.start;
    let (line, column) = line_and_column(text, spot.span.start);
    let (end_line, end_column) = line_and_column(text, end);
    let first = text[spot.span.start..end]
        .lines()
        .next()
        .unwrap_or_default();
    Location {
        file: safe(&file.name),
        line,
        column,
        end_line,
        end_column,
        first_end_column: column + first.trim_end().chars().count(),
        block: safe(&spot.block).into(),
    }
}

#[cfg(test)]
mod tests;
