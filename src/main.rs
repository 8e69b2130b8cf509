//! The program: everything is in the library.

use anstream::AutoStream;
use clap::Parser as _;
use std::io::{self, BufWriter};
use std::process::ExitCode;
use tfguard::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = AutoStream::new(io::stdout(), cli.color());
    cli::main(&cli, &mut BufWriter::new(out))
}
