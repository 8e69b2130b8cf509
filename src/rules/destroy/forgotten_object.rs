//! Notes objects that leave the state and live on where nobody manages them.

use super::cause::Causes;
use super::instances::addresses;
use super::moves::moved_blocks;
use super::namesakes::namesakes;
use crate::catalog::attributes::may_share_name;
use crate::finding::{Finding, Fix, Related, Severity};
use crate::input::plan::configuration::ProviderKey;
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::cell::LazyCell;
use std::collections::BTreeMap;

pub(crate) struct ForgottenObject;

static META: Meta = Meta {
    id: "forgotten-object",
    summary: "Notes objects that leave the state but live on, unmanaged.",
    severity: Severity::Note,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/forgotten-object.md"),
};

impl Rule for ForgottenObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn destroys(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let causes = LazyCell::new(|| Causes::new(plan, context.stack()));
        let imported = LazyCell::new(|| imported(plan));
        let again = LazyCell::new(|| created_again(plan));
        let mut groups: BTreeMap<(String, bool), Vec<ObjectId>> = BTreeMap::new();
        for (id, object) in plan.managed() {
            let replaced = match object.action() {
                Action::Forget => false,
                Action::ForgetAndCreate => true,
                _ => continue,
            };
            if imported.contains_key(&id) {
                continue;
            }
            if let Some(to) = again.get(&id) {
                sink.report(taken(plan, sink, id, *to));
                continue;
            }
            let address = if replaced || object.deposed.is_some() {
                plan.address(id)
            } else {
                causes.of(id).address
            };
            groups.entry((address, replaced)).or_default().push(id);
        }
        for ((address, again), members) in groups {
            let finding = finding(plan, sink, address, again, &members);
            sink.report(finding);
        }
    }
}

/// The objects that leave the state and are imported at another address by the same plan: that is a move.
fn imported(plan: &Plan) -> BTreeMap<ObjectId, ObjectId> {
    namesakes(
        plan,
        |name, change| name.sure && change.action == Action::Forget,
        |name, change| name.sure && change.importing,
    )
}

/// Objects that leave the state, and what the same plan creates under their names, where they are.
fn created_again(plan: &Plan) -> BTreeMap<ObjectId, ObjectId> {
    let mut same = namesakes(
        plan,
        |_, change| change.action == Action::Forget,
        |_, change| change.action == Action::Create,
    );
    same.retain(|id, to| {
        let apart = works_in_several_places(plan, *to)
            || plan.is_apart(*id, plan, *to)
            || may_share_name(&plan.block(*id).kind);
        !apart
    });
    same
}

/// Whether the provider of an object has configurations of other places: of what leaves the state nothing tells which of them
/// managed it.
fn works_in_several_places(plan: &Plan, id: ObjectId) -> bool {
    let resource = plan.resource(plan.objects[id].block);
    let mut all = plan.configuration.providers.keys();
    resource.is_some_and(|resource| {
        let own = ProviderKey::of(&resource.provider).name;
        all.any(|key| {
            let key = ProviderKey::of(key);
            key.name == own && !key.alias.is_empty()
        })
    })
}

/// An object whose name is taken when it is created anew.
fn taken(plan: &Plan, sink: &Sink, id: ObjectId, to: ObjectId) -> Finding {
    let (from, to) = (plan.address(id), plan.address(to));
    let message = format!(
        "The object leaves the state and lives on, and {to} is created under its name: the create fails, or takes it over \
         without a word."
    );
    let mut finding = sink
        .finding(&from, message)
        .members(vec![from.clone()])
        .related([Related::new(&to, "is created under its name")])
        .fact("to", to.clone());
    finding.cause = Some("removed_block");
    finding.severity = Severity::Error;
    finding.fix = Some(Fix {
        description: "If it is the same object, put a moved block in place of the removed block; else give the new one another \
                      name."
            .into(),
        hcl: moved_blocks(plan, &[(from, to)]),
        file: None,
    });
    finding
}

fn finding(
    plan: &Plan,
    sink: &Sink,
    address: String,
    again: bool,
    members: &[ObjectId],
) -> Finding {
    let message = match (again, members.len()) {
        (true, _) => {
            "A new object takes the address; the old one leaves the state and lives on.".to_owned()
        }
        (_, 1) => {
            "The object leaves the state and lives on: nothing in this stack manages it any more."
                .to_owned()
        }
        (_, n) => {
            format!("{n} objects leave the state and live on: nothing manages them any more.")
        }
    };
    let address = match members {
        [only] => plan.address(*only),
        _ => address,
    };
    let mut finding = sink
        .finding(address, message)
        .members(addresses(plan, members))
        .fix("If another stack takes over, import there; else write down who looks after it.");
    finding.cause = Some("removed_block");
    if again {
        finding.severity = Severity::Warning;
    }
    let deposed = members
        .iter()
        .filter_map(|id| plan.objects[*id].deposed.as_deref());
    finding.discriminator = deposed.map(|key| &**key).collect::<Vec<_>>().join(",");
    finding
}
