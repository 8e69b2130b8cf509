//! `tfguard approve`: records a human's consent to exact findings.

mod list;
mod lock;
mod page;

use self::lock::Lock;
use self::page::Page;
use super::file::write_whole;
use super::who::who;
use super::{Failure, InputArgs};
use crate::config::parse_age;
use crate::error::Error;
use crate::finding::{Finding, Severity, Status};
use crate::gate::StackReport;
use crate::gate::approvals::{Approval, Approvals, Consent, Unfit};
use crate::input::day::Day;
use crate::input::time::since_1970;
use crate::rules::{self, Family, nearest_of};
use crate::{Request, Run, run};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// A longer reason belongs into the pull request.
const LONGEST_REASON: usize = 1_000;

/// The minutes an approval holds.
const HOLDS: u32 = 30 * 24 * 60;
/// The same of one that covers whatever stands at the address.
const HOLDS_SHORT: u32 = 7 * 24 * 60;

/// So many findings that lose data are named when they are refused.
const LISTED: usize = 10;

/// What is approved, why, and until when.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").multiple(true)))]
pub(super) struct ApproveArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// The configuration [default: tfguard.toml, searched upward].
    #[arg(long, value_name = "FILE", env = "TFGUARD_CONFIG")]
    config: Option<PathBuf>,
    /// The file of approvals [default: .tfguard/approvals.toml beside tfguard.toml, else at the top of the repository].
    #[arg(long, value_name = "FILE", env = "TFGUARD_APPROVALS")]
    approvals: Option<PathBuf>,
    /// The fingerprint of a finding to approve; can be repeated [default: lists what there is].
    #[arg(long, value_name = "FINGERPRINT", requires = "reason", group = "which")]
    finding: Vec<String>,
    /// Approves every destroy of severity error; those that lose data must be named with --finding.
    #[arg(long, requires = "reason", group = "which")]
    all: bool,
    /// Why it is right to do this.
    #[arg(long, value_name = "TEXT", requires = "which", value_parser = parse_reason)]
    reason: Option<String>,
    /// The last day it holds: 2027-01-31.
    #[arg(long, value_name = "DAY", value_parser = parse_day, conflicts_with = "hold")]
    expires: Option<Day>,
    /// How long it holds: 7d, 2w [default: 30d; 7d where nothing tells an object from the next one at its address].
    #[arg(id = "hold", long = "for", value_name = "AGE", value_parser = parse_age)]
    hold: Option<u32>,
    /// Who approves [default: user.name and user.email of git].
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    by: Option<String>,
}

impl ApproveArgs {
    /// The command that approves a finding of the same plans.
    fn command(&self, fingerprint: &str) -> String {
        let given = (self.inputs).given(self.config.as_ref(), self.approvals.as_ref());
        given.approval(&given.plans, fingerprint)
    }
}

fn parse_reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("no reason: say why it is right to do this".to_owned()),
        long if long.chars().count() > LONGEST_REASON => Err(format!(
            "longer than {LONGEST_REASON} characters: say it in the pull request and point there"
        )),
        reason => Ok(reason.to_owned()),
    }
}

fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("{text} is no day: write it as 2027-01-31"))
}

fn parse_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("no name".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// Lists what can be approved, or approves it. Nothing is written unless all that was asked for can be.
pub(super) fn approve(args: &ApproveArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let mut page = Page::new(out);
    let code = list_or_approve(args, &mut page)?;
    page.flush()?;
    Ok(code)
}

fn list_or_approve(args: &ApproveArgs, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let Run {
        report,
        errors,
        approvals,
        ..
    } = run(&request(args))?;
    if let Some(error) = errors.into_iter().next() {
        return Err(error.into());
    }
    let (findings, stacks) = report
        .map(|report| (report.findings, report.stacks))
        .unwrap_or_default();
    let Some(reason) = args
        .reason
        .as_deref()
        .filter(|_| args.all || !args.finding.is_empty())
    else {
        return list::list(&findings, args, out);
    };
    let chosen = choose(args, &findings)?;
    if chosen.is_empty() {
        writeln!(
            out,
            "nothing to approve: no open finding of severity error destroys anything"
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    record(args, (&chosen, &stacks), reason, approvals, out)?;
    list::still_open(&findings, &chosen, out)?;
    Ok(ExitCode::SUCCESS)
}

fn request(args: &ApproveArgs) -> Request {
    Request {
        inputs: args.inputs.inputs(),
        config: args.config.clone(),
        approvals: args.approvals.clone(),
        approving: true,
        clock: Some(SystemTime::now),
        ..Request::default()
    }
}

/// The findings that are named, and with `--all` every destroy that fails a run. Data is never lost by `--all`.
fn choose<'f>(args: &ApproveArgs, findings: &'f [Finding]) -> Result<Vec<&'f Finding>, Error> {
    let mut chosen = Vec::new();
    for fingerprint in &args.finding {
        let finding = named(fingerprint, findings)?;
        if !chosen.contains(&finding) {
            chosen.push(finding);
        }
    }
    let destroys = findings
        .iter()
        .filter(|finding| is_destroy(finding) && !chosen.contains(finding));
    let rest: Vec<_> = destroys.filter(|_| args.all).collect();
    let lost: Vec<_> = rest.iter().filter(|finding| finding.loses_data()).collect();
    if lost.is_empty() {
        chosen.extend(rest);
        return Ok(chosen);
    }
    let shown = lost
        .iter()
        .take(LISTED)
        .map(|finding| finding.fingerprint());
    let mut shown = shown.collect::<Vec<_>>().join(", ");
    if lost.len() > LISTED {
        shown = format!("{shown} and {} more", lost.len() - LISTED);
    }
    Err(Error::new(format!("nothing was recorded: --all does not approve what loses data, {shown}"))
        .help("look at each of them and name it with --finding; tfguard approve without options shows the commands"))
}

/// Whether a finding fails a run because it destroys something, or loses it.
fn is_destroy(finding: &Finding) -> bool {
    let family = rules::find(finding.rule).map(|rule| rule.meta().family);
    finding.is_open() && finding.severity == Severity::Error && family == Some(Family::Destroy)
}

fn named<'f>(fingerprint: &str, findings: &'f [Finding]) -> Result<&'f Finding, Error> {
    let mut found = findings
        .iter()
        .filter(|finding| finding.fingerprint() == fingerprint);
    let Some(finding) = found.next() else {
        let known: Vec<_> = findings.iter().map(Finding::fingerprint).collect();
        let error = Error::new(format!("the plan has no finding {fingerprint}"));
        let near = nearest_of(fingerprint, known.iter().map(String::as_str));
        return Err(match near {
            Some(near) => error.help(format!("did you mean {near}?")),
            None => error.help("without --finding, tfguard approve lists what there is"),
        });
    };
    if found.next().is_some() {
        return Err(Error::new(format!(
            "two findings have the fingerprint {fingerprint}: no approval could tell them apart"
        ))
        .help("waive it in tfguard.toml, or change the plan"));
    }
    if matches!(finding.status, Status::Waived | Status::Unchanged) {
        let status = finding.status.word();
        return Err(Error::new(format!(
            "{fingerprint} needs no approval: it is {status} already"
        ))
        .help("tfguard -v shows by what"));
    }
    Ok(finding)
}

fn record(
    args: &ApproveArgs,
    (chosen, stacks): (&[&Finding], &[StackReport]),
    reason: &str,
    mut approvals: Approvals,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let today = Day::at(since_1970(SystemTime::now()));
    let by = match &args.by {
        Some(by) => by.clone(),
        None => who(approvals.path())?,
    };
    let made = chosen.iter().map(|finding| {
        let consent = approvals.consent(finding, stacks);
        let consent = consent.map_err(|unfit| refused(finding, unfit))?;
        let expires = last_day(args, &consent, &today)?;
        Ok(Approval::new(consent, &by, &today, &expires, reason))
    });
    let made: Vec<Approval> = made.collect::<Result<_, Error>>()?;
    let until: Vec<_> = made.iter().map(|made| made.expires.clone()).collect();
    let name = made[0].by.clone();
    let dropped = write(&mut approvals, made, &today)?;
    let shown = approvals.shown();
    writeln!(out, "approved by {name}:")?;
    for (finding, until) in chosen.iter().zip(until) {
        writeln!(out, "  {}, until {until}", list::heading(finding))?;
    }
    if dropped > 0 {
        writeln!(out, "taken out because they had expired: {dropped}")?;
    }
    writeln!(
        out,
        "written to {shown}: commit it with the change, and have its code owner review it"
    )?;
    Ok(())
}

/// Takes approvals into the file, with what others have written since it was read. Returns how many had expired.
fn write(approvals: &mut Approvals, made: Vec<Approval>, today: &Day) -> Result<usize, Error> {
    create_folder(approvals)?;
    let _lock = Lock::of(approvals.path())?;
    approvals.read_again()?;
    let dropped = approvals.take_in(made, today);
    write_whole(approvals.path(), approvals.write().as_bytes())?;
    Ok(dropped)
}

fn refused(finding: &Finding, why: Unfit) -> Error {
    Error::new(format!(
        "{} cannot be approved: {why}",
        finding.fingerprint()
    ))
    .help(match why {
        Unfit::Hidden => {
            "nothing was recorded; a waiver in tfguard.toml does not need to know the object"
        }
        Unfit::Unseen(_) => "nothing was recorded",
    })
}

/// The last day an approval holds.
fn last_day(args: &ApproveArgs, consent: &Consent, today: &Day) -> Result<Day, Error> {
    let default = if consent.tells_its_objects() {
        HOLDS
    } else {
        HOLDS_SHORT
    };
    let hold = u64::from(args.hold.unwrap_or(default));
    let later = SystemTime::now().checked_add(Duration::from_secs(hold * 60));
    // A year of five digits is no day in TOML.
    let last = || Day::parse(&Day::at(since_1970(later?)).to_string());
    let expires = args.expires.clone().or_else(last);
    let expires = expires
        .ok_or_else(|| Error::new("that is too far away").help("use --expires 2027-01-31"))?;
    if expires < *today {
        return Err(
            Error::new(format!("{expires} is over: it would approve nothing"))
                .help("give a day to come"),
        );
    }
    Ok(expires)
}

fn create_folder(approvals: &Approvals) -> Result<(), Error> {
    let Some(folder) = approvals.path().parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::new(format!(
            "cannot make the directory {}: {error}",
            folder.display()
        ))
        .help("name another file with --approvals")
    })
}
