//! Flags objects that are destroyed and created anew, one finding per root. Updates that only follow are
//! listed, not blamed.

use super::loss::Loss;
use super::replaced::{Group, groups};
use super::root::MOST_OTHERS;
use super::successor::{collisions, order};
use crate::finding::{Finding, Place, Related, Severity, natural};
use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::{Action, BlockId, Forced, ObjectId, Plan};
use crate::rules::context::{count, named};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) struct PlannedReplace;

static META: Meta = Meta {
    id: "planned-replace",
    summary: "Flags objects that are destroyed and created anew, under what set it off.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/planned-replace.md"),
};

/// So many followers are named.
const FOLLOWERS: usize = 20;
/// So many other roots are named in the message.
const NAMED: usize = 2;

/// What is left to do where no more is known.
const UNDO: &str = "Undo the change of the root, or have the replacement reviewed.";

impl Rule for PlannedReplace {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        for (roots, group) in groups(context) {
            let finding = finding(context, sink, &roots, &group);
            sink.report(finding);
        }
    }
}

/// The address of roots that are one finding: of the block, when they are its instances.
fn address_of(plan: &Plan, roots: &[ObjectId]) -> String {
    if let [only] = roots {
        return plan.address(*only);
    }
    let blocks: BTreeSet<_> = roots.iter().map(|id| plan.objects[*id].block).collect();
    match blocks.first() {
        Some(block) if blocks.len() == 1 => plan.block_address(*block),
        _ => plan.config_address(plan.objects[roots[0]].block),
    }
}

fn finding(context: &Context<'_>, sink: &Sink, roots: &[ObjectId], group: &Group) -> Finding {
    let plan = context.plan;
    let (root, address) = (roots[0], address_of(plan, roots));
    // A late read explains more than the change it waited for.
    let cause = if group.causes.contains(&Some("deferred_read")) {
        Some("deferred_read")
    } else {
        group.causes.iter().copied().flatten().next()
    };
    let collisions = collisions(plan, &group.members);
    let followers = followers(context, &group.members);
    let message = [
        happens(plan, root, cause, group),
        anyway(plan, roots.len(), group),
        colliding(collisions.len()),
        following(followers.len()),
        as_well(plan, root, group),
    ]
    .concat();
    let follower = |address: &String| Related::new(address, "is updated in its wake");
    let named = followers.iter().take(FOLLOWERS).map(follower);
    let mut finding = sink
        .finding(&address, message)
        .members(group.members.iter().map(|id| plan.address(*id)).collect())
        .fact("root", address)
        .fact(
            "attributes",
            attributes(plan, root, group)
                .into_iter()
                .collect::<Vec<_>>(),
        )
        .fact("order", order(plan, &group.members))
        .fact("name_collisions", collisions)
        .fact("followers", followers.len())
        .fact("spared", group.spared)
        .related(named.collect::<Vec<_>>())
        .fix(match cause {
            Some("deferred_read") => let_refer(context, group),
            _ => fix(plan, cause, root).into(),
        });
    if roots.len() > 1 {
        let roots: Vec<_> = roots.iter().map(|id| plan.address(*id)).collect();
        finding = finding.fact("roots", roots);
    }
    let others: BTreeSet<_> = group.others.union(&group.besides).copied().collect();
    if !others.is_empty() {
        finding = finding.fact("other_roots", in_order(plan, &others));
    }
    finding.cause = cause;
    if let Some(forced) = forced(plan, root, group).find(|forced| !forced.unknown) {
        finding.place = Place::Argument((*forced.attribute).into());
    }
    finding.path = path(context, roots, &group.members);
    Loss::of(plan, &group.members).tell(finding)
}

/// The paths that force the root's replacement, or those of the members when the root only sets them off.
fn attributes(plan: &Plan, root: ObjectId, group: &Group) -> BTreeSet<String> {
    forced(plan, root, group)
        .map(|forced| forced.path.to_string())
        .collect()
}

/// Of these, the ones to name: those whose new value is known, if any is.
fn deciding(plan: &Plan, root: ObjectId, group: &Group) -> String {
    let known = forced(plan, root, group).any(|forced| !forced.unknown);
    let paths = forced(plan, root, group).filter(|forced| !known || !forced.unknown);
    let paths: BTreeSet<&str> = paths.map(|forced| &*forced.path).collect();
    paths.into_iter().collect::<Vec<_>>().join(", ")
}

fn forced<'p>(
    plan: &'p Plan,
    root: ObjectId,
    group: &'p Group,
) -> impl Iterator<Item = &'p Forced> {
    let own = plan.objects[root].action().replaces().then_some(root);
    let members = group.members.iter().copied().filter(move |_| own.is_none());
    own.into_iter()
        .chain(members)
        .flat_map(|id| &plan.objects[id].change().forced_by)
}

fn happens(plan: &Plan, root: ObjectId, cause: Option<&'static str>, group: &Group) -> String {
    let n = group.members.len();
    let are = if n == 1 { "is" } else { "are" };
    format!(
        "{}: {} {are} destroyed and created anew.",
        explain(plan, root, cause, group),
        count(n, "object", "objects")
    )
}

fn colliding(n: usize) -> String {
    if n == 0 {
        return String::new();
    }
    format!(
        " {} created before the old one gives its name up: the cloud may refuse that.",
        count(n, "object is", "objects are")
    )
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

fn in_order(plan: &Plan, roots: &BTreeSet<ObjectId>) -> Vec<String> {
    let mut names: Vec<_> = roots.iter().map(|id| plan.address(*id)).collect();
    names.sort_by(|a, b| natural(a, b));
    names
}

/// Whom members follow beside the root.
fn as_well(plan: &Plan, root: ObjectId, group: &Group) -> String {
    // Which of several data sources returned another value is in no plan.
    if group.others.is_empty() || plan.block(root).mode == Mode::Data {
        return String::new();
    }
    let behind = group.members.iter().filter(|id| **id != root).count();
    let follow = count(behind - group.spared, "object follows", "objects follow");
    format!(
        " {follow} {} as well.",
        some(&in_order(plan, &group.others))
    )
}

/// Whom a root would follow without its own reason.
fn anyway(plan: &Plan, roots: usize, group: &Group) -> String {
    if group.besides.is_empty() {
        return String::new();
    }
    let besides = some(&in_order(plan, &group.besides));
    match roots {
        1 => format!(" Left as it was, it would follow {besides} all the same."),
        _ => format!(" Left as they were, they would follow {besides} all the same."),
    }
}

/// The first of some names.
fn some(names: &[String]) -> String {
    match names {
        [one, other] => format!("{one} and {other}"),
        [one, other, ..] if names.len() >= MOST_OTHERS => {
            format!("{one}, {other} and at least {} more", names.len() - NAMED)
        }
        _ => named(names, NAMED),
    }
}

fn explain(plan: &Plan, root: ObjectId, cause: Option<&'static str>, group: &Group) -> String {
    let names = deciding(plan, root, group);
    let becomes = if names.contains(", ") {
        "become"
    } else {
        "becomes"
    };
    match cause {
        Some("attribute") if is_unknown(plan, root) => {
            format!("{names} {becomes} unknown and cannot be changed in place")
        }
        Some("attribute") if !names.is_empty() => format!("{names} cannot be changed in place"),
        Some("drift") if plan.objects[root].action() == Action::Create => format!(
            "{} was deleted outside Terraform and is created anew, and {names} {becomes} unknown",
            plan.address(root)
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
        Some("deferred_read") => {
            let late: Vec<_> = group.deferred.iter().map(|id| plan.address(*id)).collect();
            let (are, their) = if late.len() == 1 {
                ("is", "its")
            } else {
                ("are", "their")
            };
            format!(
                "{} changes, so {} {are} read late and {their} values are unknown",
                plan.address(root),
                named(&late, NAMED)
            )
        }
        Some("provider") => format!(
            "{} is created anew elsewhere, because its provider changed, and {names} {becomes} unknown",
            plan.address(root)
        ),
        Some("upstream") if plan.block(root).mode == Mode::Data => format!(
            "{} returned another value, and {names} cannot be changed in place",
            plan.address(root)
        ),
        Some("upstream") => format!(
            "{} changes and {names} {becomes} unknown",
            plan.address(root)
        ),
        _ => "Terraform does not say why".to_owned(),
    }
}

/// Whether of all that forces the replacement of an object no new value is known.
fn is_unknown(plan: &Plan, id: ObjectId) -> bool {
    let forced = &plan.objects[id].change().forced_by;
    !forced.is_empty() && forced.iter().all(|forced| forced.unknown)
}

fn fix(plan: &Plan, cause: Option<&'static str>, root: ObjectId) -> &'static str {
    match cause {
        Some("drift") if plan.objects[root].action() == Action::Create => {
            "Find out who deleted it; import it if it is still there under another name."
        }
        Some("provider") => "Give the root its provider back.",
        Some("attribute") if is_unknown(plan, root) => {
            "Undo what made it unknown, or have the replacement reviewed; --source follows locals."
        }
        Some("attribute" | "import") => {
            "Undo the change of the attribute, or have the replacement reviewed."
        }
        Some("drift") => {
            "Take the change made outside over into the configuration, or ignore it with ignore_changes."
        }
        Some("tainted") => "If the object is fine, terraform untaint keeps it.",
        Some("request") => "Plan without -replace to keep it.",
        _ => UNDO,
    }
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

/// Objects that are changed in place because a value of a member becomes unknown, in the order of addresses.
fn followers(context: &Context<'_>, members: &[ObjectId]) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let starts: Vec<_> = members.iter().map(|id| graph.object(*id)).collect();
    let reach = graph.search(
        starts,
        Direction::Dependents,
        Sense::Flow,
        |from, edge, to| carries_values(plan, graph, (from, edge, to)),
    );
    let updated = |id: &ObjectId| {
        let change = plan.objects[*id].change();
        change.action == Action::Update && change.to_unknown
    };
    let found = graph.objects_among(reach.nodes());
    let mut found: Vec<_> = found.filter(updated).map(|id| plan.address(id)).collect();
    found.sort_by(|a, b| natural(a, b));
    found
}

/// Whether unknown values go along an edge: what only waits learns nothing, unless it is read late for that.
fn carries_values(plan: &Plan, graph: &Graph, (from, edge, to): (NodeId, Edge, NodeId)) -> bool {
    let is_entry = |node: NodeId| matches!(graph.node(node), Node::Entry(_));
    let waits = is_entry(from) || matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
    let is_late = |block: BlockId| {
        let mut objects = plan.blocks[block].objects.iter();
        objects.any(|id| plan.objects[*id].action() == Action::Read)
    };
    !waits || is_entry(to) || graph.block_of(plan, to).is_some_and(is_late)
}

/// The longest of the shortest paths from a member to the root.
fn path(context: &Context<'_>, roots: &[ObjectId], members: &[ObjectId]) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    if members == roots {
        return Vec::new();
    }
    let reach = graph.search(
        roots.iter().map(|root| graph.object(*root)),
        Direction::Dependents,
        Sense::Order,
        |_, _, _| true,
    );
    let reached = members
        .iter()
        .copied()
        .filter(|id| !roots.contains(id) && reach.contains(graph.object(*id)));
    let labels = reached.map(|id| {
        let mut path = reach.path(graph.object(id));
        path.reverse();
        graph.labels(plan, &path)
    });
    labels
        .max_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)))
        .unwrap_or_default()
}
