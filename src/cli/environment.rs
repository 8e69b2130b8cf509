//! `TFGUARD_*` variables: what the command line leaves open.

use super::Cli;
use crate::safe::{inert, safe};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory as _, Error, FromArgMatches as _};
use std::ffi::OsStr;

/// Leads to no variable: what an argument is given whose own variable is empty.
const NONE: &str = "TFGUARD_";

/// Reads what a variable says of a flag: `1`, `true`, `yes`, `on`, or the opposites.
pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("say 1, true, yes or on, or 0, false, no or off".to_owned()),
    }
}

impl Cli {
    /// Reads the command line and the variables; ends the program when they cannot be understood, or were a question.
    pub fn read() -> Self {
        let mut command = Self::command()
            .mut_args(without_empty)
            .mut_subcommands(|sub| sub.mut_args(without_empty));
        let read = command.try_get_matches_from_mut(std::env::args_os());
        let read = read.and_then(|matches| Ok((Self::from_arg_matches(&matches)?, matches)));
        let decided = read.and_then(|(mut cli, matches)| {
            cli.decide(&matches, &mut command)?;
            Ok(cli)
        });
        decided.unwrap_or_else(|error| visible(named(error, &command)).exit())
    }

    /// Of `--verbose` and `--quiet`, the one on the command line beats the other in a variable.
    fn decide(&mut self, matches: &ArgMatches, command: &mut Command) -> Result<(), Error> {
        let check = &mut self.check;
        if !(check.verbose && check.quiet) {
            return Ok(());
        }
        let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        match (typed("verbose"), typed("quiet")) {
            (true, false) => check.quiet = false,
            (false, true) => check.verbose = false,
            _ => {
                let message =
                    "--verbose and --quiet (TFGUARD_VERBOSE, TFGUARD_QUIET) exclude each other";
                return Err(command.error(ErrorKind::ArgumentConflict, message));
            }
        }
        Ok(())
    }
}

/// CI systems set a variable to nothing for a setting that nobody made.
fn without_empty(arg: Arg) -> Arg {
    let empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    if arg.get_env().is_some_and(empty) {
        arg.env(NONE).hide_env(true)
    } else {
        arg
    }
}

/// Makes what was typed safe to show: a script may take names of files from anybody.
fn visible(mut error: Error) -> Error {
    let made_safe = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(text) => Some((kind, ContextValue::String(plain(text)))),
        ContextValue::Strings(texts) => {
            let texts = texts.iter().map(|text| plain(text)).collect();
            Some((kind, ContextValue::Strings(texts)))
        }
        _ => None,
    });
    for (kind, value) in made_safe.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}

fn plain(text: &str) -> String {
    inert(&safe(text)).into_owned()
}

/// Says of a wrong value that it came from a variable.
fn named(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let long = shown.trim_start_matches('-').split([' ', '=']).next();
    let long = long.unwrap_or_default().to_owned();
    let typed = std::env::args().any(|arg| {
        let name = arg.split('=').next().unwrap_or_default();
        name.strip_prefix("--") == Some(&long)
    });
    let arg = command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(&long));
    let set = arg
        .and_then(Arg::get_env)
        .filter(|name| std::env::var_os(name).is_some());
    if let Some(name) = set.filter(|_| !typed) {
        let shown = format!("{shown} (from {})", name.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
    }
    error
}
