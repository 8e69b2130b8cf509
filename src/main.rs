//! The program: everything is in the library.

use anstream::AutoStream;
use std::io::{self, BufWriter};
use std::process::ExitCode;
use tfguard::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::read();
    let out = io::stdout().lock();
    if cli.writes_colour() {
        let out = AutoStream::new(out, cli.color());
        cli::main(&cli, &mut BufWriter::new(out))
    } else {
        cli::main(&cli, &mut BufWriter::new(out))
    }
}
