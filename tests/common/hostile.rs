//! Reports in which every text is hostile, or too long, or too many.

use super::{check, root};
use tfguard::finding::{Finding, Fix, Justification, Location, Related, Severity, Status};
use tfguard::gate::{OwnerChanges, Report};
use tfguard::picture::{Node, NodeKind, Picture};

/// Where the files of these reports are shown.
pub(crate) const BASE: &str = "https://github.com/acme/infra/blob/0a1b2c3";

/// Texts that are a danger somewhere.
pub(crate) const HOSTILE: [&str; 24] = [
    "\u{1b}[31mred\u{1b}]8;;http://e.example\u{7}",
    "\u{202e}abc\u{2066}\u{200b}\u{feff}",
    "a\nb\r\n# c\n\n- d",
    "`",
    "``` x",
    "a`b``c```d",
    "@everyone @acme/team",
    "#1 GH-2 acme/infra#3 0a1b2c3d4e5f !4 &5 ~bug $6 %7",
    "<script>alert(1)</script>",
    "</details></summary></sub>",
    "-->",
    "<!-- x",
    "]]>",
    "--> <img src=x>",
    "::error::x\n::add-mask::y",
    "##[group]x",
    "##vso[task.x]y",
    "\"'&quot;&amp;",
    "[a](http://e.example) ![i](http://e.example/x.png)",
    "https://e.example www.e.example a@e.example",
    "| a | b |\\| c \\",
    "**b** __c__ ~~d~~ $$e$$ :tada:",
    "/close\n/assign @x",
    "\\` \\<b> {{ x }} %0A",
];

/// The fixture in which nearly every rule has its say.
pub(crate) fn report() -> Report {
    check(&root().join("fixtures/_report"), None)
}

/// A finding that says the same everywhere.
pub(crate) fn saying(text: &str, like: &Finding) -> Finding {
    let location = Location {
        file: format!("dir/{text}.tf"),
        line: 7,
        column: 1,
        end_line: 7,
        end_column: 2,
        first_end_column: 2,
        block: text.into(),
    };
    Finding {
        message: format!("{text} changes, so {text} is ({text}) read late: \"{text}\", {text}."),
        address: text.to_owned(),
        members: (0..9).map(|n| format!("{text}{n}")).collect(),
        path: (0..12).map(|n| format!("{n}{text}")).collect(),
        related: (0..5)
            .map(|_| Related::new(text, text.to_owned()))
            .collect(),
        fix: Some(Fix {
            description: text.to_owned().into(),
            hcl: Some(format!("moved {{\n  from = {text}\n}}\n{text}\n")),
            file: Some(text.to_owned()),
        }),
        location: Some(Box::new(location)),
        ..like.clone()
    }
}

/// A report on stacks of which everything says the same.
pub(crate) fn report_saying(text: &str) -> Report {
    let mut report = report();
    report.findings.truncate(6);
    let says: Vec<_> = report
        .findings
        .iter()
        .map(|finding| saying(text, finding))
        .collect();
    report.findings.extend(says);
    let why = Justification {
        reason: Some(text.to_owned()),
        by: Some(text.to_owned()),
        expires: Some(text.to_owned()),
        source: text.to_owned(),
    };
    for (finding, status) in report
        .findings
        .iter_mut()
        .rev()
        .zip([Status::Waived, Status::Approved])
    {
        finding.status = status;
        finding.justification = Some(Box::new(why.clone()));
    }
    let mut stack = report.stacks[0].clone();
    text.clone_into(&mut stack.name);
    stack.notes = vec![text.to_owned(), format!("see {text}: {text}")];
    stack.owners = vec![OwnerChanges {
        name: text.to_owned(),
        changes: 2,
    }];
    stack.picture = Some(picture(text));
    report.stacks.push(stack);
    for finding in &mut report.findings {
        text.clone_into(&mut finding.stack);
    }
    report.link_base = Some(BASE.to_owned());
    report
}

/// A picture of one box.
pub(crate) fn picture(text: &str) -> Picture {
    let node = Node {
        id: text.to_owned(),
        kind: NodeKind::Managed,
        address: Some(text.to_owned()),
        config_address: None,
        change: Some(vec!["delete"]),
        module: text.to_owned(),
        collapsed: None,
        reach: None,
    };
    Picture {
        nodes: vec![node],
        edges: Vec::new(),
        notes: vec![text.to_owned()],
    }
}

/// A report with so many findings of each kind, each saying something.
pub(crate) fn many(n: usize, text: &str) -> Report {
    let mut report = report();
    let samples = report.findings.clone();
    report.findings = (0..n)
        .map(|nth| saying(&format!("{text}[{nth}]"), &samples[nth % samples.len()]))
        .collect();
    let of = |severity| {
        report
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    report.summary.error = of(Severity::Error);
    report.summary.warning = of(Severity::Warning);
    report.summary.note = of(Severity::Note);
    report
}
