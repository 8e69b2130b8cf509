//! The check itself: from arguments to reports and an exit code.

use super::file::write_whole;
use super::{CheckArgs, Color, FAILED, Failure, Output, complain};
use crate::error::Error;
use crate::gate::Report;
use crate::report::{self, Format, Style};
use crate::{Request, run};
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

/// Wider terminals get no wider text: nobody reads it.
const WIDEST: usize = 100;

/// Runs the check and writes its reports.
pub(super) fn check(
    args: &CheckArgs,
    out: &mut dyn Write,
    color: Color,
) -> Result<ExitCode, Failure> {
    let outputs = outputs(args)?;
    let mut request = request(args);
    request.picture = outputs
        .iter()
        .any(|output| output.format == Format::Markdown);
    let checked = run(&request)?;
    // The process ends soon: giving back every object of a large plan would take a tenth of the check.
    std::mem::forget(checked.made_from);
    for error in &checked.errors {
        complain(error, color);
    }
    let Some(mut report) = checked.report else {
        return Ok(ExitCode::from(FAILED));
    };
    report.link_base.clone_from(&args.link_base);
    report.given = (args.inputs).given(args.config.as_ref(), args.approvals.as_ref());
    write_all(&report, &outputs, args, out)?;
    let failed = report.failed && !args.exit_zero;
    std::mem::forget(report);
    Ok(if !checked.errors.is_empty() {
        ExitCode::from(FAILED)
    } else if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn request(args: &CheckArgs) -> Request {
    Request {
        inputs: args.inputs.inputs(),
        config: args.config.clone(),
        durations: args.durations.clone(),
        approvals: args.approvals.clone(),
        approving: false,
        baseline: args.baseline.clone(),
        fail_on: args.fail_on,
        max_age: args.max_age,
        clock: Some(SystemTime::now),
        ci: std::env::var("CI").is_ok_and(|value| !matches!(&*value, "" | "0" | "false")),
        picture: false,
    }
}

/// The reports that were asked for; two cannot share standard output.
fn outputs(args: &CheckArgs) -> Result<Vec<Output>, Error> {
    if args.format.is_empty() {
        return Ok(vec![Output {
            format: Format::default(),
            file: None,
        }]);
    }
    if args
        .format
        .iter()
        .filter(|output| output.file.is_none())
        .count()
        > 1
    {
        return Err(Error::new("two reports cannot share standard output")
            .help("name files: -f text -f sarif=tfguard.sarif"));
    }
    Ok(args.format.clone())
}

/// Writes files first: when one cannot be written, nothing has been said yet.
fn write_all(
    report: &Report,
    outputs: &[Output],
    args: &CheckArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let style = Style {
        width: width(),
        verbose: args.verbose,
        quiet: args.quiet,
        accepted: args.sarif_accepted,
        exit_zero: args.exit_zero,
    };
    for output in outputs {
        if let Some(file) = &output.file {
            write_file(report, output.format, style, file)?;
        }
    }
    for output in outputs.iter().filter(|output| output.file.is_none()) {
        report::write(report, output.format, style, out)?;
    }
    Ok(())
}

/// Writes a report to a file.
fn write_file(report: &Report, format: Format, style: Style, path: &Path) -> Result<(), Error> {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    let written = report::write(report, format, style, &mut plain);
    written.map_err(|error| Error::new(format!("cannot make the report: {error}")))?;
    write_whole(path, &bytes)
}

/// The width of the terminal; 80 columns in a pipe, so that a report is the same wherever it is made.
fn width() -> usize {
    let terminal = io::stdout()
        .is_terminal()
        .then(terminal_size::terminal_size)
        .flatten();
    terminal.map_or(Style::default().width, |(width, _)| {
        usize::from(width.0).clamp(40, WIDEST)
    })
}
