//! `tfguard graph`: the dependency graph itself.

use super::{Failure, InputArgs, complain_about_rest};
use crate::error::Error;
use crate::picture::select::{Direction, changed, collapse_modules, focus, named};
use crate::picture::{Format, Picture, write};
use crate::rules::nearest_of;
use clap::Args;
use std::io::Write;
use std::process::ExitCode;

/// Which part of the graph, and in which form.
#[derive(Debug, Args)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// The form.
    #[arg(short, long, value_enum, default_value = "dot")]
    format: Format,
    /// Only what is near to this address: an object, a block with all its instances, or a module.
    #[arg(long, value_name = "ADDRESS")]
    focus: Option<String>,
    /// How many steps around it.
    #[arg(long, default_value_t = 2, requires = "focus")]
    depth: usize,
    /// Up to what depends on it, down to what it depends on, or both.
    #[arg(long, value_enum, default_value_t, requires = "focus")]
    direction: Direction,
    /// Only what changes, and what lies between two things that change.
    #[arg(long)]
    changed: bool,
    /// Draws each module as one box.
    #[arg(long)]
    collapse: bool,
}

/// Prints the graph.
pub(super) fn graph(args: &GraphArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let drawn = crate::draw(&args.inputs.inputs())?;
    let mut picture = drawn.picture;
    for note in &drawn.notes {
        complain_about_rest(note);
    }
    if let Some(address) = &args.focus {
        picture = around(&picture, address, args)?;
    }
    if args.changed {
        picture = changed(&picture);
    }
    if args.collapse {
        picture = collapse_modules(&picture, |_| false);
    }
    write(&picture, args.format, out)?;
    Ok(ExitCode::SUCCESS)
}

fn around(picture: &Picture, address: &str, args: &GraphArgs) -> Result<Picture, Error> {
    let starts = named(picture, address);
    if starts.is_empty() {
        let error = Error::new(format!("the graph has no {address}"));
        let near = nearest_of(address, picture.nodes.iter().map(|node| node.id.as_str()));
        return Err(match near {
            Some(near) => error.help(format!("did you mean {near}?")),
            None => error.help("addresses are those of the plan: module.net.aws_vpc.main"),
        });
    }
    Ok(focus(picture, &starts, args.depth, args.direction))
}
