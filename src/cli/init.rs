//! `tfguard init`: a configuration to begin with.

use super::Failure;
use super::file::write_new;
use crate::error::Error;
use crate::fit;
use crate::input::gather::Inputs;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const NAME: &str = "tfguard.toml";

/// What it is fitted to, and where it goes.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// A plan document (terraform show -json) or binary plan file (terraform plan -out) to fit it to.
    plan: Option<String>,
    /// The file to write, - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = NAME)]
    output: PathBuf,
    /// The root module's directory [default: as in the check].
    #[arg(long, value_name = "DIR", env = "TFGUARD_SOURCE")]
    source: Option<PathBuf>,
    /// The program that reads binary plan files [default: terraform, or else tofu].
    #[arg(long, value_name = "PATH", env = "TFGUARD_TERRAFORM")]
    terraform: Option<PathBuf>,
}

/// Writes it, or prints it. Nothing is overwritten.
pub(super) fn init(args: &InitArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let inputs = Inputs {
        plans: args.plan.iter().cloned().collect(),
        source: args.source.clone(),
        terraform: args.terraform.clone(),
        ..Inputs::default()
    };
    if args.output == Path::new("-") {
        out.write_all(fit::fit(&inputs, Path::new(NAME))?.as_bytes())?;
    } else {
        write(&inputs, &args.output)?;
        writeln!(
            out,
            "written to {}: read it, and commit it",
            args.output.display()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(inputs: &Inputs, file: &Path) -> Result<(), Error> {
    if file.symlink_metadata().is_ok() {
        let error = Error::new(format!("{} is there already", file.display()));
        return Err(error.help(
            "print one with -o -, and take over what you need; or name another file with -o",
        ));
    }
    // A file of another name is used where it is named, and hides nothing.
    if file.file_name().is_some_and(|name| name == NAME) {
        fit::refuse_to_hide(file)?;
    }
    write_new(file, fit::fit(inputs, file)?.as_bytes())
}
