//! The page: the verdict and what is destroyed on the first screen, the rest folded.

use super::super::closing;
use super::escape::fence;
use super::item::{Item, destroys};
use super::key::marker;
use super::level::{Level, REST};
use crate::finding::{Finding, Severity};
use crate::gate::Report;
use crate::picture;
use crate::rules::RULES;
use crate::safe::safe;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// So many destroys are shown with all there is to them, unfolded.
const UNFOLDED: usize = 3;

/// What a page is made of.
pub(super) struct Page<'a> {
    pub(super) report: &'a Report,
    pub(super) level: &'a Level,
    /// What is left out for want of room.
    pub(super) shed: &'a [&'static str],
}

/// The findings by where they stand.
#[derive(Default)]
struct Parts<'a> {
    destroys: Vec<&'a Finding>,
    failing: Vec<&'a Finding>,
    warnings: Vec<&'a Finding>,
    notes: Vec<&'a Finding>,
    accepted: Vec<&'a Finding>,
}

impl<'a> Parts<'a> {
    fn of(report: &'a Report) -> Self {
        let mut parts = Self::default();
        for finding in &report.findings {
            let list = match finding.severity {
                _ if !finding.is_open() => &mut parts.accepted,
                Severity::Error | Severity::Warning if destroys(finding) => &mut parts.destroys,
                Severity::Error => &mut parts.failing,
                _ if report.fail_on.fails(finding) => &mut parts.failing,
                Severity::Warning => &mut parts.warnings,
                Severity::Note => &mut parts.notes,
            };
            list.push(finding);
        }
        for list in [&mut parts.destroys, &mut parts.accepted] {
            list.sort_by_key(|finding| (finding.severity, !finding.loses_data()));
        }
        parts
    }
}

impl Page<'_> {
    /// The page.
    pub(super) fn text(&self) -> String {
        let (parts, level) = (Parts::of(self.report), self.level);
        let else_wrong = if parts.destroys.is_empty() {
            "What is wrong"
        } else {
            "What else is wrong"
        };
        let blocks = [
            format!("{}\n{}", marker(self.report), self.title()),
            self.summary(),
            self.stacks(),
            self.owners(),
            self.section("What is destroyed", &parts.destroys, UNFOLDED),
            self.section(else_wrong, &parts.failing, 0),
            self.pictures(),
            self.folded(
                "warning",
                &parts.warnings,
                level.warnings,
                level.warning_details,
            ),
            self.notes(&parts.notes),
            self.folded(
                "accepted finding",
                &parts.accepted,
                level.warnings,
                level.warning_details,
            ),
            self.unseen(),
            self.closing(),
            self.footer(),
        ];
        let some = blocks.into_iter().filter(|block| !block.is_empty());
        let text: Vec<_> = some.map(|block| block.trim_end().to_owned()).collect();
        text.join("\n\n") + "\n"
    }

    pub(super) fn item(&self) -> Item<'_> {
        Item {
            report: self.report,
            level: self.level,
            details: true,
            open: false,
        }
    }

    fn section(&self, title: &str, findings: &[&Finding], unfolded: usize) -> String {
        if findings.is_empty() {
            return String::new();
        }
        let item = |(nth, finding): (usize, &&Finding)| {
            let open = findings.len() <= unfolded || nth == 0 && unfolded > 0;
            Item {
                open,
                ..self.item()
            }
            .text(finding)
        };
        let shown = findings.iter().enumerate().take(self.level.errors);
        let items = joined(shown.map(item));
        format!(
            "#### {title}\n\n{items}{}",
            more(findings.len(), self.level.errors)
        )
    }

    fn folded(&self, what: &str, findings: &[&Finding], most: usize, details: bool) -> String {
        if findings.is_empty() {
            return String::new();
        }
        let item = Item {
            details,
            ..self.item()
        };
        let items = joined(findings.iter().take(most).map(|finding| item.text(finding)));
        let list = format!("{items}{}", more(findings.len(), most));
        let rules: BTreeSet<_> = findings.iter().map(|finding| finding.rule).collect();
        let rules: Vec<_> = rules.into_iter().collect();
        fold(
            &format!(
                "{}: {}",
                closing::count(findings.len(), what),
                rules.join(", ")
            ),
            &list,
        )
    }

    /// The first notes of each rule: a large configuration has hundreds that nobody will mend today.
    fn notes(&self, notes: &[&Finding]) -> String {
        let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for note in notes {
            rules.entry(note.rule).or_default().push(note);
        }
        let item = Item {
            details: self.level.note_details,
            ..self.item()
        };
        let mut list = String::new();
        for (rule, notes) in &rules {
            let shown = notes.iter().take(self.level.notes);
            list += &joined(shown.map(|note| item.text(note)));
            let left = notes.len().saturating_sub(self.level.notes);
            if left > 0 {
                let _ = writeln!(list, "- and {left} more of {rule} {REST}");
            }
        }
        if notes.is_empty() {
            return String::new();
        }
        let names: Vec<_> = rules.keys().copied().collect();
        fold(
            &format!(
                "{}: {}",
                closing::count(notes.len(), "note"),
                names.join(", ")
            ),
            &list,
        )
    }

    fn pictures(&self) -> String {
        let several = self.report.stacks.len() > 1;
        let drawn = self.report.stacks.iter().filter(|_| self.level.pictures);
        let drawn = drawn.filter_map(|stack| Some((stack, stack.picture.as_ref()?)));
        let mut text = String::new();
        for (stack, picture) in drawn {
            let mut mermaid = Vec::new();
            // Writing to memory cannot fail.
            let _ = picture::write(picture, picture::Format::Mermaid, &mut mermaid);
            if several {
                let _ = writeln!(text, "In {}:\n", self.item().name(&stack.name));
            }
            text.push_str(&fence("mermaid", &String::from_utf8_lossy(&mermaid), 0));
            text.push('\n');
        }
        if text.is_empty() {
            return text;
        }
        fold(
            "What depends on what is destroyed (arrows point at what is depended on)",
            &text,
        )
    }

    /// What the run could not see.
    fn unseen(&self) -> String {
        let several = self.report.stacks.len() > 1;
        let notes = self.report.stacks.iter();
        let notes: Vec<_> = notes
            .flat_map(|stack| stack.notes.iter().map(move |note| (stack, note)))
            .collect();
        if notes.is_empty() {
            return String::new();
        }
        let item = self.item();
        let mut list = String::new();
        for (stack, note) in notes.iter().take(self.level.members) {
            let stack = if several {
                format!("in {}: ", item.name(&stack.name))
            } else {
                String::new()
            };
            let _ = writeln!(list, "- Note: {stack}{}", item.said(note));
        }
        list.push_str(&more(notes.len(), self.level.members));
        fold("Not seen in this run", &list)
    }

    /// Why a run fails, and the shortest way to make it pass.
    fn closing(&self) -> String {
        let fail_on = format!("(`--fail-on {}`)", self.report.fail_on.word());
        let Some(verdict) = self.report.verdict() else {
            return format!("**pass**: nothing open fails a run {fail_on}.");
        };
        let item = self.item();
        let (why, way) = (item.said(&verdict.why), item.said(&verdict.way));
        let said = format!("**fail**: {why} {fail_on}. To pass, {way}");
        match verdict.command {
            Some(command) => format!("{said}\n\n{}", fence("sh", &safe(&command), 0).trim_end()),
            None => format!("{said}."),
        }
    }

    fn footer(&self) -> String {
        let objects: usize = self
            .report
            .stacks
            .iter()
            .map(|stack| stack.graph.objects)
            .sum();
        let shed = if self.shed.is_empty() {
            String::new()
        } else {
            let what = self.shed.join(", ");
            format!(
                "Too long for a comment, left out here: {what}; <code>tfguard -v</code> and <code>-f json</code> have everything. "
            )
        };
        let (objects, rules) = (
            closing::count(objects, "object"),
            closing::count(RULES.len(), "rule"),
        );
        format!(
            "<sub>{shed}{objects}, {rules}, tfguard {}</sub>",
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Items one after the other, as far as there is any hope that they fit.
fn joined(items: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        text.push_str(&item);
        if text.len() > super::MOST {
            break;
        }
    }
    text
}

/// A folded part. Without the empty lines it would be HTML to the end.
fn fold(title: &str, text: &str) -> String {
    format!(
        "<details><summary>{title}</summary>\n\n{}\n\n</details>",
        text.trim_end()
    )
}

fn more(all: usize, shown: usize) -> String {
    let left = all.saturating_sub(shown);
    if left == 0 {
        return String::new();
    }
    format!("- and {left} more {REST}\n")
}
