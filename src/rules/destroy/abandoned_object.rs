//! Flags objects that Terraform creates anew because their provider looks elsewhere now: the old object is not
//! found there, drops out of the state without a word and lives on, unmanaged.

use crate::finding::{Place, Severity};
use crate::input::plan::{Home, ObjectId, Plan};
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct AbandonedObject;

static META: Meta = Meta {
    id: "abandoned-object",
    summary: "Flags objects that are left behind because their provider changed.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/abandoned-object.md"),
};

impl Rule for AbandonedObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        for (id, _) in plan.managed() {
            let Some(moved) = moved(plan, id) else {
                continue;
            };
            let address = plan.address(id);
            let message = format!(
                "The object {}: a new one is created, the old one is left behind, unmanaged.",
                moved.sentence()
            );
            let mut finding = sink
                .finding(&address, message)
                .members(vec![address])
                .fact("provider", moved.provider)
                .fact("argument", moved.argument)
                .fix(
                    "Give the resource its provider back; to move the object, create the new one beside it under \
                     another address.",
                );
            finding.cause = Some("provider");
            finding.place = Place::Argument("provider".into());
            sink.report(finding);
        }
    }
}

/// How the place of an object and that of its provider differ.
pub(super) struct Moved<'p> {
    argument: &'static str,
    old: &'p str,
    new: &'p str,
    provider: &'p str,
}

impl Moved<'_> {
    /// Only regions are shown: names of accounts and projects are nobody else's business.
    fn sentence(&self) -> String {
        let provider = self.provider;
        match self.argument {
            "region" => format!(
                "is in {}, its provider configuration {provider} works in {}",
                self.old, self.new
            ),
            other => {
                let what = other.strip_suffix("_id").unwrap_or(other);
                format!("is in another {what} than its provider configuration {provider} works in")
            }
        }
    }
}

/// Whether an object that could not be found is where its provider does not look.
pub(super) fn moved(plan: &Plan, id: ObjectId) -> Option<Moved<'_>> {
    let object = &plan.objects[id];
    let Home(home) = object.change().vanished.as_deref()?;
    let key = &plan.resource(object.block)?.provider;
    let provider = plan.configuration.providers.get(key)?;
    home.iter().find_map(|(argument, old)| {
        let (_, new) = provider
            .places
            .iter()
            .find(|(name, _)| **name == **argument)?;
        (new != old).then_some(Moved {
            argument,
            old,
            new,
            provider: key,
        })
    })
}
