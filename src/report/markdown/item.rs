//! One finding as an item of a list, with what would be too long for a line folded below.

use super::super::links::{page, uri};
use super::super::words::fitted;
use super::escape::{code, fence, prose};
use super::level::{Level, REST};
use crate::finding::{Finding, Fix, Justification, Location, Related, Severity};
use crate::gate::Report;
use std::fmt::Write as _;

/// So many objects stand in the line.
const INLINE: usize = 5;
/// Steps shown at either end of a long path.
const PATH_END: usize = 4;
/// Paths of so many steps and so many related objects stand in the line.
const SHORT: usize = 3;
/// Longer links are left out.
const LONGEST_LINK: usize = 400;

/// Whether a finding tells of objects that are destroyed: those rules, and no others, say whether data is lost.
pub(super) fn destroys(finding: &Finding) -> bool {
    finding.facts.get("data_loss").is_some()
}

/// How an item is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) report: &'a Report,
    pub(super) level: &'a Level,
    /// Whether there is more to it than a line.
    pub(super) details: bool,
    /// Whether that is unfolded.
    pub(super) open: bool,
}

impl Item<'_> {
    /// The item. Nothing of a plan begins a line: there it could be a heading, a list, or a command to GitLab.
    pub(super) fn text(&self, finding: &Finding) -> String {
        let mut parts = vec![self.head(finding), self.said(&finding.message)];
        if self.details {
            parts.extend(
                finding
                    .justification
                    .as_deref()
                    .map(|why| self.justified(why)),
            );
            parts.extend(self.objects(finding));
            if finding.related.len() <= SHORT {
                parts.extend(self.related(finding));
            }
            if (2..=SHORT).contains(&finding.path.len()) {
                parts.push(format!("Path: {}", self.path(&finding.path)));
            }
            parts.extend(finding.fix.as_ref().map(|fix| self.advice(fix)));
        }
        let line = parts.join("<br>");
        let folded = if self.details {
            self.folded(finding)
        } else {
            String::new()
        };
        format!("- {line}\n{folded}")
    }

    fn head(&self, finding: &Finding) -> String {
        let sign = match finding.severity {
            Severity::Error => "🔴",
            Severity::Warning => "🟡",
            Severity::Note => "🔵",
        };
        let mut text = format!("{sign} {}", finding.severity.word());
        if !finding.is_open() {
            let _ = write!(text, ", {}", finding.status.word());
        }
        if finding.loses_data() {
            text.push_str(", **data loss**");
        }
        let rule = finding.rule;
        let _ = write!(
            text,
            " · [{rule}]({}) · {}",
            page(rule),
            self.name(&finding.address)
        );
        // What is said of a whole stack has its name as the address.
        if self.report.stacks.len() > 1 && finding.stack != finding.address {
            let _ = write!(text, " in {}", self.name(&finding.stack));
        }
        let place = finding
            .location
            .as_deref()
            .map(|location| self.place(location));
        text + &place.map(|place| format!(" · {place}")).unwrap_or_default()
    }

    pub(super) fn name(&self, name: &str) -> String {
        code(&fitted(name, self.level.name, "…"))
    }

    pub(super) fn said(&self, text: &str) -> String {
        prose(text, self.level.message, self.level.name)
    }

    /// File and line; a link where it is known where files are shown.
    fn place(&self, location: &Location) -> String {
        let Location { file, line, .. } = location;
        let shown = self.name(&format!("{file}:{line}"));
        let outside = file.starts_with('/') || file.split(['/', '\\']).any(|part| part == "..");
        let base = self.report.link_base.as_deref().filter(|_| !outside);
        let link = base.map(|base| format!("{}/{}#L{line}", base.trim_end_matches('/'), uri(file)));
        match link.filter(|link| link.len() <= LONGEST_LINK) {
            Some(link) => format!("[{shown}]({link})"),
            None => shown,
        }
    }

    fn justified(&self, why: &Justification) -> String {
        let by = why.by.as_ref().map(|by| format!(" by {}", self.name(by)));
        let until = why
            .expires
            .as_ref()
            .map(|day| format!(" until {}", self.name(day)));
        let reason = why
            .reason
            .as_ref()
            .map(|reason| format!(": {}", self.said(reason)));
        let parts = [
            by,
            Some(format!(" in {}", self.name(&why.source))),
            until,
            reason,
        ];
        format!(
            "Accepted{}",
            parts.into_iter().flatten().collect::<String>()
        )
    }

    /// A few objects, unless the address has said it all.
    fn objects(&self, finding: &Finding) -> Option<String> {
        let members = &finding.members;
        let said = members.len() == 1 && members[0] == finding.address;
        let few = (1..=INLINE.min(self.level.members)).contains(&members.len());
        let names = || {
            members
                .iter()
                .map(|member| self.name(member))
                .collect::<Vec<_>>()
        };
        (few && !said).then(|| format!("Objects: {}", names().join(", ")))
    }

    fn advice(&self, fix: &Fix) -> String {
        let file = fix
            .file
            .as_ref()
            .map(|file| format!(" ({})", self.name(file)));
        format!(
            "To do: {}{}",
            self.said(&fix.description),
            file.unwrap_or_default()
        )
    }

    /// Everything that is too long for the line.
    fn folded(&self, finding: &Finding) -> String {
        let (mut names, mut blocks) = (Vec::new(), Vec::new());
        if finding.members.len() > INLINE.min(self.level.members) {
            names.push(format!("{} objects", finding.members.len()));
            let members = finding.members.iter().map(|member| self.name(member));
            blocks.push(self.list(members));
        }
        if finding.related.len() > SHORT {
            let all = finding.related.len() + finding.unlisted;
            names.push(format!("{all} related"));
            blocks.push(format!(
                "  Related:\n\n{}",
                self.list(self.related(finding).into_iter())
            ));
        }
        if finding.path.len() > SHORT {
            names.push("path".to_owned());
            blocks.push(format!("  Path: {}\n", self.path(&finding.path)));
        }
        if let Some(hcl) = finding.fix.as_ref().and_then(|fix| fix.hcl.as_deref()) {
            names.push("HCL to paste".to_owned());
            blocks.push(self.hcl(hcl));
        }
        if names.is_empty() {
            return String::new();
        }
        let open = if self.open { " open" } else { "" };
        let (names, blocks) = (names.join(", "), blocks.join("\n"));
        format!("\n  <details{open}><summary>{names}</summary>\n\n{blocks}\n  </details>\n\n")
    }

    fn related(&self, finding: &Finding) -> Vec<String> {
        let said = |related: &Related| {
            let name = self.name(&related.address);
            format!("{name} {}", self.said(&related.message))
        };
        let unlisted = Some(finding.unlisted).filter(|unlisted| *unlisted > 0);
        let more = unlisted.map(|unlisted| format!("and {unlisted} more"));
        finding.related.iter().map(said).chain(more).collect()
    }

    fn list(&self, items: impl ExactSizeIterator<Item = String>) -> String {
        let left = items.len().saturating_sub(self.level.members);
        let mut text = String::new();
        for item in items.take(self.level.members) {
            let _ = writeln!(text, "  - {item}");
        }
        if left > 0 {
            let _ = writeln!(text, "  - and {left} more {REST}");
        }
        text
    }

    /// A path, its middle left out when nobody would read it.
    fn path(&self, path: &[String]) -> String {
        let names = |steps: &[String]| {
            steps
                .iter()
                .map(|step| self.name(step))
                .collect::<Vec<_>>()
                .join(" → ")
        };
        if path.len() <= 2 * PATH_END + 1 {
            return names(path);
        }
        let (head, tail) = (&path[..PATH_END], &path[path.len() - PATH_END..]);
        format!(
            "{} → ({} more) → {}",
            names(head),
            path.len() - 2 * PATH_END,
            names(tail)
        )
    }

    /// HCL as a whole or whole blocks of it: half a block would be worse than none.
    fn hcl(&self, hcl: &str) -> String {
        let (whole, left) = whole_blocks(hcl, self.level.hcl);
        let mut text = if whole.is_empty() {
            String::new()
        } else {
            fence("hcl", whole, 2)
        };
        if left > 0 {
            let _ = writeln!(text, "\n  And {left} more lines {REST}.");
        }
        text
    }
}

/// As many blocks as fit into so many bytes, and the number of lines behind.
fn whole_blocks(hcl: &str, most: usize) -> (&str, usize) {
    if hcl.len() <= most {
        return (hcl, 0);
    }
    let ends = hcl.match_indices("\n}\n").map(|(at, end)| at + end.len());
    let end = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    (&hcl[..end], hcl[end..].lines().count())
}

#[cfg(test)]
mod tests {
    use super::whole_blocks;

    #[test]
    fn hcl_ends_behind_a_block() {
        let hcl = "moved {\n  a\n}\nmoved {\n  b\n}\n";
        assert_eq!(whole_blocks(hcl, 100), (hcl, 0));
        assert_eq!(whole_blocks(hcl, 20), ("moved {\n  a\n}\n", 3));
        assert_eq!(whole_blocks(hcl, 5), ("", 6));
    }
}
