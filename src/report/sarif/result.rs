//! One result: the findings of a rule at a block.

use super::super::links::fnv;
use super::group::Group;
use super::message::{escaped, message, sentence};
use super::place::{of_plan, physical};
use super::rules::index;
use super::{Limits, unique};
use crate::finding::{Finding, Justification, Location, Related, Status};
use crate::gate::StackReport;
use crate::rules;
use serde_json::{Map, Value, json};

/// What was left out of results, to be told once.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Steps of paths.
    pub(super) steps: usize,
    /// Related places.
    pub(super) places: usize,
    /// Members.
    pub(super) members: usize,
}

/// A result, with what it leaves out counted.
pub(super) fn result(
    group: &Group<'_>,
    stacks: &[&StackReport],
    limits: &Limits,
    left: &mut LeftOut,
) -> Value {
    let first = group.findings[0];
    let place = place(first, stacks);
    let related = related(group, left);
    let linked: Vec<_> = related.iter().map(|(id, r, _)| (*id, *r)).collect();
    let mut result = json!({
        "ruleId": first.rule,
        "ruleIndex": index(first.rule),
        "level": first.severity.word(),
        "message": {"text": message(group, &linked)},
        "locations": [{"physicalLocation": place, "logicalLocations": names(group)}],
        "partialFingerprints": fingerprints(group),
        "properties": properties(group, limits, left),
    });
    if !related.is_empty() {
        result["relatedLocations"] = related.iter().map(related_location).collect();
    }
    let flows = code_flows(group, &place, left);
    if !flows.is_empty() {
        result["codeFlows"] = flows.into();
    }
    if !first.is_open() {
        result["suppressions"] = suppressions(group);
    }
    result
}

fn place(finding: &Finding, stacks: &[&StackReport]) -> Value {
    if let Some(location) = &finding.location {
        return physical(location);
    }
    let stack = stacks.iter().find(|stack| stack.name == finding.stack);
    of_plan(stack.map_or("plan.json", |stack| &stack.plan))
}

/// The addresses of a result, each once.
fn names(group: &Group<'_>) -> Vec<Value> {
    let mut addresses = unique(group.findings.iter().map(|f| f.address.as_str()));
    addresses.truncate(Limits::PLACES);
    let name = |address| json!({"fullyQualifiedName": address, "kind": "resource"});
    addresses.into_iter().map(name).collect()
}

/// The identity code scanning goes by, and those of all findings for whoever compares runs.
fn fingerprints(group: &Group<'_>) -> Value {
    let mut prints = Map::new();
    let hash = format!("{:016x}:1", fnv(&group.fingerprint));
    prints.insert("primaryLocationLineHash".to_owned(), hash.into());
    prints.insert("tfguardBlock/v1".to_owned(), (*group.fingerprint).into());
    for (n, finding) in group.findings.iter().enumerate() {
        let key = match n {
            0 => "tfguardFinding/v1".to_owned(),
            n => format!("tfguardFinding/{}/v1", n + 1),
        };
        prints.insert(key, finding.fingerprint().into());
    }
    prints.into()
}

/// What a later run needs to compare itself with this one (`--baseline`), and a reader may want.
fn properties(group: &Group<'_>, limits: &Limits, left: &mut LeftOut) -> Value {
    let first = group.findings[0];
    let one = |finding: &&Finding| {
        let shown = finding.members.len().min(limits.members);
        left.members += finding.members.len() - shown;
        json!({
            "fingerprint": finding.fingerprint(),
            "address": finding.address,
            "severity": finding.severity.word(),
            "status": finding.status.word(),
            "cause": finding.cause,
            "members": finding.members[..shown],
            "facts": measures(finding),
        })
    };
    json!({
        "tfguard/stack": first.stack,
        "tfguard/findings": group.findings.iter().map(one).collect::<Vec<_>>(),
    })
}

fn measures(finding: &Finding) -> Value {
    let names = rules::find(finding.rule).map_or(&[][..], |rule| rule.measures());
    let known = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), finding.facts.get(name)?.clone())));
    Value::Object(known.collect())
}

/// What is related and has a place, with an id of its own. Instances of one block are at one place: it is told once.
fn related<'r>(group: &Group<'r>, left: &mut LeftOut) -> Vec<(usize, &'r Related, &'r Location)> {
    let all = group.findings.iter().flat_map(|finding| &finding.related);
    let mut found: Vec<(usize, &Related, &Location)> = Vec::new();
    for related in all {
        let Some(location) = related.location.as_deref() else {
            continue;
        };
        if found.iter().any(|(_, _, known)| *known == location) {
            continue;
        }
        // The place of the result itself is one of those that count.
        if found.len() + 1 == Limits::PLACES {
            left.places += 1;
        } else {
            found.push((found.len() + 1, related, location));
        }
    }
    found
}

fn related_location((id, related, location): &(usize, &Related, &Location)) -> Value {
    let text = sentence(&format!("'{}' {}", related.address, related.message));
    json!({"id": id, "physicalLocation": physical(location), "message": {"text": text}})
}

/// A flow for each path. A step needs a place to be shown: its own, or else that of the finding.
fn code_flows(group: &Group<'_>, place: &Value, left: &mut LeftOut) -> Vec<Value> {
    let mut room = Limits::STEPS;
    let mut flows = Vec::new();
    for finding in group.findings.iter().filter(|f| f.path.len() > 1) {
        let shown = finding.path.len().min(room);
        left.steps += finding.path.len() - shown;
        room -= shown;
        let steps = finding.path.iter().take(shown).enumerate();
        let steps: Vec<_> = steps
            .map(|(n, label)| {
                let own = finding.places.get(n).and_then(Option::as_deref);
                let place = own.map_or_else(|| place.clone(), physical);
                json!({"location": {"physicalLocation": place, "message": {"text": sentence(label)}}})
            })
            .collect();
        if !steps.is_empty() {
            flows.push(json!({"threadFlows": [{"locations": steps}]}));
        }
    }
    flows
}

/// Who accepted it, each once.
fn suppressions(group: &Group<'_>) -> Value {
    let mut all: Vec<Value> = group.findings.iter().map(|f| suppression(f)).collect();
    all.dedup();
    all.into()
}

fn suppression(finding: &Finding) -> Value {
    let why = finding.justification.as_deref();
    let in_source = finding.status == Status::Waived && why.is_some_and(is_in_source);
    json!({
        "kind": if in_source { "inSource" } else { "external" },
        "status": "accepted",
        "justification": escaped(&justified(finding.status, why)),
    })
}

/// Whether a waiver is a comment in the configuration; those of tfguard.toml are not in the source.
fn is_in_source(why: &Justification) -> bool {
    let file = why.source.trim_end_matches(|c: char| c.is_ascii_digit());
    let file = file.strip_suffix(':').unwrap_or(file);
    [".tf", ".tofu", ".tf.json", ".tofu.json"]
        .iter()
        .any(|ending| file.ends_with(ending))
}

fn justified(status: Status, why: Option<&Justification>) -> String {
    let Some(why) = why else {
        return status.word().to_owned();
    };
    let by = why.by.as_ref().map(|by| format!(" by {by}"));
    let until = why.expires.as_ref().map(|day| format!(" until {day}"));
    let reason = why.reason.as_ref().map(|reason| format!(": {reason}"));
    let rest: String = [by, until, reason].into_iter().flatten().collect();
    format!("{} in {}{rest}", status.word(), why.source)
}

#[cfg(test)]
mod tests {
    use super::is_in_source;
    use crate::finding::Justification;

    #[test]
    fn waivers_in_comments_are_told_from_those_in_the_configuration_of_tfguard() {
        let written = |source: &str| {
            is_in_source(&Justification {
                source: source.to_owned(),
                ..Justification::default()
            })
        };
        assert!(written("net/main.tf:12") && written("main.tofu") && written("x.tf.json:3"));
        assert!(!written("tfguard.toml:3") && !written("base.json") && !written("plan.tfx:1"));
    }
}
