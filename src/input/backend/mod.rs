//! Where the state is kept: the kind of backend, and of its settings the few that tell locking and whose state it is.
//! The rest, where credentials stand, is passed over.

mod msgpack;
mod planned;

pub(super) use planned::planned;

use super::json::parts::{elements, fields, text_or_none};
use super::path::DEFAULT_WORKSPACE;
use super::source::Constant;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The settings that are kept.
const KEPT: [&str; 24] = [
    "address",
    "bucket",
    "container_name",
    "dynamodb_table",
    "endpoint",
    "hostname",
    "key",
    "lock",
    "lock_address",
    "lock_table",
    "name",
    "namespace",
    "organization",
    "path",
    "prefix",
    "resource_group_name",
    "schema_name",
    "secret_suffix",
    "storage_account_name",
    "subpath",
    "tablestore_table",
    "use_lockfile",
    "workspace_dir",
    "workspace_key_prefix",
];
/// A larger record of `terraform init` is none.
const LARGEST: u64 = 1 << 20;

/// A backend, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backend {
    /// `s3`, `gcs`, `local`…; `cloud` for a `cloud` block.
    pub kind: String,
    /// What is set of what is kept. Those of `workspaces` are `workspaces.name` and `workspaces.prefix`.
    pub settings: BTreeMap<String, Setting>,
    /// Whether nothing else is set: the block alone may be completed by `-backend-config` or the environment.
    pub whole: bool,
    /// The workspace, where that is known.
    pub workspace: Option<String>,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A text.
    Text(String),
    /// A switch.
    Bool(bool),
    /// Something that cannot be told without evaluating it (`OpenTofu` 1.8 allows variables).
    Other,
}

impl Backend {
    /// A setting that is a text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.settings.get(name) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn set(&mut self, name: &str, value: Option<Setting>) {
        let empty = |value: &Setting| *value == Setting::Text(String::new());
        let known = KEPT.contains(&name) || matches!(name, "workspaces.name" | "workspaces.prefix");
        if let Some(value) = value.filter(|value| known && !empty(value)) {
            self.settings.insert(name.to_owned(), value);
        }
    }

    /// Reads a block of the sources, `backend "s3" { … }` or `cloud { … }`.
    pub(crate) fn of_hcl(text: &str) -> Option<Self> {
        let body = hcl_edit::parser::parse_body(text).ok()?;
        let block = body.blocks().next()?;
        let kind = match block.ident.as_str() {
            "backend" => block.labels.first()?.as_str(),
            "cloud" => "cloud",
            _ => return None,
        };
        let mut backend = Self {
            kind: kind.to_owned(),
            ..Self::default()
        };
        backend.take_body("", &block.body);
        for inner in block.body.get_blocks("workspaces") {
            backend.take_body("workspaces.", &inner.body);
        }
        Some(backend)
    }

    fn take_body(&mut self, prefix: &str, body: &Body) {
        for attribute in body.attributes() {
            let name = format!("{prefix}{}", attribute.key.as_str());
            self.set(&name, hcl(&attribute.value));
        }
    }

    /// Reads `{"s3": {…}}`, as `.tf.json` has it.
    pub(super) fn of_json(raw: &[u8], cloud: bool) -> Option<Self> {
        let raw = elements(raw).flatten().next().unwrap_or(raw);
        if cloud {
            return Some(Self::of_config("cloud", raw, false));
        }
        let (kind, config) = fields(raw).flatten().find(|(name, _)| name != "//")?;
        Some(Self::of_config(&kind, config, false))
    }

    fn of_config(kind: &str, config: &[u8], whole: bool) -> Self {
        let mut backend = Self {
            kind: kind.to_owned(),
            whole,
            ..Self::default()
        };
        let config = elements(config).flatten().next().unwrap_or(config);
        for (name, value) in fields(config).flatten() {
            if name == "workspaces" {
                let inner = elements(value).flatten().next().unwrap_or(value);
                for (name, value) in fields(inner).flatten() {
                    backend.set(&format!("workspaces.{name}"), json(value));
                }
            } else {
                backend.set(&name, json(value));
            }
        }
        backend
    }
}

fn hcl(value: &Expression) -> Option<Setting> {
    match super::source::block::constant(value) {
        Some(Constant::Text(text)) => Some(word(&text)),
        Some(Constant::Bool(value)) => Some(Setting::Bool(value)),
        _ if matches!(value, Expression::Null(_)) => None,
        _ => Some(Setting::Other),
    }
}

fn json(raw: &[u8]) -> Option<Setting> {
    match raw.first()? {
        b'n' => None,
        b't' => Some(Setting::Bool(true)),
        b'f' => Some(Setting::Bool(false)),
        b'"' => text_or_none(raw).map(|text| word(&text)),
        _ => Some(Setting::Other),
    }
}

/// Terraform takes `"true"` for true.
fn word(text: &str) -> Setting {
    match text {
        "true" => Setting::Bool(true),
        "false" => Setting::Bool(false),
        _ if text.contains("${") => Setting::Other,
        _ => Setting::Text(text.to_owned()),
    }
}

/// What `terraform init` left in a data directory: the backend with what `-backend-config` said, and the workspace.
/// A directory without such a record was initialised for the local backend.
pub(super) fn initialised(data: &Path) -> Option<Backend> {
    if !data.is_dir() {
        return None;
    }
    let small = |name: &str| {
        let path = data.join(name);
        let meta = fs::metadata(&path)
            .ok()
            .filter(|meta| meta.is_file() && meta.len() <= LARGEST)?;
        fs::read(path).ok().filter(|_| meta.len() > 0)
    };
    let workspace = small("environment").map(|raw| String::from_utf8_lossy(&raw).trim().to_owned());
    let record = small("terraform.tfstate");
    let mut backend = match record.as_deref().and_then(of_record) {
        Some(backend) => backend,
        None => Backend {
            kind: "local".to_owned(),
            whole: true,
            ..Backend::default()
        },
    };
    backend.workspace = Some(workspace.unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned()));
    Some(backend)
}

fn of_record(raw: &[u8]) -> Option<Backend> {
    use super::json::parts::get;
    let backend = get(raw, "backend")?;
    let kind = get(backend, "type").and_then(text_or_none)?;
    Some(Backend::of_config(&kind, get(backend, "config")?, true))
}

#[cfg(test)]
mod tests;
