//! Notes a state whose place names neither its environment nor its stack: the next stack may take it for its own.

use super::same_state;
use crate::finding::{Finding, Place, Severity};
use crate::input::backend::{Backend, Setting};
use crate::input::environment::{Told, in_tag, lower_words};
use crate::rules::stacks::Stack;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct UnscopedState;

static META: Meta = Meta {
    id: "unscoped-state",
    summary: "Notes a state whose place names neither its environment nor its stack.",
    severity: Severity::Note,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/unscoped-state.md"),
};

/// Settings that say where the state lies, or in which part of a service.
const PLACES: [&str; 16] = [
    "address",
    "bucket",
    "container_name",
    "key",
    "name",
    "namespace",
    "path",
    "prefix",
    "resource_group_name",
    "schema_name",
    "secret_suffix",
    "storage_account_name",
    "subpath",
    "workspace_key_prefix",
    "workspaces.name",
    "workspaces.prefix",
];

impl Rule for UnscopedState {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["backend"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let around = context.around;
        let wanted = |backend: &&Backend| tells(backend) && !hides_workspace(context, backend);
        let Some(backend) = around.backend.as_ref().filter(wanted) else {
            return;
        };
        let place = place(backend);
        let in_environment = around
            .environment
            .as_deref()
            .map(|name| names_environment(&place, name));
        let in_stack = around.named.then(|| names_stack(&place, &around.name));
        let message = match (in_environment, in_stack) {
            (Some(false), Some(true) | None) if default_of_several(context, backend) => {
                format!(
                    "The state is that of the default workspace, though the sources tell workspaces apart and this is {}.",
                    around.environment.as_deref().unwrap_or_default()
                )
            }
            (Some(false), Some(false)) => {
                "Nothing in the place of the state names its environment or its stack.".to_owned()
            }
            (Some(false), None) => {
                "Nothing in the place of the state names its environment.".to_owned()
            }
            (None, Some(false)) => "Nothing in the place of the state names its stack.".to_owned(),
            _ => return,
        };
        let finding = sink.finding(context.stack(), message);
        sink.report(Finding {
            place: Place::Backend,
            ..finding
                .fact("backend", &*backend.kind)
                .fix("Name stack and environment where the state is kept, each stack and environment in a place of its own.")
        });
    }

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        for (severity, finding) in same_state::findings(stacks, sink) {
            sink.report_as(severity, finding);
        }
    }
}

/// Whether all is known that could name anything: a local file is in a directory that does, unless it leaves it.
fn tells(backend: &Backend) -> bool {
    let plain = PLACES
        .iter()
        .all(|name| backend.settings.get(*name) != Some(&Setting::Other));
    let must: &[&str] = match backend.kind.as_str() {
        "local" => {
            let path = backend.text("path").unwrap_or_default();
            return plain && (path.starts_with('/') || path.starts_with("../"));
        }
        "s3" => &["bucket", "key"],
        "azurerm" => &["storage_account_name", "container_name", "key"],
        "gcs" | "oss" | "cos" => &["bucket", "prefix"],
        "consul" | "etcd" | "swift" => &["path"],
        "http" => &["address"],
        "kubernetes" => &["secret_suffix"],
        "cloud" | "remote" => &["workspaces.name"],
        // Nothing is known of others, or of what their defaults are.
        _ => return false,
    };
    plain && (backend.whole || must.iter().all(|name| backend.settings.contains_key(*name)))
}

/// Whether the workspace, which is not known, may be what names the environment.
fn hides_workspace(context: &Context<'_>, backend: &Backend) -> bool {
    let several = ["workspace_key_prefix", "workspaces.prefix"];
    let several = several
        .iter()
        .any(|name| backend.settings.contains_key(*name));
    backend.workspace.is_none() && (several || context.around.uses_workspace)
}

/// The words of everything that says where the state lies.
fn place(backend: &Backend) -> Vec<String> {
    let set = PLACES.iter().filter_map(|name| backend.text(name));
    let workspace = backend
        .workspace
        .as_deref()
        .filter(|name| *name != "default");
    set.chain(workspace).flat_map(lower_words).collect()
}

/// Whether a place names an environment, by any of its words or by another word for it.
fn names_environment(place: &[String], environment: &str) -> bool {
    let told = in_tag(environment);
    let same = |word: &String| told != Told::Nothing && in_tag(word) == told;
    place.iter().any(same) || names(place, environment)
}

/// Whether a place names a stack: all of its words but those for environments, or what else there is.
fn names_stack(place: &[String], stack: &str) -> bool {
    let own: Vec<String> = lower_words(stack).collect();
    let apart: Vec<&String> = own
        .iter()
        .filter(|word| in_tag(word) == Told::Nothing)
        .collect();
    if apart.is_empty() {
        return names(place, stack);
    }
    apart.iter().any(|word| place.contains(word)) || joined(place, stack)
}

fn names(place: &[String], name: &str) -> bool {
    let own: Vec<String> = lower_words(name).collect();
    own.iter().all(|word| place.contains(word)) || joined(place, name)
}

/// Whether the name stands in one of the words, as in `acmeprodstate`: storage accounts have no dashes.
fn joined(place: &[String], name: &str) -> bool {
    let name: String = lower_words(name).collect();
    name.len() > 2 && place.iter().any(|word| word.contains(&name))
}

/// Whether the default workspace is in use where the sources ask which workspace it is.
fn default_of_several(context: &Context<'_>, backend: &Backend) -> bool {
    context.around.uses_workspace && backend.workspace.as_deref() == Some("default")
}

#[cfg(test)]
mod tests {
    use super::{Backend, names_environment, names_stack, place, tells};

    fn backend(text: &str) -> Backend {
        Backend::of_hcl(text).expect("a backend")
    }

    #[test]
    fn an_environment_is_named_by_any_of_its_words() {
        let words = |text: &str| place(&backend(&format!("backend \"s3\" {{ key = \"{text}\" }}")));
        assert!(names_environment(
            &words("app/production/terraform.tfstate"),
            "prod"
        ));
        assert!(names_environment(&words("acmeprodstate/x"), "prod"));
        assert!(names_environment(&words("eu-blue/x"), "blue"));
        assert!(!names_environment(&words("app/terraform.tfstate"), "prod"));
        assert!(!names_environment(
            &words("app/dev/terraform.tfstate"),
            "prod"
        ));
    }

    #[test]
    fn a_stack_is_named_by_what_tells_it_from_its_environment() {
        let words = |text: &str| place(&backend(&format!("backend \"s3\" {{ key = \"{text}\" }}")));
        assert!(names_stack(
            &words("states/orders/terraform.tfstate"),
            "orders-prod"
        ));
        assert!(!names_stack(
            &words("states/prod/terraform.tfstate"),
            "orders-prod"
        ));
        assert!(names_stack(&words("states/prod/terraform.tfstate"), "prod"));
        assert!(!names_stack(&words("terraform.tfstate"), "orders"));
    }

    #[test]
    fn a_place_that_is_not_known_whole_tells_nothing() {
        assert!(tells(&backend(
            "backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n}"
        )));
        assert!(!tells(&backend("backend \"s3\" {\n key = \"k\"\n}")));
        assert!(!tells(&backend(
            "backend \"s3\" {\n bucket = var.b\n key = \"k\"\n}"
        )));
        assert!(!tells(&backend(
            "backend \"local\" {\n path = \"terraform.tfstate\"\n}"
        )));
        assert!(tells(&backend(
            "backend \"local\" {\n path = \"../terraform.tfstate\"\n}"
        )));
        assert!(!tells(&backend("backend \"odd\" {}")));
    }
}
