//! `tfguard calibrate`: how long objects took.

use super::file::write_whole;
use super::{Failure, complain_about_rest};
use crate::durations::Calibration;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which logs, and where to.
#[derive(Debug, Args)]
pub(super) struct CalibrateArgs {
    /// Logs of terraform apply -json, - for standard input.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the durations; what the logs lack goes to standard error, even if there is nothing to write.
pub(super) fn calibrate(args: &CalibrateArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let mut calibration = Calibration::default();
    let read = args.logs.iter().try_for_each(|log| calibration.read(log));
    for note in calibration.notes() {
        complain_about_rest(note);
    }
    read?;
    let toml = calibration.toml()?;
    match &args.output {
        Some(file) => write_whole(file, toml.as_bytes())?,
        None => out.write_all(toml.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
