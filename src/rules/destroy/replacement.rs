//! What set a replacement off, in words.

use super::asking::{all_the_same, paths, take_back, untaint};
use super::replaced::Group;
use super::root::MOST_OTHERS;
use crate::finding::natural;
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::{Action, Forced, ObjectId, Plan};
use crate::rules::Context;
use crate::rules::context::{count, named};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// So many other roots are named in the message.
const NAMED: usize = 2;

/// What is left to do where no more is known.
const UNDO: &str = "Undo the change of the root, or have the replacement reviewed.";

/// What happens and why, with the objects that are created before the old ones give their names up, and how many are
/// updated in the wake.
pub(super) fn message(
    context: &Context<'_>,
    group: &Group,
    collisions: &[String],
    followers: usize,
) -> String {
    let plan = context.plan;
    [
        happens(context, group),
        anyway(plan, group),
        colliding(collisions, group.members.len()),
        following(followers),
        as_well(plan, group),
        all_the_same(plan, group),
    ]
    .concat()
}

/// What forces the replacement of the roots, or of the members when the roots only set them off.
pub(super) fn forced<'p>(plan: &'p Plan, group: &'p Group) -> impl Iterator<Item = &'p Forced> {
    let replaces = |id: &ObjectId| plan.objects[*id].action().replaces();
    let own = group.roots.iter().copied().filter(move |id| replaces(id));
    let is_own = own.clone().next().is_some();
    let members = group.members.iter().copied().filter(move |_| !is_own);
    own.chain(members)
        .flat_map(|id| &plan.objects[id].change().forced_by)
}

/// Of these, the paths to name: those whose new value is known, if any is.
fn deciding(plan: &Plan, group: &Group) -> String {
    let known = forced(plan, group).any(|forced| !forced.unknown);
    paths(forced(plan, group).filter(|forced| !known || !forced.unknown))
}

fn happens(context: &Context<'_>, group: &Group) -> String {
    let n = group.members.len();
    let are = if n == 1 { "is" } else { "are" };
    format!(
        "{}: {} {are} destroyed and created anew.",
        explain(context, group),
        count(n, "object", "objects")
    )
}

/// What to expect of objects that come under a name that is still taken.
pub(super) fn colliding(objects: &[String], members: usize) -> String {
    let which = match objects {
        [] => return String::new(),
        [only] if members > 1 => format!("{only} is"),
        some if some.len() < members => {
            let all = count(some.len(), "object", "objects");
            format!("{all} ({}) are", named(some, NAMED))
        }
        some => count(some.len(), "object is", "objects are"),
    };
    format!(" {which} created before the old one gives its name up: the cloud may refuse that.")
}

fn following(n: usize) -> String {
    if n == 0 {
        return String::new();
    }
    format!(
        " {} in its wake.",
        count(n, "object is updated", "objects are updated")
    )
}

/// Addresses of objects, as a reader sorts them.
pub(super) fn in_order(plan: &Plan, roots: &BTreeSet<ObjectId>) -> Vec<String> {
    let mut names: Vec<_> = roots.iter().map(|id| plan.address(*id)).collect();
    names.sort_by(|a, b| natural(a, b));
    names
}

/// Whom members follow beside the root.
fn as_well(plan: &Plan, group: &Group) -> String {
    // Which of several data sources returned another value is in no plan.
    let is_data = |id: &ObjectId| plan.block(*id).mode == Mode::Data;
    let (others, behind) = group.roots_beside();
    if others.is_empty() || group.roots.iter().any(is_data) {
        return String::new();
    }
    let follow = count(behind, "object follows", "objects follow");
    format!(" {follow} {} as well.", some(&in_order(plan, &others)))
}

/// Whom a root would follow without its own reason.
fn anyway(plan: &Plan, group: &Group) -> String {
    if group.besides.is_empty() {
        return String::new();
    }
    let besides = some(&in_order(plan, &group.besides));
    match group.roots.len() {
        1 => format!(" Left as it was, it would follow {besides} all the same."),
        _ => format!(" Left as they were, they would follow {besides} all the same."),
    }
}

/// The first of some names.
pub(super) fn some(names: &[String]) -> String {
    match names {
        [one, other] => format!("{one} and {other}"),
        [one, other, ..] if names.len() >= MOST_OTHERS => {
            format!("{one}, {other} and at least {} more", names.len() - NAMED)
        }
        _ => named(names, NAMED),
    }
}

fn explain(context: &Context<'_>, group: &Group) -> String {
    let (plan, root, cause) = (context.plan, group.roots[0], group.cause());
    let (names, subject) = (deciding(plan, group), group.address(plan));
    let becomes = if names.contains(", ") {
        "become"
    } else {
        "becomes"
    };
    if let Some(decider) = &group.decider {
        return decided(plan, group, decider, &names);
    }
    match cause {
        Some("attribute") if is_always_new(context, root) => format!(
            "A function whose value is new in every plan (timestamp(), uuid()) makes {names}, which cannot be changed in place"
        ),
        Some("attribute") if is_unknown(plan, root) => {
            format!("{names} {becomes} unknown and cannot be changed in place")
        }
        Some("attribute") if !names.is_empty() => format!("{names} cannot be changed in place"),
        Some("drift") if plan.objects[root].action() == Action::Create => format!(
            "{subject} was deleted outside Terraform and is created anew, and {names} {becomes} unknown"
        ),
        Some("drift") if !plan.objects[root].action().replaces() => format!(
            "{subject} was changed outside Terraform, and {names} of what reads it cannot be changed in place"
        ),
        Some("drift") => {
            format!("{names} was changed outside Terraform and cannot be changed back in place")
        }
        Some("tainted") => {
            "The object is tainted: its last creation failed or somebody marked it".to_owned()
        }
        Some("request") => "The replacement was asked for with -replace".to_owned(),
        Some("triggers") => "replace_triggered_by asks for the replacement".to_owned(),
        Some("import") => format!("The object is imported and {names} cannot be changed in place"),
        Some("deferred_read") => read_late(plan, group),
        Some("provider") => format!(
            "{subject} is created anew elsewhere, because its provider changed, and {names} {becomes} unknown"
        ),
        Some("upstream") if plan.block(root).mode == Mode::Data => {
            format!("{subject} returned another value, and {names} cannot be changed in place")
        }
        Some("upstream") => {
            let changes = if is_new(plan, root) {
                "is created by this plan"
            } else {
                "changes"
            };
            format!("{subject} {changes} and {names} {becomes} unknown")
        }
        _ => "Terraform does not say why".to_owned(),
    }
}

/// What is read late for the root.
fn read_late(plan: &Plan, group: &Group) -> String {
    let late: Vec<_> = group.deferred.iter().map(|id| plan.address(*id)).collect();
    let (are, their) = if late.len() == 1 {
        ("is", "its")
    } else {
        ("are", "their")
    };
    let root = group.roots[0];
    let changes = if plan.objects[root].action().removes() {
        "is destroyed"
    } else {
        "changes"
    };
    format!(
        "{} {changes}, so {} {are} read late and {their} values are unknown",
        plan.address(root),
        named(&late, NAMED)
    )
}

/// One edit behind several blocks.
fn decided(plan: &Plan, group: &Group, decider: &str, names: &str) -> String {
    let roots = group.roots.iter();
    let blocks: BTreeSet<_> = roots
        .map(|id| plan.config_address(plan.objects[*id].block))
        .collect();
    let blocks = count(blocks.len(), "block", "blocks");
    let (names, are) = match names.rsplit_once(", ") {
        Some((first, last)) => (format!("{first} and {last}"), "are"),
        None => (names.to_owned(), "is"),
    };
    format!("{names} of {blocks} {are} made of {decider} and cannot be changed in place")
}

/// Where the first root was before a `moved` block: what differs between two objects cannot be changed in place.
fn moved_here<'p>(plan: &'p Plan, group: &Group) -> Option<&'p str> {
    let is_edited = group.cause() == Some("attribute") && !is_unknown(plan, group.roots[0]);
    let mut moved = group.roots.iter().filter(|_| is_edited);
    moved
        .find_map(|id| plan.moved_from.get(id))
        .map(|from| &**from)
}

/// Whether an object is made by this plan.
fn is_new(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Create
}

/// Whether of all that forces the replacement of an object no new value is known.
fn is_unknown(plan: &Plan, id: ObjectId) -> bool {
    let forced = &plan.objects[id].change().forced_by;
    !forced.is_empty() && forced.iter().all(|forced| forced.unknown)
}

/// Whether what forces the replacement of an object is unknown though it is made of nothing that changes: only a function is
/// unknown in every plan (Terraform 1.11: `timestamp`, `uuid`, `bcrypt`).
fn is_always_new(context: &Context<'_>, id: ObjectId) -> bool {
    let plan = context.plan;
    let resource = plan.resource(plan.objects[id].block);
    let is_made = |forced: &Forced| {
        let (graph, attribute) = (context.graph, &*forced.attribute);
        resource.is_some_and(|resource| resource.has_argument(attribute))
            && graph.is_made_of_constants(plan, id, attribute)
    };
    is_unknown(plan, id) && plan.objects[id].change().forced_by.iter().any(is_made)
}

/// Whether something that forces the replacement of an object comes through a local that nobody tells the contents of.
fn is_behind_local(context: &Context<'_>, id: ObjectId) -> bool {
    let (plan, graph) = (context.plan, context.graph);
    let mut forced = plan.objects[id].change().forced_by.iter();
    is_unknown(plan, id)
        && forced.any(|forced| graph.is_made_of_unknown(plan, id, &forced.attribute))
}

/// What keeps the objects.
pub(super) fn fix(context: &Context<'_>, group: &Group) -> Cow<'static, str> {
    let (plan, root) = (context.plan, group.roots[0]);
    if let Some(from) = moved_here(plan, group) {
        let undo = group.decider.as_deref().unwrap_or("the attribute");
        return format!(
            "A moved block brought it here from {from}: if that is another object, correct the block; else undo the \
             change of {undo}, or have the replacement reviewed."
        )
        .into();
    }
    if let Some(decider) = &group.decider {
        // What a local is put together with may have been edited in each place as well.
        let beside = if decider.contains("local.") {
            ", or of what stands beside it"
        } else {
            ""
        };
        return format!("Undo the change of {decider}{beside}, or have the replacements reviewed.")
            .into();
    }
    if let Some(outside) = changed_back(plan, group) {
        return outside.into();
    }
    match group.cause() {
        Some("deferred_read") => return let_refer(context, group),
        Some("drift") if plan.objects[root].action() == Action::Create => {
            "Find out who deleted it; import it if it is still there under another name."
        }
        Some("provider") => "Give the root its provider back.",
        Some("attribute") if is_always_new(context, root) => {
            "Unless every apply shall make it anew, take a value that stays: a version, a hash, time_static."
        }
        Some("attribute") if is_behind_local(context, root) => {
            "Undo what made it unknown, or have the replacement reviewed; --source follows locals."
        }
        Some("attribute") if is_unknown(plan, root) => {
            "Undo what made it unknown, or have the replacement reviewed."
        }
        // Thousands of findings say the same: each has its own copy only where it says more.
        Some("attribute" | "import") => match &group.made_of {
            None => "Undo the change of the attribute, or have the replacement reviewed.",
            Some(name) => {
                return format!(
                    "Undo the change of the attribute or of what it is made of ({name}), or have the replacement reviewed."
                )
                .into();
            }
        },
        Some("drift") if !plan.objects[root].action().replaces() => {
            "Find out who changed it, and whether the new value is meant."
        }
        Some("drift") => {
            "Take the change made outside over into the configuration, or ignore it with ignore_changes."
        }
        Some("tainted") => return untaint(plan, root),
        Some("request") => return take_back(plan, root),
        Some("upstream") if plan.block(root).mode == Mode::Data => {
            "Pin the data source to what it returned before, or have the replacement reviewed."
        }
        Some("upstream") if is_new(plan, root) => {
            "If the root was there before under another address, add a moved block; else refer to what was referred to \
             before, or have the replacement reviewed."
        }
        _ => UNDO,
    }
    .into()
}

/// What is left to do where the plan also changes back what was changed outside of Terraform, and that forces the replacement
/// by itself.
fn changed_back(plan: &Plan, group: &Group) -> Option<String> {
    let drifted = |id: &ObjectId, name: &Name| plan.objects[*id].change().drifted.contains(name);
    let is_outside = |forced: &&Forced| {
        let mut roots = group.roots.iter();
        roots.any(|id| drifted(id, &forced.attribute))
    };
    let known = forced(plan, group).filter(|forced| !forced.unknown);
    let (outside, edited): (Vec<_>, Vec<_>) = known.partition(is_outside);
    let own = group.cause() == Some("attribute") && !outside.is_empty() && !edited.is_empty();
    own.then(|| {
        format!(
            "Undoing the change of {} alone does not keep it: {} was changed outside Terraform. Take that over into the configuration as well, or have the replacement reviewed.",
            paths(edited.into_iter()),
            paths(outside.into_iter()),
        )
    })
}

/// What to do instead of the `depends_on` that put reads off, if it was not a reference that did it.
fn let_refer(context: &Context<'_>, group: &Group) -> Cow<'static, str> {
    let (plan, late) = (context.plan, group.deferred.iter());
    let found: BTreeSet<&str> = late
        .filter_map(|id| context.carriers().get(id))
        .flatten()
        .copied()
        .collect();
    let block = |id: &ObjectId| plan.config_address(plan.objects[*id].block);
    let own: BTreeSet<String> = group.deferred.iter().map(block).collect();
    if found.is_empty() {
        return UNDO.into();
    }
    if found.iter().all(|carrier| own.contains(*carrier)) {
        return "Take depends_on off the data source: let it refer to what it needs through a local value.".into();
    }
    let found: Vec<_> = found.into_iter().map(str::to_owned).collect();
    let found = named(&found, NAMED);
    format!("Take depends_on off {found}: let references to what is needed set the order.").into()
}

#[cfg(test)]
mod tests {
    use super::colliding;

    #[test]
    fn who_comes_under_a_name_that_is_taken_is_named_unless_all_do() {
        let names = ["a.x", "a.y", "a.z"].map(str::to_owned);
        assert_eq!(colliding(&[], 3), "");
        assert!(colliding(&names, 3).starts_with(" 3 objects are created"));
        assert!(colliding(&names[..2], 3).starts_with(" 2 objects (a.x, a.y) are created"));
        assert!(colliding(&names, 4).starts_with(" 3 objects (a.x, a.y and 1 more) are created"));
        assert!(colliding(&names[..1], 3).starts_with(" a.x is created"));
    }
}
