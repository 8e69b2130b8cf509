//! The program: everything is in the library.

use anstream::{AutoStream, ColorChoice, StripStream};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use tfguard::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::read();
    let out = io::stdout().lock();
    if !cli.writes_colour() {
        return cli::main(&cli, &mut BufWriter::new(out));
    }
    let choice = match cli.color() {
        ColorChoice::Auto => AutoStream::choice(&out),
        choice => choice,
    };
    if choice == ColorChoice::Never {
        // What is stripped comes in pieces: of the text between two colours each would be a write of its own.
        let out: Box<dyn Write> = Box::new(BufWriter::new(out));
        cli::main(&cli, &mut StripStream::new(out))
    } else {
        cli::main(&cli, &mut BufWriter::new(AutoStream::new(out, choice)))
    }
}
