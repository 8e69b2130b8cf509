//! Flags lists that lost or got an element before their end: `count`, or a `for_each` over positions, gives every
//! instance behind it the values of its neighbour.

use super::loss::Loss;
use super::moves::moved_blocks;
use super::replacement::{colliding, in_order, some};
use super::shift::{Edit, Repeated, Shift, destroyed, edits};
use super::successor::takeovers;
use crate::finding::{Finding, Fix, Place, Related, Severity};
use crate::input::address::config_address;
use crate::input::plan::{Action, ObjectId, Plan, attribute_of};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(crate) struct IndexShift;

static META: Meta = Meta {
    id: "index-shift",
    summary: "Flags lists whose elements move to another index of count, or key of for_each.",
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
        for edit in edits(context.plan, &context.story().shifts) {
            let finding = finding(context.plan, sink, &edit);
            sink.report(finding);
        }
    }
}

fn finding(plan: &Plan, sink: &Sink, edit: &Edit<'_>) -> Finding {
    let shift = edit.shifts[0];
    let shifts = || edit.shifts.iter();
    let destroyed = shifts().flat_map(|shift| destroyed(plan, shift));
    let members: BTreeSet<ObjectId> = destroyed.chain(edit.followers.iter().copied()).collect();
    let members: Vec<_> = members.into_iter().collect();
    let others = shifts().flat_map(|shift| &shift.objects);
    let others = others.filter(|id| members.binary_search(id).is_err());
    let beside: Vec<_> = shifts().flat_map(|shift| &shift.beside).collect();
    let (created, rewritten): (Vec<ObjectId>, Vec<_>) =
        others.partition(|id| plan.objects[**id].action() == Action::Create);
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
        .chain((beside.iter().copied()).map(relate("is replaced for another reason")))
        .take(REWRITTEN);
    let attribute = &*plan.paths[shift.path as usize];
    let takeovers = takeovers(plan, &members, &created);
    let affected: usize = shifts().map(|shift| shift.affected).sum();
    let mut finding = sink
        .finding(
            &shift.address,
            message(plan, edit, members.len(), rewritten.len())
                + &colliding(&takeovers, members.len())
                + &all_the_same(plan, edit, members.len()),
        )
        .members(members.iter().map(|id| plan.address(*id)).collect())
        .related(related)
        .out_of(rewritten.len() + created.len() + beside.len())
        .fact("attribute", attribute_of(attribute))
        .fact("name_collisions", takeovers)
        .fact("shift", shift.by)
        .fact("first_index", shift.first)
        .fact("inserted", shift.inserted.clone())
        .fact("removed", shift.removed.clone())
        .fact("affected", affected)
        .fact(
            "needed_changes",
            edit.shifts.len() * (shift.inserted.len() + shift.removed.len()),
        );
    let by_position = shift.repeated.by_position(plan);
    let repeats = if by_position { "for_each" } else { "count" };
    finding.place = Place::Argument(repeats.into());
    if !edit.list.is_empty() {
        finding = finding.fact("decided_by", edit.list.clone());
    }
    let (_, roots) = anyway(edit);
    if !roots.is_empty() {
        finding = finding.fact("other_roots", in_order(plan, &roots));
    }
    if edit.shifts.len() > 1 {
        let blocks: Vec<_> = shifts().map(|shift| shift.address.clone()).collect();
        finding = finding.fact("blocks", blocks);
    }
    finding.fix = Some(fix(plan, edit, attribute));
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

fn message(plan: &Plan, edit: &Edit<'_>, destroyed: usize, rewritten: usize) -> String {
    let shift = edit.shifts[0];
    let happened = match (shift.inserted.as_slice(), shift.removed.as_slice()) {
        ([], []) => "The list was reordered".to_owned(),
        (some, []) => format!("{} put into the list before its end", were(some.len())),
        ([], some) => format!("{} taken out of the list before its end", were(some.len())),
        _ => "Elements were put into the list and taken out of it".to_owned(),
    };
    let affected = edit.shifts.iter().map(|shift| shift.affected).sum();
    let written = written(edit);
    let modules = written.iter().filter(|(is_module, _)| *is_module).count();
    let hold = match (written.len(), modules) {
        (1, _) => count(affected, "instance holds", "instances hold"),
        (n, 0) => format!("{affected} instances of {n} blocks hold"),
        (n, _) if n == modules => format!("{affected} instances of {n} modules hold"),
        (n, _) => format!("{affected} instances of {n} blocks and modules hold"),
    };
    let mut message = format!(
        "{happened}, so {hold} another element from {} {} on",
        if shift.repeated.by_position(plan) {
            "key"
        } else {
            "index"
        },
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

/// Which of the objects that are destroyed would be without the edit of the list.
fn all_the_same(plan: &Plan, edit: &Edit<'_>, destroyed: usize) -> String {
    let (objects, roots) = anyway(edit);
    if objects == 0 {
        return String::new();
    }
    let who = match (objects, destroyed) {
        (1, 1) => "It".to_owned(),
        (some, all) if some == all => "They".to_owned(),
        (some, _) => format!("{some} of them"),
    };
    let roots = some(&in_order(plan, &roots));
    format!(" {who} would follow {roots} all the same.")
}

/// How many objects would follow others without the edit of the list, and these.
fn anyway(edit: &Edit<'_>) -> (usize, BTreeSet<ObjectId>) {
    let all = || edit.shifts.iter().flat_map(|shift| &shift.anyway);
    let roots = all().flat_map(|(_, roots)| roots).copied();
    (all().count(), roots.collect())
}

/// The blocks and modules that shifted: each is one as it is written, in however many instances of its module.
fn written<'e>(edit: &'e Edit<'_>) -> BTreeSet<(bool, Cow<'e, str>)> {
    let shifts = edit.shifts.iter();
    shifts
        .map(|shift| (is_module(shift), config_address(&shift.address)))
        .collect()
}

fn is_module(shift: &Shift) -> bool {
    matches!(shift.repeated, Repeated::Module(_))
}

fn were(n: usize) -> String {
    if n == 1 {
        "An element was".to_owned()
    } else {
        format!("{n} elements were")
    }
}

/// `for_each` with a key for each element, and what keeps the objects that are there; before that what is cheaper.
fn fix(plan: &Plan, edit: &Edit<'_>, attribute: &str) -> Fix {
    let shift = edit.shifts[0];
    let list = &*elements(plan, edit);
    let end = |elements| {
        format!(
            "Put the new {elements} at the end of {list}, and nothing of this happens (unless a function orders it: sort, reverse, setproduct). Or repeat"
        )
    };
    let is_data = |list: &str| list.starts_with("data.") || list.contains(".data.");
    let first = match (shift.inserted.as_slice(), shift.removed.as_slice()) {
        // Nobody puts in order what a data source returns.
        _ if is_data(list) => {
            format!("{list} returned another list: pin what it returns, or sort it. Or repeat")
        }
        ([], []) => format!("Keep the old order of {list}, and nothing of this happens. Or repeat"),
        ([_], []) => end("element"),
        (_, []) => end("elements"),
        _ => "Repeat".to_owned(),
    };
    let it = if written(edit).len() == 1 {
        "it"
    } else {
        "them"
    };
    let statements = edit.statements(plan);
    let hcl = moved_blocks(plan, &statements).filter(|_| !statements.is_empty());
    let by_position = shift.repeated.by_position(plan);
    // What names an element of a module is not in its resources.
    let keys = match shift.repeated {
        Repeated::Module(_) => format!(
            " Terraform takes from = {0}{1}, to = {0}[\"the key of that element\"].",
            shift.address,
            if by_position { "[\"0\"]" } else { "[0]" }
        ),
        Repeated::Block(_) if hcl.is_none() => String::new(),
        Repeated::Block(_) => {
            let what = if edit.keys.are_parts {
                format!("what tells one {attribute} from another")
            } else {
                format!("what {attribute} was")
            };
            format!(" The keys here are {what}: where for_each makes others, put those.")
        }
    };
    let everywhere = if hcl.is_none() && shift.repeated.module(plan) != 0 {
        ", wherever the module is called"
    } else {
        ""
    };
    let (way, one) = way(list, by_position);
    let description = format!(
        "{first} {it} with {way}, and keep the objects with moved blocks, one for each {one} that is there{everywhere}.{keys}{}{}",
        numbers(plan, edit, by_position),
        still_replaced(plan, edit)
    );
    Fix {
        description: description.into(),
        hcl,
        file: None,
    }
}

/// What has the elements in it: what is gone over, unless that may be a mere number, as a local of which no value is made
/// that tells the elements apart.
fn elements<'e>(plan: &Plan, edit: &'e Edit<'_>) -> Cow<'e, str> {
    let shift = edit.shifts[0];
    if let Some(given) = edit.given(plan) {
        return given.into();
    }
    let by_name = shift.is_of_list || shift.repeated.by_position(plan);
    match edit.list.as_slice() {
        [only] if by_name || !only.contains("local.") => only.into(),
        _ => "the list".into(),
    }
}

/// How else to repeat what goes over a list, and what its instances are known by now.
fn way(list: &str, by_position: bool) -> (String, &'static str) {
    if by_position {
        let named = format!("a key in for_each that names each element of {list}");
        (named + " instead of its position", "key")
    } else {
        let way = format!("for_each over the elements of {list} instead of count");
        (way + ", each.value in place of the element", "index")
    }
}

/// What no `moved` block keeps.
fn still_replaced(plan: &Plan, edit: &Edit<'_>) -> String {
    let (_, roots) = anyway(edit);
    match in_order(plan, &roots).as_slice() {
        [] => String::new(),
        [only] => format!(" What follows {only} is kept only when that stays as well."),
        all => format!(
            " What follows {} is kept only when those stay as well.",
            some(all)
        ),
    }
}

/// What `each.value` does not give: without it the objects change in spite of their `moved` blocks.
fn numbers(plan: &Plan, edit: &Edit<'_>, by_position: bool) -> String {
    let all = edit.numbered(plan);
    if all.is_empty() {
        return String::new();
    }
    let go = if all.len() == 1 { "goes" } else { "go" };
    let names = all.join(", ");
    let index = if by_position { "key" } else { "index" };
    format!(
        " {names} {go} by the {index}, not by the element: keep the old number beside each element, in a map, or the objects \
         change all the same."
    )
}
