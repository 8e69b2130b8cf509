//! Flags a backend that does not lock the state, and local state in CI, which the next job does not find.

use crate::finding::{Finding, Place, Severity};
use crate::input::backend::{Backend, Setting};
use crate::rules::destroy::cause::at_least;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct UnlockedState;

static META: Meta = Meta {
    id: "unlocked-state",
    summary: "Flags a state that two runs can write at once, and local state in CI.",
    severity: Severity::Warning,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/unlocked-state.md"),
};

/// Whether a backend locks.
#[derive(Debug, PartialEq, Eq)]
enum Locking {
    /// It does, or nobody knows the backend.
    Fine,
    /// It does not: what is wrong, and what to do.
    Missing(&'static str, &'static str),
    /// Depends on what is not in the sources.
    Unknown,
}

impl Rule for UnlockedState {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["backend"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let Some(backend) = &context.around.backend else {
            return;
        };
        let version = context.plan.terraform_version.as_deref();
        let native = version.is_none_or(|version| at_least(version, 1, 10));
        match locking(backend, context.around.ci, native) {
            Locking::Fine => {}
            Locking::Missing(message, fix) => {
                let finding = sink.finding(context.stack(), message);
                sink.report(Finding {
                    place: Place::Backend,
                    ..finding.fact("backend", &*backend.kind).fix(fix)
                });
            }
            Locking::Unknown => sink.note(format!(
                "the {} backend is completed outside of the sources: whether the state is locked is unknown (a binary plan file tells, or .terraform beside the sources)",
                backend.kind
            )),
        }
    }
}

/// Whether a backend locks; `native` if the program knows locks in s3 itself. As of Terraform 1.13 and `OpenTofu` 1.10; what was removed in 1.3 (artifactory, etcd, swift, manta) as of 1.2.
fn locking(backend: &Backend, ci: bool, native: bool) -> Locking {
    match backend.kind.as_str() {
        "s3" => opt_in(
            backend,
            (
                &["use_lockfile", "dynamodb_table", "lock_table"],
                &["bucket", "key"],
            ),
            "The s3 backend locks only if it is told to: neither use_lockfile nor dynamodb_table is set.",
            if native {
                "Set use_lockfile = true."
            } else {
                "Set dynamodb_table, or from Terraform 1.10 on use_lockfile = true."
            },
        ),
        "http" => opt_in(
            backend,
            (&["lock_address"], &["address"]),
            "The http backend locks only with a lock_address, and has none.",
            "Set lock_address and unlock_address, if the server can lock.",
        ),
        "oss" => opt_in(
            backend,
            (&["tablestore_table"], &["bucket"]),
            "The oss backend locks only with a tablestore_table, and has none.",
            "Set tablestore_endpoint and tablestore_table.",
        ),
        "consul" | "etcdv3" | "swift" => match backend.settings.get("lock") {
            Some(Setting::Bool(false)) => Locking::Missing(
                "The backend could lock, and lock = false forbids it.",
                "Take lock = false out.",
            ),
            Some(Setting::Other) => Locking::Unknown,
            _ => Locking::Fine,
        },
        "artifactory" | "etcd" => Locking::Missing(
            "The backend cannot lock.",
            "Move the state to a backend that can: s3, gcs, azurerm, http, pg…",
        ),
        "local" if ci => Locking::Missing(
            "The state is a local file of this CI job: no other job sees it, or its lock.",
            "Keep the state in a backend that all jobs share and that locks.",
        ),
        // azurerm, cloud, cos, gcs, kubernetes, manta, oci, pg and remote always lock.
        _ => Locking::Fine,
    }
}

/// A backend that locks when one of some settings is set; the block says nothing unless it has what must be set.
fn opt_in(
    backend: &Backend,
    (any_of, must): (&[&str], &[&str]),
    message: &'static str,
    fix: &'static str,
) -> Locking {
    let settings: Vec<_> = any_of
        .iter()
        .filter_map(|name| backend.settings.get(*name))
        .collect();
    let set = |setting: &&Setting| matches!(setting, Setting::Text(_) | Setting::Bool(true));
    if settings.iter().any(set) {
        return Locking::Fine;
    }
    let complete = backend.whole || must.iter().all(|name| backend.settings.contains_key(*name));
    if !complete || settings.contains(&&Setting::Other) {
        return Locking::Unknown;
    }
    Locking::Missing(message, fix)
}

#[cfg(test)]
mod tests {
    use super::{Backend, Locking, Setting, locking};

    fn verdict(kind: &str, settings: &[(&str, Setting)], whole: bool, ci: bool) -> &'static str {
        let backend = Backend {
            kind: kind.to_owned(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            whole,
            workspace: None,
        };
        match locking(&backend, ci, true) {
            Locking::Fine => "fine",
            Locking::Missing(..) => "missing",
            Locking::Unknown => "unknown",
        }
    }

    #[test]
    fn each_backend_locks_in_its_own_way() {
        let text = |name| (name, Setting::Text("x".to_owned()));
        let (yes, no) = (Setting::Bool(true), Setting::Bool(false));
        let s3 = [text("bucket"), text("key")];
        assert_eq!(verdict("s3", &s3, false, false), "missing");
        let with = |extra: (&'static str, Setting)| [text("bucket"), text("key"), extra];
        assert_eq!(
            verdict("s3", &with(("use_lockfile", yes)), false, false),
            "fine"
        );
        assert_eq!(
            verdict("s3", &with(("use_lockfile", no.clone())), false, false),
            "missing"
        );
        assert_eq!(
            verdict("s3", &with(text("dynamodb_table")), false, false),
            "fine"
        );
        assert_eq!(
            verdict(
                "s3",
                &with(("dynamodb_table", Setting::Other)),
                false,
                false
            ),
            "unknown"
        );
        assert_eq!(verdict("s3", &[text("key")], false, false), "unknown");
        assert_eq!(verdict("s3", &[], true, false), "missing");
        assert_eq!(verdict("http", &[], false, false), "unknown");
        assert_eq!(verdict("http", &[text("address")], false, false), "missing");
        assert_eq!(
            verdict(
                "http",
                &[text("address"), text("lock_address")],
                false,
                false
            ),
            "fine"
        );
        assert_eq!(verdict("oss", &[text("bucket")], false, false), "missing");
        assert_eq!(verdict("consul", &[], false, false), "fine");
        assert_eq!(verdict("consul", &[("lock", no)], false, false), "missing");
        assert_eq!(
            verdict("consul", &[("lock", Setting::Other)], false, false),
            "unknown"
        );
        assert_eq!(verdict("etcd", &[], false, false), "missing");
        for kind in [
            "azurerm",
            "gcs",
            "pg",
            "kubernetes",
            "cos",
            "oci",
            "cloud",
            "remote",
            "unheard-of",
        ] {
            assert_eq!(verdict(kind, &[], false, true), "fine", "{kind}");
        }
        assert_eq!(verdict("local", &[], true, false), "fine");
        assert_eq!(verdict("local", &[], true, true), "missing");
    }
}
