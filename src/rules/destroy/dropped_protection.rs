//! Flags changes that switch off what keeps data from being destroyed.

use super::instances::{addresses, by_block};
use crate::catalog::{self, Holds};
use crate::finding::{Finding, Place, Severity};
use crate::input::plan::{Object, ObjectId, Plan, attribute_of};
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct DroppedProtection;

static META: Meta = Meta {
    id: "dropped-protection",
    summary: "Flags plans that switch off a protection of data.",
    severity: Severity::Warning,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/dropped-protection.md"),
};

impl Rule for DroppedProtection {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn destroys(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let found = plan
            .managed()
            .filter_map(|(id, object)| Some((id, dropped(plan, id, object)?)));
        for (address, (what, dropped), members) in by_block(plan, found) {
            let names = dropped.join(", ");
            let longer = if dropped.len() == 1 {
                "protects"
            } else {
                "protect"
            };
            let object = match members.len() {
                1 => "the object, which holds".to_owned(),
                n => format!("{n} objects, which hold"),
            };
            let mut finding = sink
                .finding(address, format!("{names} no longer {longer} {object} {what}."))
                .members(addresses(plan, &members))
                .fact("attributes", dropped.clone())
                .fix("Leave the protection on; take it off only in the change that is to destroy the object.");
            let attribute = attribute_of(dropped[0]);
            finding.place = Place::Argument(attribute.into());
            sink.report(finding);
        }
    }
}

/// What the object holds, and the attributes that protected it and no longer will.
fn dropped(
    plan: &Plan,
    id: ObjectId,
    object: &Object,
) -> Option<(&'static str, Vec<&'static str>)> {
    let kept = object.change().kept.as_deref()?;
    let Holds::Data(what) = catalog::facts(&plan.block(id).kind).holds else {
        return None;
    };
    let dropped: Vec<_> = kept
        .protections
        .iter()
        .filter(|known| known.before == Some(true) && known.after == Some(false))
        .map(|known| known.attribute)
        .collect();
    (!dropped.is_empty()).then_some((what, dropped))
}
