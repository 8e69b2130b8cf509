//! Flags lists that lost or got an element before their end: `count` gives every instance behind it the values
//! of its neighbour.

use super::cause::origins;
use super::loss::Loss;
use super::shift::{Repeated, Shift};
use crate::finding::{Finding, Fix, Place, Related, Severity};
use crate::input::plan::{Action, ObjectId, Plan, attribute_of};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::fmt::Write as _;

pub(crate) struct IndexShift;

static META: Meta = Meta {
    id: "index-shift",
    summary: "Flags lists whose elements move to another index of count.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/index-shift.md"),
};

/// So many instances are named.
const REWRITTEN: usize = 20;

impl Rule for IndexShift {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        for (shift, followers) in &context.story().shifts {
            let finding = finding(context.plan, sink, shift, followers);
            sink.report(finding);
        }
    }
}

fn finding(plan: &Plan, sink: &Sink, shift: &Shift, followers: &[ObjectId]) -> Finding {
    let destroys = |id: &&ObjectId| plan.objects[**id].action().destroys();
    let members: Vec<ObjectId> = shift
        .objects
        .iter()
        .chain(followers)
        .filter(destroys)
        .copied()
        .collect();
    let others = shift.objects.iter().filter(|id| !destroys(id));
    let (created, rewritten): (Vec<ObjectId>, Vec<_>) = others
        .chain(&shift.beside)
        .partition(|id| plan.objects[**id].action() == Action::Create);
    let relate = |said: &'static str| move |id: &ObjectId| Related::new(plan.address(*id), said);
    let rewrites = rewritten
        .iter()
        .map(relate("gets the values of a neighbour"));
    let related = rewrites
        .chain(
            created
                .iter()
                .map(relate("is created for the last element")),
        )
        .take(REWRITTEN);
    let attribute = attribute_of(&plan.paths[shift.path as usize]);
    let mut finding = sink
        .finding(
            &shift.address,
            message(shift, members.len(), rewritten.len()),
        )
        .members(members.iter().map(|id| plan.address(*id)).collect())
        .related(related.collect::<Vec<_>>())
        .fact("attribute", attribute)
        .fact("shift", shift.by)
        .fact("first_index", shift.first)
        .fact("inserted", shift.inserted.clone())
        .fact("removed", shift.removed.clone())
        .fact("affected", shift.affected)
        .fact("needed_changes", shift.inserted.len() + shift.removed.len());
    finding.place = Place::Argument("count".into());
    let list = list(plan, shift);
    if !list.is_empty() {
        finding = finding.fact("decided_by", list.clone());
    }
    finding.fix = Some(fix(shift, &list, attribute));
    let finding = Loss::of(plan, &members).tell(finding);
    let severity = if members.is_empty() {
        Severity::Warning
    } else {
        finding.severity
    };
    Finding {
        severity,
        ..finding
    }
}

fn message(shift: &Shift, destroyed: usize, rewritten: usize) -> String {
    let happened = match (shift.inserted.as_slice(), shift.removed.as_slice()) {
        ([], []) => "The list was reordered".to_owned(),
        (some, []) => format!("{} put into the list before its end", were(some.len())),
        ([], some) => format!("{} taken out of the list before its end", were(some.len())),
        _ => "Elements were put into the list and taken out of it".to_owned(),
    };
    let mut message = format!(
        "{happened}, so {} another element from index {} on",
        count(shift.affected, "instance holds", "instances hold"),
        shift.first
    );
    if destroyed > 0 {
        let are = if destroyed == 1 { "is" } else { "are" };
        let _ = write!(
            message,
            ": {} {are} destroyed",
            count(destroyed, "object", "objects")
        );
    }
    if rewritten > 0 {
        let joint = if destroyed > 0 { ", " } else { ": " };
        let _ = write!(
            message,
            "{joint}{} rewritten",
            count(rewritten, "object", "objects")
        );
    }
    message + "."
}

fn were(n: usize) -> String {
    if n == 1 {
        "An element was".to_owned()
    } else {
        format!("{n} elements were")
    }
}

/// What the count is made of.
fn list(plan: &Plan, shift: &Shift) -> Vec<String> {
    match shift.repeated {
        Repeated::Block(id) => {
            let block = plan.objects[id].block;
            plan.resource(block)
                .map(|resource| {
                    origins(
                        plan,
                        plan.blocks[block].module,
                        resource.repetition.references(),
                    )
                })
                .unwrap_or_default()
        }
        Repeated::Module(id) => {
            let instance = &plan.modules[id];
            let config = instance.config.map(|id| &plan.configuration.modules[id]);
            let call = config.and_then(|config| config.call.as_ref());
            call.zip(instance.parent)
                .map(|(call, parent)| origins(plan, parent, call.repetition.references()))
                .unwrap_or_default()
        }
    }
}

/// `for_each` with a key for each element, and what keeps the objects that are there.
fn fix(shift: &Shift, list: &[String], attribute: &str) -> Fix {
    let over = match list {
        [only] => format!("for_each over the elements of {only}"),
        _ => "for_each over the elements".to_owned(),
    };
    // What names an element of a module is not in its resources.
    let block = matches!(shift.repeated, Repeated::Block(_));
    let keys = if block {
        format!("The keys here are what {attribute} was: where for_each makes others, put those.")
    } else {
        format!(
            "Terraform takes from = {0}[0], to = {0}[\"the key of that element\"].",
            shift.address
        )
    };
    let description = format!(
        "Repeat it with {over} instead of count, each.value in place of the element, and keep the objects with moved \
         blocks, one for each index. {keys}"
    );
    let safe =
        |text: &str| block && !text.contains("(sensitive") && !shift.address.contains("(sensitive");
    let blocks = shift.labels.iter().filter(|(_, label)| safe(label));
    let blocks: Vec<_> = blocks
        .map(|(index, label)| {
            let address = &shift.address;
            format!("moved {{\n  from = {address}[{index}]\n  to   = {address}[\"{label}\"]\n}}\n")
        })
        .collect();
    Fix {
        description: description.into(),
        hcl: (!blocks.is_empty()).then(|| blocks.join("\n")),
        file: None,
    }
}
