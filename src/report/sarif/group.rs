//! What one result is made of: the findings of one rule that stand at one block of the sources.
//!
//! All instances of a block share a file and a line: code scanning would take their results for one alert that
//! changes its text from run to run.

use crate::finding::Finding;
use std::collections::HashMap;

/// Findings of one rule in one stack at one block, the worst first; all of them open, or none.
#[derive(Debug)]
pub(super) struct Group<'r> {
    /// The findings; there is at least one.
    pub(super) findings: Vec<&'r Finding>,
    /// The same in every run that finds the rule violated at the block: no line, no value, no instance key.
    pub(super) fingerprint: String,
}

/// Puts together what stands at one block, in the order of the findings.
pub(super) fn groups<'r>(findings: impl Iterator<Item = &'r Finding>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let fingerprint = fingerprint(finding);
        let at = *known.entry(fingerprint).or_insert_with_key(|fingerprint| {
            groups.push(Group {
                findings: Vec::new(),
                fingerprint: fingerprint.clone(),
            });
            groups.len() - 1
        });
        groups[at].findings.push(finding);
    }
    groups
}

fn fingerprint(finding: &Finding) -> String {
    let block = match finding.location.as_deref() {
        // No block of a resource: a table of tfguard.toml, a comment.
        Some(location) if location.block.is_empty() => finding.fingerprint(),
        Some(location) => format!("{}|{}", location.file, location.block),
        None => config_address(&finding.address),
    };
    let accepted = if finding.is_open() { "" } else { "|accepted" };
    format!("{}|{}|{block}{accepted}", finding.rule, finding.stack)
}

/// An address without instance keys. A key is text of the plan, quoted as Terraform does.
fn config_address(address: &str) -> String {
    let mut kept = String::with_capacity(address.len());
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            _ if !inside => kept.push(c),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::config_address;

    #[test]
    fn instance_keys_are_taken_off_whatever_is_in_them() {
        assert_eq!(
            config_address(r#"module.a["x\"]y"].aws_b.c[0]"#),
            "module.a.aws_b.c"
        );
        assert_eq!(config_address(r#"aws_b.c["]("]"#), "aws_b.c");
        assert_eq!(config_address("app-prod"), "app-prod");
    }
}
