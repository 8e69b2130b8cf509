//! Text for people: the verdict, what is destroyed and why, then the rest.

mod named;
mod page;

use super::changes::changes;
use super::closing::{accepted, count};
use super::words::stack_before;
use super::{Style, loss, snippet};
use crate::finding::{Finding, Justification, Location, Related, Severity, Status};
use crate::gate::{Report, StackReport};
use crate::rules::{self, Family};
use anstyle::{AnsiColor, Style as Paint};
use named::{first_with_data, is_named, repeats};
use page::Page;
use std::collections::BTreeMap;
use std::io;

/// Members shown without `-v`.
const MEMBERS: usize = 10;
/// Notes of one rule shown without `-v`.
const NOTES: usize = 5;
/// Related objects shown without `-v`.
const RELATED: usize = 3;
/// So many lines of HCL are shown without `-v`.
const HCL_LINES: usize = 14;
/// Steps shown at either end of a long path.
const PATH_END: usize = 4;

const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const RED: Paint = AnsiColor::Red.on_default().bold();
const YELLOW: Paint = AnsiColor::Yellow.on_default().bold();
const CYAN: Paint = AnsiColor::Cyan.on_default().bold();
const GREEN: Paint = AnsiColor::Green.on_default().bold();

/// Writes the report, with colours: whoever owns the writer strips them where they do not belong.
pub(super) fn write(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page {
        text: String::new(),
        style,
    };
    page.head(report);
    // What is destroyed comes first, unless it is nothing anybody would miss.
    let destroys = |finding: &&Finding| {
        finding.severity != Severity::Note
            && rules::find(finding.rule).is_some_and(|rule| rule.meta().family == Family::Destroy)
    };
    let open = |finding: &&Finding| finding.is_open();
    for finding in report.findings.iter().filter(open).filter(destroys) {
        page.finding(finding, report.stacks.len() > 1);
    }
    page.others(report, &|finding| finding.is_open() && !destroys(&finding));
    if style.verbose {
        for finding in report.findings.iter().filter(|finding| !open(finding)) {
            page.finding(finding, report.stacks.len() > 1);
        }
    } else {
        page.losses(report);
    }
    if !style.quiet {
        page.notes(report);
    }
    page.verdict(report);
    out.write_all(page.text.as_bytes())
}

impl Page {
    fn head(&mut self, report: &Report) {
        for stack in &report.stacks {
            let (paint, word) = if report.fails(stack) {
                (RED, "FAIL")
            } else {
                (GREEN, "PASS")
            };
            let version = stack
                .terraform_version
                .as_deref()
                .map(|version| format!(", {version}"))
                .unwrap_or_default();
            let plan = format!(" ({}{version})", stack.plan);
            self.line(&format!(
                "{paint}{word}{paint:#}  {BOLD}{}{BOLD:#}{DIM}{plan}{DIM:#}",
                stack.name
            ));
            if !self.style.quiet {
                self.wrapped(&changes(stack), "      ", "      ");
                self.owners(stack);
            }
        }
    }

    fn owners(&mut self, stack: &StackReport) {
        let owners: Vec<_> = stack
            .owners
            .iter()
            .map(|owner| format!("{} ({})", owner.name, owner.changes))
            .collect();
        if !owners.is_empty() {
            self.wrapped(
                &format!("owners of what changes: {}", owners.join(", ")),
                "      ",
                "      ",
            );
        }
    }

    /// What is not about destroys. Of the notes of a rule the first few, unless verbose: a large
    /// configuration has hundreds that nobody will mend today.
    fn others(&mut self, report: &Report, wanted: &dyn Fn(&Finding) -> bool) {
        let mut left_out: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| wanted(finding)) {
            if finding.severity == Severity::Note && !self.style.verbose {
                let (shown, hidden) = left_out.entry(finding.rule).or_default();
                if *shown == NOTES {
                    *hidden += 1;
                    continue;
                }
                *shown += 1;
            }
            self.finding(finding, report.stacks.len() > 1);
        }
        for (rule, (_, hidden)) in left_out.into_iter().filter(|(_, (_, hidden))| *hidden > 0) {
            self.line("");
            self.line(&format!(
                "{DIM}... and {hidden} more of note[{rule}] (-v shows all){DIM:#}"
            ));
        }
    }

    fn finding(&mut self, finding: &Finding, several: bool) {
        let paint = match finding.severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
            Severity::Note => CYAN,
        };
        let word = finding.severity.word();
        self.line("");
        let stack = stack_before(finding, several);
        let address = self.fitted(
            &finding.address,
            word.len() + finding.rule.len() + stack.len() + 4,
        );
        let accepted = if finding.is_open() {
            String::new()
        } else {
            format!(" ({})", finding.status.word())
        };
        self.line(&format!(
            "{paint}{word}[{}]{paint:#}{accepted}: {stack}{BOLD}{address}{BOLD:#}",
            finding.rule
        ));
        if let Some(why) = &finding.justification {
            self.wrapped(&justified(finding.status, why), "  ", "  ");
        }
        self.wrapped(&finding.message, "  ", "  ");
        self.snippet(finding);
        self.members(finding);
        self.related(finding);
        if finding.path.len() > 1 {
            let path = self.path(&finding.path);
            self.wrapped(&format!("path: {path}"), "  ", "    ");
        }
        if let Some(fix) = finding.fix.as_ref().filter(|_| !self.style.quiet) {
            self.wrapped(&format!("help: {}", fix.description), "  ", "        ");
            self.hcl(fix.hcl.as_deref().unwrap_or_default());
        }
    }

    /// A path, its middle left out when nobody would read it.
    fn path(&self, path: &[String]) -> String {
        let shown = 2 * PATH_END;
        if self.style.verbose || path.len() <= shown + 1 {
            return path.join(" -> ");
        }
        format!(
            "{} -> ({} more) -> {}",
            path[..PATH_END].join(" -> "),
            path.len() - shown,
            path[path.len() - PATH_END..].join(" -> ")
        )
    }

    /// HCL to paste: never wrapped, never shortened.
    fn hcl(&mut self, hcl: &str) {
        let lines: Vec<&str> = hcl.lines().collect();
        let most = self.most(HCL_LINES);
        for line in lines.iter().take(most) {
            self.line(format!("        {line}").trim_end());
        }
        if lines.len() > most {
            self.line(&format!(
                "        # {} more lines (-v shows all)",
                lines.len() - most
            ));
        }
    }

    /// The source line, for what a reviewer must look at.
    fn snippet(&mut self, finding: &Finding) {
        let wanted = finding.severity != Severity::Note || self.style.verbose;
        if let (Some(location), Some(snippet)) = (&finding.location, &finding.snippet)
            && wanted
            && !self.style.quiet
        {
            for line in snippet::lines(location, snippet, self.style.width) {
                self.line(&line);
            }
        } else if let Some(Location { file, line, .. }) = finding.location.as_deref() {
            self.wrapped(&format!("at: {file}:{line}"), "  ", "      ");
        }
    }

    /// The members, unless address and message have named them all.
    fn members(&mut self, finding: &Finding) {
        let alone = finding.members.len() == 1 && finding.members[0] == finding.address;
        let mut members = finding.members.iter();
        if alone || !self.style.verbose && members.all(|member| is_named(finding, member)) {
            return;
        }
        let shown = self.most(MEMBERS);
        for member in first_with_data(finding, shown) {
            let member = self.fitted(member, 6);
            self.line(&format!("    - {member}"));
        }
        self.more(finding.members.len().saturating_sub(shown), 0);
    }

    fn related(&mut self, finding: &Finding) {
        let shown = self.most(RELATED);
        let new = |related: &&Related| self.style.verbose || !repeats(finding, related);
        let related: Vec<_> = finding.related.iter().filter(new).collect();
        for related in related.iter().take(shown) {
            self.wrapped(
                &format!("{} {}", related.address, related.message),
                "    ~ ",
                "      ",
            );
        }
        self.more(related.len().saturating_sub(shown), finding.unlisted);
    }

    /// So many of a kind are shown; all of them when verbose.
    fn most(&self, short: usize) -> usize {
        if self.style.verbose {
            usize::MAX
        } else {
            short
        }
    }

    /// So many are left out, and so many are not even in the finding.
    fn more(&mut self, left: usize, unlisted: usize) {
        let all = left + unlisted;
        let way = match (left, unlisted) {
            (0, 0) => return,
            (0, _) => String::new(),
            (_, 0) => " (-v shows all)".to_owned(),
            _ => format!(" (-v shows {left} of them)"),
        };
        self.line(&format!("    {DIM}... and {all} more{way}{DIM:#}"));
    }

    /// What is destroyed with data and yet not open: nobody is to learn of that by `-v` alone.
    fn losses(&mut self, report: &Report) {
        for (nth, finding) in loss::accepted(report).enumerate() {
            if nth == 0 {
                self.line("");
            }
            self.wrapped(&loss::told(report, finding), "", "  ");
        }
    }

    fn notes(&mut self, report: &Report) {
        let notes: Vec<_> = report
            .stacks
            .iter()
            .flat_map(|stack| stack.notes.iter().map(move |note| (stack, note)))
            .collect();
        if notes.is_empty() {
            return;
        }
        self.line("");
        self.line(&format!("{DIM}not seen in this run:{DIM:#}"));
        for (stack, note) in notes {
            let stack = if report.stacks.len() > 1 {
                format!("{}: ", stack.name)
            } else {
                String::new()
            };
            self.wrapped(&format!("{stack}{note}"), "  * ", "    ");
        }
    }

    fn verdict(&mut self, report: &Report) {
        let summary = &report.summary;
        let open = [
            count(summary.error, "error"),
            count(summary.warning, "warning"),
            count(summary.note, "note"),
        ];
        let counts: Vec<_> = open.into_iter().chain(accepted(summary)).collect();
        self.line("");
        self.closing(report, &counts.join(", "));
    }

    /// The last line: the verdict, and where it is a bad one why, and the shortest way to a better one.
    fn closing(&mut self, report: &Report, counts: &str) {
        let (paint, word) = if report.failed {
            (RED, "fail")
        } else {
            (GREEN, "pass")
        };
        let zero = if report.failed && self.style.exit_zero {
            ", and --exit-zero: the exit code is 0"
        } else {
            ""
        };
        let verdict = report.verdict();
        let why = verdict
            .as_ref()
            .map(|v| format!(": {}. To pass, {}", v.why, v.way));
        let command = verdict.and_then(|verdict| verdict.command);
        let stop = if why.is_some() && command.is_none() {
            "."
        } else {
            ""
        };
        let why = why.unwrap_or_default();
        let fail_on = report.fail_on.word();
        let start = self.text.len();
        let line = format!("{word}: {counts} (--fail-on {fail_on}{zero}){why}{stop}");
        self.wrapped(&line, "", "      ");
        let painted = format!("{paint}{word}{paint:#}");
        self.text.replace_range(start..start + word.len(), &painted);
        // To be pasted: never wrapped, never shortened.
        if let Some(command) = command {
            self.line(&format!("      {command}"));
        }
    }
}

/// Who accepted a finding, why and until when.
pub(super) fn justified(status: Status, why: &Justification) -> String {
    let by = why.by.as_ref().map(|by| format!(" by {by}"));
    let until = why.expires.as_ref().map(|day| format!(" until {day}"));
    let reason = why.reason.as_ref().map(|reason| format!(": {reason}"));
    let parts = [by, Some(format!(" in {}", why.source)), until, reason];
    let parts: String = parts.into_iter().flatten().collect();
    format!("{}{parts}", status.word())
}
