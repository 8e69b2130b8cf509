//! The command line: what can be said, and who does it.

mod approve;
mod calibrate;
mod check;
mod comment;
mod environment;
mod file;
mod graph;
mod init;
mod who;

use crate::config;
use crate::error::Error;
use crate::finding::Severity;
use crate::gate::FailOn;
use crate::gate::command::Given;
use crate::input::gather::Inputs;
use crate::report::Format;
use crate::rules;
use crate::safe::{inert, safe};
use anstream::{AutoStream, ColorChoice};
use clap::{Args, Parser, Subcommand};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit code for "could not do the job".
const FAILED: u8 = 2;

/// Lints Terraform plans before the merge: what is destroyed and why, how far it reaches, who owns it.
#[derive(Debug, Parser)]
#[command(
    name = "tfguard",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
#[command(
    after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 could not do the job.\nMake a plan document with: terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: CheckArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows what a rule flags, why, and what to do.
    Explain {
        /// The rule's id, as in the report.
        rule: String,
    },
    /// Lists the rules.
    Rules,
    /// Prints the dependency graph of a plan, of sources, or of what terraform graph printed.
    Graph(graph::GraphArgs),
    /// Measures from logs of terraform apply -json how long objects take, for --durations.
    Calibrate(calibrate::CalibrateArgs),
    /// Writes a commented tfguard.toml fitted to a plan; what is found does not change by it.
    Init(init::InitArgs),
    /// Records a human's consent to exact findings, in a file of the repository.
    Approve(approve::ApproveArgs),
    /// Posts a Markdown report on a pull request or merge request, or updates it there.
    Comment(comment::CommentArgs),
}

/// The check.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct CheckArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// The configuration [default: tfguard.toml, searched upward].
    #[arg(long, value_name = "FILE", env = "TFGUARD_CONFIG")]
    config: Option<PathBuf>,
    /// How long objects take, as tfguard calibrate wrote it [default: what is known of their types].
    #[arg(long, value_name = "FILE", env = "TFGUARD_DURATIONS")]
    durations: Option<PathBuf>,
    /// What humans approved [default: .tfguard/approvals.toml beside tfguard.toml, else at the top of the repository].
    #[arg(long, value_name = "FILE", env = "TFGUARD_APPROVALS")]
    approvals: Option<PathBuf>,
    /// An earlier JSON or SARIF report of tfguard: what is no worse than there does not fail. Destroys always do.
    #[arg(long, value_name = "FILE", env = "TFGUARD_BASELINE")]
    baseline: Option<String>,
    #[arg(short, long, value_name = "FMT[=FILE]", env = "TFGUARD_FORMAT", value_delimiter = ',', value_parser = parse_output)]
    #[arg(help = format!("The format of the report, and the file it goes to; can be repeated, or separated by commas [formats: {}]", Format::names()))]
    format: Vec<Output>,
    /// Where the files of the repository are shown, for links in markdown: `https://HOST/OWNER/NAME/blob/COMMIT`.
    #[arg(long, value_name = "URL", env = "TFGUARD_LINK_BASE", value_parser = parse_link_base)]
    link_base: Option<String>,
    /// The severity from which on the run fails [default: error].
    #[arg(long, value_enum, value_name = "SEVERITY", env = "TFGUARD_FAIL_ON")]
    fail_on: Option<FailOn>,
    /// How old a plan may be: 90m, 2h, 1d.
    #[arg(long, value_name = "AGE", env = "TFGUARD_MAX_AGE", value_parser = config::parse_age)]
    max_age: Option<u32>,
    /// Exits with 0 whatever is found.
    #[arg(long, env = "TFGUARD_EXIT_ZERO", value_parser = environment::yes_or_no)]
    exit_zero: bool,
    /// Puts waived, approved and unchanged findings into SARIF as well: code scanning opens alerts for them.
    #[arg(long, env = "TFGUARD_SARIF_ACCEPTED", value_parser = environment::yes_or_no)]
    sarif_accepted: bool,
    /// Shows everything, in full length.
    #[arg(short, long, env = "TFGUARD_VERBOSE", value_parser = environment::yes_or_no)]
    verbose: bool,
    /// Shows findings and verdict only.
    #[arg(short, long, env = "TFGUARD_QUIET", value_parser = environment::yes_or_no)]
    quiet: bool,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, env = "TFGUARD_COLOR")]
    color: Color,
}

/// What to read.
#[derive(Debug, Args)]
struct InputArgs {
    /// Plan documents (terraform show -json), - for standard input, or binary plan files (terraform plan -out); states of
    /// other stacks beside them.
    #[arg(required_unless_present_any = ["graph", "source"], value_name = "PLAN")]
    plans: Vec<String>,
    /// A graph (terraform graph) of the same configuration.
    #[arg(long, value_name = "FILE", env = "TFGUARD_GRAPH")]
    graph: Option<String>,
    /// The root module's directory [default: the plan's, else the working directory, when it holds the plan's sources].
    #[arg(long, value_name = "DIR", env = "TFGUARD_SOURCE")]
    source: Option<PathBuf>,
    /// The program that reads binary plan files [default: terraform, or else tofu].
    #[arg(long, value_name = "PATH", env = "TFGUARD_TERRAFORM")]
    terraform: Option<PathBuf>,
}

impl InputArgs {
    fn inputs(&self) -> Inputs {
        Inputs {
            plans: self.plans.clone(),
            source: self.source.clone(),
            graph: self.graph.clone(),
            terraform: self.terraform.clone(),
        }
    }

    /// The same for commands that are shown.
    fn given(&self, config: Option<&PathBuf>, approvals: Option<&PathBuf>) -> Given {
        Given {
            plans: self.plans.clone(),
            source: self.source.clone(),
            graph: self.graph.clone(),
            terraform: self.terraform.clone(),
            config: config.cloned(),
            approvals: approvals.cloned(),
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Output {
    format: Format,
    file: Option<PathBuf>,
}

fn parse_output(text: &str) -> Result<Output, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err("no file after =".to_owned()),
        Some((format, "-")) => (format, None),
        Some((_, file)) if names_another(file) => {
            return Err("separate formats by commas".to_owned());
        }
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| {
        format!(
            "no format {}: use {}",
            inert(&safe(format)),
            Format::names()
        )
    })?;
    Ok(Output { format, file })
}

/// Whether what should be a file goes on with another format: `x.json text`.
fn names_another(file: &str) -> bool {
    let mut words = file.split_whitespace().skip(1);
    words.any(|word| {
        let format = word.split('=').next().unwrap_or_default();
        <Format as clap::ValueEnum>::from_str(format, false).is_ok()
    })
}

/// A URL that needs no escaping where Markdown has the target of a link.
fn parse_link_base(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/%+@".contains(&b);
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("not a plain http(s) URL like https://github.com/acme/infra/blob/main".to_owned())
    }
}

impl Color {
    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

impl Cli {
    /// When to use colour.
    pub fn color(&self) -> ColorChoice {
        self.check.color.choice()
    }

    /// Whether standard output gets text with colours, to be taken out where they do not belong.
    pub fn writes_colour(&self) -> bool {
        let text = |output: &Output| output.file.is_none() && output.format == Format::Text;
        self.check.format.is_empty() || self.check.format.iter().any(text)
    }
}

/// Does what the command line says; writes reports to `out`, everything else to standard error.
pub fn main(cli: &Cli, out: &mut dyn Write) -> ExitCode {
    let color = cli.check.color;
    let done = match &cli.command {
        Some(Command::Explain { rule }) => explain(rule, out),
        Some(Command::Rules) => list_rules(out).map(|()| ExitCode::SUCCESS),
        Some(Command::Graph(args)) => graph::graph(args, out),
        Some(Command::Calibrate(args)) => calibrate::calibrate(args, out),
        Some(Command::Init(args)) => init::init(args, out),
        Some(Command::Approve(args)) => approve::approve(args, out),
        Some(Command::Comment(args)) => comment::comment(args, out),
        None => check::check(&cli.check, out, color),
    };
    // What waits in a buffer is lost without a word when that is dropped.
    let done = done.and_then(|code| match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Write(error)),
        _ => Ok(code),
    });
    done.unwrap_or_else(|failure| match failure {
        // Whoever reads the report has seen enough.
        Failure::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Failure::Write(error) => complain(
            &Error::new(format!("cannot write the report: {error}")),
            color,
        ),
        Failure::Error(error) => complain(&error, color),
    })
}

/// Why a command did not do its job.
#[derive(Debug)]
enum Failure {
    Error(Error),
    Write(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Shows an error on standard error.
fn complain(error: &Error, color: Color) -> ExitCode {
    let fancy = io::stderr().is_terminal() || matches!(color, Color::Always);
    let theme = if fancy {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let rendered = GraphicalReportHandler::new_themed(theme)
        .with_width(80)
        .render_report(&mut text, error);
    if rendered.is_err() {
        text = format!("error: {error}\n");
    }
    let lines = text.trim_start_matches('\n').lines().map(inert);
    let text: String = lines.flat_map(|line| [line, "\n".into()]).collect();
    // Nobody is left to tell when standard error is gone.
    let _ = write!(AutoStream::new(io::stderr(), color.choice()), "{text}");
    ExitCode::from(FAILED)
}

/// Says on standard error what is not in what was printed.
fn complain_about_rest(note: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr(), "note: {note}");
}

fn explain(id: &str, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let Some(rule) = rules::find(id) else {
        let error = Error::new(format!("there is no rule {id}"));
        return Err(error.help(rules::hint(id)).into());
    };
    out.write_all(rule.meta().page.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn list_rules(out: &mut dyn Write) -> Result<(), Failure> {
    let widest = rules::RULES
        .iter()
        .map(|rule| rule.meta().id.len())
        .max()
        .unwrap_or(0);
    for rule in rules::RULES {
        let meta = rule.meta();
        let longest = Severity::Warning.word().len();
        writeln!(
            out,
            "{:widest$}  {:longest$}  {}",
            meta.id,
            meta.severity.word(),
            meta.summary
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Cli, Output, parse_link_base, parse_output};
    use crate::report::Format;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_format_may_name_its_file() {
        assert_eq!(
            parse_output("json"),
            Ok(Output {
                format: Format::Json,
                file: None
            })
        );
        assert_eq!(
            parse_output("sarif=a=b.sarif"),
            Ok(Output {
                format: Format::Sarif,
                file: Some("a=b.sarif".into())
            })
        );
        assert!(parse_output("sarif=").is_err() && parse_output("yaml").is_err());
    }

    #[test]
    fn a_base_of_links_is_a_plain_url() {
        assert!(parse_link_base("https://github.com/acme/infra/blob/0a1b").is_ok());
        for bad in [
            "",
            "acme/infra",
            "javascript:x",
            "https://x/)[y](",
            "https://x y",
            "https://x/<b>",
        ] {
            assert!(parse_link_base(bad).is_err(), "{bad}");
        }
    }
}
