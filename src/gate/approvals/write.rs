//! Writes the file of approvals: one block for each, in the order of what they speak of, one object a line, so that
//! branches that add to it merge and a reviewer reads what is destroyed line by line.

use super::Approval;
use super::file::VERSION;
use crate::config::quoted;
use crate::finding::Identity;

const HEAD: &str = "\
# What humans consented to, written by `tfguard approve`. Review a block like the destroy it allows: it holds for
# exactly these objects, for this reason, until its last day. Comments are not kept when the file is written.
";

/// The file, whole.
pub(super) fn write<'a>(approvals: impl Iterator<Item = &'a Approval>) -> String {
    let mut out = format!("{HEAD}version = {VERSION}\n");
    for approval in approvals {
        out.push('\n');
        block(approval, &mut out);
    }
    out
}

fn block(approval: &Approval, out: &mut String) {
    let consent = &approval.consent;
    let key = &consent.key;
    out.push_str("[[approval]]\n");
    field("stack", &key.stack, out);
    field("rule", &key.rule, out);
    field("address", &key.address, out);
    let rest = [("cause", &key.cause), ("detail", &key.detail)];
    for (name, text) in rest.iter().filter(|(_, text)| !text.is_empty()) {
        field(name, text, out);
    }
    if let Some(directory) = &consent.directory {
        field("directory", directory, out);
    }
    for (name, texts) in [("because", &consent.because), ("anchors", &consent.anchors)] {
        if !texts.is_empty() {
            line(out, &format!("{name} = {}", list(texts.iter())));
        }
    }
    if consent.data_loss {
        line(out, "data_loss = true");
    }
    field("by", &approval.by, out);
    line(out, &format!("on = {}", approval.on));
    line(out, &format!("expires = {}", approval.expires));
    field("reason", &approval.reason, out);
    line(out, "objects = [");
    for identity in &consent.objects {
        line(out, &format!("    {},", object(identity)));
    }
    line(out, "]");
}

fn object(identity: &Identity) -> String {
    let fields = [
        ("address", &identity.address),
        ("action", &identity.action),
        ("provider", &identity.provider),
        ("deposed", &identity.deposed),
        ("id", &identity.id),
    ];
    let known = fields
        .iter()
        .filter(|(name, text)| *name == "address" || !text.is_empty());
    let mut shown: Vec<_> = known
        .map(|(name, text)| format!("{name} = {}", quoted(text)))
        .collect();
    // In the order of the anchors, as both are sorted.
    let beside = identity.beside.values().collect::<Vec<_>>();
    let lists = [
        ("changes", identity.changes.iter().collect()),
        ("guards", identity.guards.iter().collect()),
        ("beside", beside),
    ];
    let some = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
    shown.extend(some.map(|(name, texts)| format!("{name} = {}", list(texts.into_iter()))));
    format!("{{ {} }}", shown.join(", "))
}

fn list<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let texts: Vec<_> = texts.map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn field(name: &str, text: &str, out: &mut String) {
    line(out, &format!("{name} = {}", quoted(text)));
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
