//! Tells what an input is when it is not a plan, and how to make one.

use super::json::parts::is_space;
use crate::error::Error;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// How a plan document begins when nothing before it can be trusted to be a line's end.
pub(super) const PLAN_START: &[u8] = b"{\"format_version\"";

/// Something that is not a plan document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    BinaryPlan,
    Zip,
    Encrypted,
    CloudBookmark,
    JsonLines,
    State,
    RawState,
    OldState,
    InitRecord,
    Schema,
    Validate,
    Mock,
    Dot,
    Hcl,
    Text,
    /// A list of documents.
    List,
    OtherJson,
    Other,
}

/// What the first bytes give away.
pub(super) fn by_text(head: &[u8]) -> Option<Kind> {
    let text = trim(head);
    if text.is_empty() {
        return Some(Kind::Empty);
    }
    if text.starts_with(b"PK\x03\x04") {
        // A plan file's entries are tfplan, tfstate, tfconfig/…; the names stand uncompressed.
        return Some(if contains(head, b"tfplan") || contains(head, b"tfstate") {
            Kind::BinaryPlan
        } else {
            Kind::Zip
        });
    }
    // `[command]` and `[unit]` are what wrappers put before a document.
    let inside = text.strip_prefix(b"[").map(trim);
    if inside.is_some_and(|inside| matches!(inside.first(), Some(b'{' | b']'))) {
        return Some(Kind::List);
    }
    if document_start(head).is_some() {
        return None;
    }
    if serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return Some(Kind::OtherJson);
    }
    let lower = String::from_utf8_lossy(&text[..text.len().min(4096)]).to_lowercase();
    if lower.starts_with("digraph") || lower.starts_with("strict digraph") {
        return Some(Kind::Dot);
    }
    if [
        "terraform will perform",
        "terraform used the selected",
        "opentofu will perform",
        "no changes. your",
    ]
    .iter()
    .any(|s| lower.contains(s))
    {
        return Some(Kind::Text);
    }
    let word = |line: &str, word: &str| {
        line.starts_with(word) && line[word.len()..].starts_with([' ', '\t', '{'])
    };
    if lower.lines().any(|line| {
        [
            "resource",
            "module",
            "variable",
            "terraform",
            "provider",
            "locals",
        ]
        .iter()
        .any(|w| word(line, w))
    }) {
        return Some(Kind::Hcl);
    }
    Some(Kind::Other)
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(text, needle).is_some()
}

fn trim(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|b| is_space(**b)).count();
    &text[spaces..]
}

/// Where the document begins: at the first brace that begins the text or a line, or at a plan's first key.
pub(super) fn document_start(text: &[u8]) -> Option<usize> {
    let mut line = 0;
    loop {
        let rest = &text[line..];
        let indent = rest.iter().take_while(|b| is_space(**b)).count();
        if rest.get(indent) == Some(&b'{') {
            return Some(line + indent);
        }
        match memchr::memchr(b'\n', &rest[indent..]) {
            Some(end) => line += indent + end + 1,
            None => return memchr::memmem::find(text, PLAN_START),
        }
    }
}

/// Where another plan begins behind other output.
pub(super) fn another_plan(text: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, PLAN_START)
}

/// What the top-level keys give away.
pub(super) fn by_keys(keys: &BTreeSet<String>) -> Kind {
    let has = |key: &str| keys.contains(key);
    if has("@level") || has("@message") {
        Kind::JsonLines
    } else if has("version") && !has("resources") && (has("backend") || has("state_store")) {
        Kind::InitRecord
    } else if has("version") && has("modules") && !has("resources") {
        Kind::OldState
    } else if has("lineage")
        || has("serial") && has("resources")
        || has("version") && has("outputs") && has("resources")
    {
        if has("encrypted_data") {
            Kind::Encrypted
        } else {
            Kind::RawState
        }
    } else if has("encrypted_data") || has("encryption_version") {
        Kind::Encrypted
    } else if has("remote_plan_format") {
        Kind::CloudBookmark
    } else if has("provider_schemas") {
        Kind::Schema
    } else if has("valid") && has("diagnostics") {
        Kind::Validate
    } else if has("mock") {
        Kind::Mock
    } else if has("values")
        || has("format_version")
            && keys
                .iter()
                .all(|key| matches!(&**key, "format_version" | "terraform_version" | "checks"))
    {
        Kind::State
    } else {
        Kind::OtherJson
    }
}

/// The error for an input that is not a plan.
pub(super) fn error(path: &str, kind: Kind) -> Error {
    let (what, help) = kind.explain();
    Error::new(format!("{path} is {what}, not a plan document")).help(help)
}

impl Kind {
    /// What it is, and what to do.
    fn explain(self) -> (&'static str, &'static str) {
        const SHOW: &str = "write the plan document with: terraform show -json tfplan > plan.json";
        match self {
            Self::Empty => (
                "empty",
                "terraform show failed or wrote elsewhere: its message is on standard error; then: terraform show -json tfplan > plan.json (terraform state pull prints nothing where there is no state)",
            ),
            Self::BinaryPlan => ("a binary plan file", SHOW),
            Self::Zip => ("a zip archive", SHOW),
            Self::Encrypted => (
                "encrypted by OpenTofu",
                "write the plan document where the key is known: tofu show -json tfplan > plan.json",
            ),
            Self::CloudBookmark => (
                "a bookmark of a plan that HCP Terraform keeps",
                "log in and write the plan document with: terraform show -json tfplan > plan.json",
            ),
            Self::JsonLines => (
                "the log of terraform plan -json",
                "save the plan and show it: terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
            ),
            Self::State => (
                "a state (terraform show -json without a plan file)",
                "name the plan file: terraform plan -out=tfplan && terraform show -json tfplan > plan.json; the state of another stack serves beside it: tfguard plan.json state.json",
            ),
            Self::RawState => (
                "a raw state (terraform state pull, or terraform.tfstate)",
                "tfguard checks plans: terraform plan -out=tfplan && terraform show -json tfplan > plan.json; the state of another stack serves beside it: tfguard plan.json terraform.tfstate",
            ),
            Self::OldState => (
                "a raw state of Terraform 0.11 or older",
                "newer ones read it: terraform show -json FILE > state.json, in a directory where terraform init was run",
            ),
            Self::InitRecord => (
                "a record of terraform init (where the state is, not the state)",
                "get the state with: terraform state pull > terraform.tfstate",
            ),
            Self::Schema => ("the output of terraform providers schema -json", SHOW),
            Self::Validate => ("the output of terraform validate -json", SHOW),
            Self::Mock => (
                "a mock of a policy test",
                "take the plan out of it, or write one: terraform show -json tfplan > plan.json",
            ),
            Self::Dot => ("a graph (DOT)", "pass it with --graph, beside the plan"),
            Self::Hcl => (
                "Terraform source",
                "pass its directory with --source, beside the plan",
            ),
            Self::Text => (
                "a plan written for people",
                "save the plan and show it: terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
            ),
            Self::List => (
                "a JSON list",
                "take the documents out of it: jq -c '.[]' FILE > plan.json; each is a plan of its own",
            ),
            Self::OtherJson => ("JSON of another kind", SHOW),
            Self::Other => ("not JSON", SHOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, by_keys, by_text, document_start};

    fn keys(keys: &[&str]) -> Kind {
        by_keys(&keys.iter().map(|key| (*key).to_owned()).collect())
    }

    #[test]
    fn documents_are_told_by_their_keys() {
        let table: [(&[&str], Kind); 14] = [
            (&["@level", "@message", "type"], Kind::JsonLines),
            (
                &["version", "lineage", "serial", "resources"],
                Kind::RawState,
            ),
            (&["version", "serial", "lineage", "modules"], Kind::OldState),
            (
                &["version", "terraform_version", "backend"],
                Kind::InitRecord,
            ),
            (
                &["version", "serial", "lineage", "backend", "modules"],
                Kind::InitRecord,
            ),
            (&["serial", "lineage", "encrypted_data"], Kind::Encrypted),
            (
                &["meta", "encrypted_data", "encryption_version"],
                Kind::Encrypted,
            ),
            (&["remote_plan_format", "run_id"], Kind::CloudBookmark),
            (&["format_version", "provider_schemas"], Kind::Schema),
            (&["format_version", "valid", "diagnostics"], Kind::Validate),
            (&["mock"], Kind::Mock),
            (&["format_version", "values"], Kind::State),
            (&["format_version"], Kind::State),
            (&["name"], Kind::OtherJson),
        ];
        for (given, want) in table {
            assert_eq!(keys(given), want, "{given:?}");
        }
    }

    #[test]
    fn texts_are_told_by_their_first_bytes() {
        let table: [(&[u8], Kind); 11] = [
            (b"[{\"format_version\":\"1.2\"}]", Kind::List),
            (b"null\n", Kind::OtherJson),
            (b"\"a\"", Kind::OtherJson),
            (b" \r\n", Kind::Empty),
            (b"PK\x03\x04....tfplan", Kind::BinaryPlan),
            (b"PK\x03\x04....", Kind::Zip),
            (b"digraph G {\n}", Kind::Dot),
            (b"strict digraph \"x\" { }", Kind::Dot),
            (b"# comment\nresource \"a\" \"b\" {\n  x = 1\n}", Kind::Hcl),
            (
                b"Terraform used the selected providers to generate",
                Kind::Text,
            ),
            (b"hello", Kind::Other),
        ];
        for (given, want) in table {
            assert_eq!(
                by_text(given),
                Some(want),
                "{:?}",
                String::from_utf8_lossy(given)
            );
        }
        assert_eq!(by_text(b"{\"a\":1}"), None);
    }

    #[test]
    fn a_document_begins_at_a_brace_that_begins_a_line() {
        assert_eq!(document_start(b"[command]x {y}\n  {\"a\""), Some(17));
        assert_eq!(
            document_start(b"12:00 terraform: {\"format_version\":"),
            Some(17)
        );
        assert_eq!(document_start(b"no {brace} here"), None);
    }
}
