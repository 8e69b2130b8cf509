//! The formats a report is written in. They see findings and what rules are, never plan or graph.

mod changes;
mod closing;
mod github;
mod json;
mod links;
mod loss;
mod markdown;
mod sarif;
mod snippet;
mod text;
mod words;

use crate::gate::Report;
use std::io;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Text,
    /// For programs; versioned.
    Json,
    /// For code scanning.
    Sarif,
    /// For a review comment or a step summary.
    Markdown,
    /// For annotations in a log of GitHub Actions.
    Github,
}

impl Format {
    /// The names of all formats: `text, json or sarif`.
    pub fn names() -> String {
        let values = <Self as clap::ValueEnum>::value_variants().iter();
        let values = values.filter_map(clap::ValueEnum::to_possible_value);
        let mut names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
        let last = names.pop().unwrap_or_default();
        format!("{} or {last}", names.join(", "))
    }
}

/// How a report is to look.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Style {
    /// Columns there are.
    pub width: usize,
    /// Everything, in full length.
    pub verbose: bool,
    /// Findings and verdict only.
    pub quiet: bool,
    /// SARIF with what is accepted: readers of it take no notice that somebody has.
    pub accepted: bool,
    /// Whether the exit code is 0 whatever is found, for the text to say so.
    pub exit_zero: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 80,
            verbose: false,
            quiet: false,
            accepted: false,
            exit_zero: false,
        }
    }
}

/// Writes a report.
///
/// # Errors
/// The writer's.
pub fn write(
    report: &Report,
    format: Format,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, style, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, style, out),
        Format::Markdown => markdown::write(report, out),
        Format::Github => github::write(report, out),
    }
}
