//! `tfguard comment`: the report where the review is.

use super::Failure;
use crate::error::Error;
use crate::forge::{Body, Kind, Outcome, Patience, Place, Wanted, post, preview};
use clap::Args;
use std::io::{self, Read as _, Write};
use std::process::ExitCode;

/// What to post, and where.
#[derive(Debug, Args)]
#[command(
    after_help = "The token comes from the environment: GITHUB_TOKEN or GH_TOKEN, GITLAB_TOKEN or CI_JOB_TOKEN.\nExit codes: 0 the comment is as it should be, 2 could not do the job."
)]
pub(super) struct CommentArgs {
    /// A report that tfguard -f markdown=FILE wrote, - for standard input.
    file: String,
    /// The host [default: told by GitHub Actions or GitLab CI].
    #[arg(long, value_enum)]
    host: Option<Kind>,
    /// The repository: OWNER/NAME, on GitLab the project's path or number [default: this workflow's].
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// The number of the pull request or merge request [default: this workflow's].
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// The address of the API [default: this workflow's].
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Tells this comment from others of tfguard in the thread [default: the stacks of the report].
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Posts a report with nothing open too; else it only updates an earlier comment.
    #[arg(long)]
    always: bool,
    /// Says what it would do and writes nothing; without a token it does not even read.
    #[arg(long)]
    dry_run: bool,
}

/// Posts the comment, or says what would be posted.
pub(super) fn comment(args: &CommentArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let mut body = Body::new(read(&args.file)?, &args.file)?;
    if let Some(key) = &args.key {
        body = body.with_key(key)?;
    }
    let wanted = Wanted {
        kind: args.host,
        repository: args.repository.clone(),
        number: args.number,
        api: args.api.clone(),
    };
    let place = Place::find(&wanted, &|name| std::env::var(name).ok())?;
    if args.dry_run {
        let would = preview(&body, &place, args.always, patience())?;
        writeln!(out, "{would}")?;
    } else {
        let outcome = post(&body, &place, args.always, patience())?;
        writeln!(out, "{}", told(outcome, &place))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error why it takes long.
fn patience() -> Patience {
    Patience {
        tell: Box::new(super::complain_about_rest),
        ..Patience::default()
    }
}

fn read(file: &str) -> Result<Vec<u8>, Error> {
    let read = if file == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| {
        Error::new(format!("cannot read {file}: {error}"))
            .help("make the report first: tfguard -f markdown=report.md plan.json")
    })
}

fn told(outcome: Outcome, place: &Place) -> String {
    match outcome {
        Outcome::Created(id) => format!("created comment {id} on {place}"),
        Outcome::Updated(id) => format!("updated comment {id} on {place}"),
        Outcome::Unchanged(id) => format!("comment {id} on {place} says the same already"),
        Outcome::Nothing => {
            format!("nothing is open, and {place} has no earlier comment: nothing posted")
        }
    }
}
