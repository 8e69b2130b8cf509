//! The check itself: from arguments to reports and an exit code.

use super::file::{Staged, is_same};
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
    match write_all(&report, &outputs, args, out) {
        // Whoever reads the report has seen enough; who asks for the exit code has not.
        Err(Failure::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        done => done?,
    }
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
    let files = || {
        args.format
            .iter()
            .filter_map(|output| output.file.as_deref())
    };
    if args.format.len() - files().count() > 1 {
        return Err(Error::new("two reports cannot share standard output")
            .help("name files: -f text -f sarif=tfguard.sarif"));
    }
    for (nth, file) in files().enumerate() {
        if files().take(nth).any(|other| is_same(file, other)) {
            return Err(
                Error::new(format!("two reports cannot share {}", file.display()))
                    .help("name a file for each: -f json=tfguard.json -f sarif=tfguard.sarif"),
            );
        }
        let mut plans = args.inputs.plans.iter().map(Path::new);
        if plans.any(|plan| is_same(file, plan)) {
            return Err(Error::new(format!(
                "the report would replace the plan {}",
                file.display()
            ))
            .help("name another file: -f sarif=tfguard.sarif plan.json"));
        }
    }
    Ok(args.format.clone())
}

/// Writes all reports or none: files are seen when everything else is said.
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
    let mut staged = Vec::new();
    for output in outputs {
        if let Some(file) = &output.file {
            let bytes = bytes(report, output.format, style)?;
            staged.push(Staged::new(file, &bytes)?);
        }
    }
    let (files, streams): (Vec<_>, Vec<_>) = staged.into_iter().partition(Staged::is_file);
    put(streams)?;
    let printed = outputs.iter().find(|output| output.file.is_none());
    let said = printed.map_or(Ok(()), |output| {
        report::write(report, output.format, style, out)?;
        out.flush()
    });
    match said {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Write(error)),
        said => {
            put(files)?;
            Ok(said?)
        }
    }
}

fn put(staged: Vec<Staged>) -> Result<(), Error> {
    staged.into_iter().try_for_each(Staged::put)
}

/// A report as it stands in a file.
fn bytes(report: &Report, format: Format, style: Style) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    let written = report::write(report, format, style, &mut plain);
    written.map_err(|error| Error::new(format!("cannot make the report: {error}")))?;
    Ok(bytes)
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
