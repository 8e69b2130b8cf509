//! Reads what `terraform graph` prints: the dependencies that Terraform itself found, locals included.
//!
//! DOT is read whole, not line by line: wrappers, formatters and other tools rewrite it. A file is read in one pass
//! through a reused window, so that memory grows with names and edges, not with bytes.

mod build;
mod configure;
mod end;
mod lexer;
pub mod names;
mod parse;
mod quoted;
mod sniff;
#[cfg(test)]
mod tests;
mod window;

pub use configure::configuration;
pub use end::End;

use super::open::{decode, open, shown, unreadable};
use crate::error::Error;
use lexer::Stop;
use parse::Parser;
use std::io::Read;
use window::Window;

const MAKE: &str = "name the graph in it: terraform graph -type=plan > graph.dot";
const NAME: &str = "give the path of a graph, or - for standard input";
const AGAIN: &str = "write the file again with terraform graph -type=plan > graph.dot, and keep other output out of it";

/// How Terraform names the nodes of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Terraform 1.7 and later without `-type` and `-plan`: config addresses of resources and nothing else.
    Simple,
    /// Terraform 0.13 and later otherwise, `OpenTofu` always: everything, behind `[root] `, with suffixes.
    Full,
    /// Terraform 0.12 and earlier: as full, but no `(expand)` tells blocks from instances.
    Legacy,
}

/// A node as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotNode {
    /// The name, unquoted; [`names::what`] says what it means.
    pub name: Box<str>,
    /// The text to be drawn.
    pub label: Option<Box<str>>,
    /// Whether the node has a statement of its own, not only edges.
    pub declared: bool,
}

/// A graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dot {
    /// How its nodes are named.
    pub dialect: Dialect,
    /// The nodes, in the order the file first names them.
    pub nodes: Vec<DotNode>,
    /// `(a, b)`: node `a` waits for node `b`. Sorted, each once; without the marks that `-draw-cycles` adds.
    pub edges: Vec<(u32, u32)>,
    /// Bytes of other output that were passed over before the graph.
    pub noise: u64,
}

/// Reads a graph from a file, or from standard input for `-`.
///
/// # Errors
/// The input cannot be opened or read, is no graph or one of something else, or is cut or malformed: then the error says where.
pub fn read(path: &str) -> Result<Dot, Error> {
    let reader = open(path, MAKE, NAME)?;
    let reader = decode(reader).map_err(|error| unreadable(path, &error, NAME))?;
    let dot = read_from(reader, path)?;
    if dot.is_of_terraform() {
        Ok(dot)
    } else {
        Err(sniff::of_something_else(path))
    }
}

/// Reads a graph that stands for the configuration, or beside a plan.
///
/// # Errors
/// As [`read`]; or without a plan it shows nothing of what is configured.
pub fn read_beside(path: &str, with_plan: bool) -> Result<Dot, Error> {
    let dot = read(path)?;
    if !with_plan && dot.only_destroys() {
        return Err(sniff::of_destroys(path));
    }
    Ok(dot)
}

/// Reads a graph in UTF-8 from a reader; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn read_from(reader: impl Read, path: &str) -> Result<Dot, Error> {
    read_through(Window::new(reader), path)
}

fn read_through(window: Window<impl Read>, path: &str) -> Result<Dot, Error> {
    let mut parser = Parser::new(window);
    let noise = begin(&mut parser, path)?;
    let parsed = match parser.graph() {
        Ok(parsed) => end(&mut parser).map(|()| parsed),
        Err(stop) => Err(stop),
    };
    match parsed {
        Ok(parsed) => Ok(parsed.graph.finish(parsed.named, noise)),
        Err(stop) => Err(broken(path, parser.window(), stop)),
    }
}

/// Moves to the graph; the bytes of other output before it. Comments may stand before it as well.
fn begin<R: Read>(parser: &mut Parser<R>, path: &str) -> Result<u64, Error> {
    let window = parser.window();
    window
        .more()
        .map_err(|error| unreadable(path, &error, NAME))?;
    let head = window.rest();
    if matches!(head.trim_ascii_start().first(), Some(b'/' | b'#')) {
        let error = sniff::error(path, head);
        return match at_graph(parser) {
            Ok(true) => Ok(0),
            _ => Err(error),
        };
    }
    let Some(noise) = sniff::header(head) else {
        return Err(sniff::error(path, head));
    };
    let blank = head[..noise].trim_ascii().is_empty();
    window.advance(noise);
    Ok(if blank { 0 } else { noise as u64 })
}

/// Whether a graph begins at the next token.
fn at_graph<R: Read>(parser: &mut Parser<R>) -> Result<bool, Stop> {
    parser.ahead()?;
    let window = parser.window();
    // Enough for the words of any header.
    while window.rest().len() < 32 && window.more()? {}
    Ok(sniff::begins(window.rest()))
}

/// Looks at what stands behind the graph. What wrappers print there is passed over.
fn end<R: Read>(parser: &mut Parser<R>) -> Result<(), Stop> {
    let ahead = match parser.ahead() {
        Err(Stop::End(_)) | Ok(None) => return Ok(()),
        ahead => ahead?,
    };
    let what = if at_graph(parser)? {
        "a second graph: give each a file of its own"
    } else if matches!(ahead, Some(b'{' | b'}' | b'"' | b'-' | b';')) {
        "more text behind the end of the graph"
    } else {
        return Ok(());
    };
    let offset = parser.window().offset();
    let spot = Box::new(parser.window().spot(offset));
    Err(Stop::Wrong(spot, what))
}

fn broken<R: Read>(path: &str, window: &Window<R>, stop: Stop) -> Error {
    let name = shown(path);
    match stop {
        Stop::Io(error) => unreadable(path, &error, NAME),
        Stop::End(what) => {
            let line = window.place(window.offset()).line;
            Error::new(format!("{name} ends in the middle of {what}, in line {line}")).help(
                "the file was cut (a full disk, a log limit) or a quote is missing: write it again with terraform graph -type=plan > graph.dot",
            )
        }
        Stop::Wrong(spot, what) => {
            let (line, column) = (spot.place.line, spot.place.column);
            Error::new(format!(
                "{name} is not valid DOT at line {line}, column {column}"
            ))
            .in_text(&spot.text, spot.at..spot.at + 1, what)
            .help(AGAIN)
        }
    }
}
