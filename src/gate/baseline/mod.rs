//! What an earlier report has already: findings that are no worse than there do not fail a run.

mod read;

use crate::finding::{Finding, Justification, Severity, Status};
use crate::rules;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The findings of an earlier report.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The file, safe to show.
    source: String,
    /// By fingerprint. Several may share one; each stands for one finding of this run.
    findings: HashMap<String, Vec<Known>>,
}

/// What decides whether a finding is worse.
#[derive(Debug)]
struct Known {
    severity: Severity,
    members: HashSet<String>,
    facts: Map<String, Value>,
}

impl Baseline {
    /// Marks what is open and no worse than in the baseline as unchanged, and says of what is worse by how much.
    pub(super) fn apply(mut self, findings: &mut [Finding]) {
        for finding in findings {
            if finding.is_open() && lasts(finding) {
                self.compare(finding);
            }
        }
    }

    fn compare(&mut self, finding: &mut Finding) {
        let Some(same) = self.findings.get_mut(&finding.fingerprint()) else {
            return;
        };
        let worse: Vec<_> = same.iter().map(|known| known.worse(finding)).collect();
        if let Some(at) = worse.iter().position(Vec::is_empty) {
            same.remove(at);
            finding.status = Status::Unchanged;
            finding.justification = Some(Box::new(Justification {
                source: self.source.clone(),
                ..Justification::default()
            }));
        } else if let Some(least) = worse.iter().min_by_key(|reasons| reasons.len()) {
            let by = least.join(", ");
            let parts = [" Worse than in ", &self.source, ": ", &by, "."];
            finding.message.extend(parts);
        }
    }
}

/// Whether a baseline can hold a finding at all.
fn lasts(finding: &Finding) -> bool {
    rules::find(finding.rule).is_some_and(|rule| rule.lasts(finding))
}

impl Known {
    /// By what a finding is worse.
    fn worse(&self, finding: &Finding) -> Vec<String> {
        let mut reasons = Vec::new();
        if finding.severity < self.severity {
            reasons.push(format!("it was a {}", self.severity.word()));
        }
        let members = finding.members.iter();
        let added = members.filter(|m| !self.members.contains(*m)).count();
        match added {
            0 => {}
            1 => reasons.push("1 member is new".to_owned()),
            n => reasons.push(format!("{n} members are new")),
        }
        let measures = rules::find(finding.rule).map_or(&[][..], |rule| rule.measures());
        let grown = |name: &&str| {
            let was = self.facts.get(*name).unwrap_or(&Value::Null);
            grown(name, was, &finding.facts[*name])
        };
        reasons.extend(measures.iter().filter_map(grown));
        reasons
    }
}

/// How a fact is worse than it was.
fn grown(name: &str, was: &Value, is: &Value) -> Option<String> {
    match (was, is) {
        (Value::Number(was), Value::Number(is)) => {
            is_larger(was.as_f64()?, is.as_f64()?).then(|| format!("{name} was {was} and is {is}"))
        }
        (Value::Array(was), Value::Array(is)) => {
            let added = is.iter().filter(|one| !was.contains(one)).count();
            (added > 0).then(|| format!("{name} has {added} more"))
        }
        // Nothing is as good as none.
        (_, Value::Null) => None,
        (_, Value::Array(is)) if is.is_empty() => None,
        _ => (was != is).then(|| format!("{name} is another")),
    }
}

/// Whether a number grew by more than a tenth: what grows by an object a week is not to fail every week.
fn is_larger(was: f64, is: f64) -> bool {
    is > was + was.abs() / 10.0
}

#[cfg(test)]
mod tests {
    use super::{grown, is_larger};
    use serde_json::json;

    #[test]
    fn a_number_may_grow_by_a_tenth() {
        assert!(is_larger(80.0, 140.0) && is_larger(9.0, 10.0) && is_larger(0.0, 1.0));
        assert!(!is_larger(100.0, 110.0) && is_larger(100.0, 111.0));
        assert!(!is_larger(100.0, 3.0));
    }

    #[test]
    fn facts_are_worse_by_what_they_are() {
        let worse = |was, is| grown("x", &was, &is);
        assert_eq!(
            worse(json!(80), json!(140)).as_deref(),
            Some("x was 80 and is 140")
        );
        assert_eq!(
            worse(json!(["a"]), json!(["b", "a"])).as_deref(),
            Some("x has 1 more")
        );
        assert_eq!(worse(json!(["a", "b"]), json!(["a"])), None);
        assert_eq!(
            worse(json!("s3"), json!("local")).as_deref(),
            Some("x is another")
        );
        assert_eq!(worse(json!("s3"), json!("s3")), None);
        assert_eq!(
            worse(json!(null), json!(4)).as_deref(),
            Some("x is another")
        );
        assert_eq!(
            worse(json!("9999"), json!(4)).as_deref(),
            Some("x is another")
        );
        assert_eq!(worse(json!(null), json!([])), None);
    }
}
