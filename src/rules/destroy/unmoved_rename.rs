//! Flags a delete and a create that are the same object under another address. The fix is a `moved` block.

use super::after_move;
use super::cause::Causes;
use super::instances::{addresses, by_block};
use super::loss::Loss;
use super::moves::{Move, moves};
use super::rename::{Confidence, Pair};
use crate::finding::{Finding, Fix, Related, Severity};
use crate::input::plan::{ModuleId, ObjectId, PathId, Plan, attribute_of};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::cell::LazyCell;
use std::collections::BTreeSet;

pub(crate) struct UnmovedRename;

static META: Meta = Meta {
    id: "unmoved-rename",
    summary: "Flags a delete and a create that are one object under another address.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/unmoved-rename.md"),
};

/// So many candidates are named.
const CANDIDATES: usize = 10;
/// So many created objects are named.
const CREATED: usize = 20;

impl Rule for UnmovedRename {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let (plan, renames) = (context.plan, &context.story().renames);
        let causes = LazyCell::new(|| Causes::new(plan, context.stack()));
        for moved in moves(plan, &renames.pairs) {
            let finding = renamed(plan, sink, &causes, &moved);
            sink.report(finding);
        }
        let open = renames.ambiguous.iter();
        let open = open.map(|(from, candidates)| (*from, candidates));
        for (address, candidates, members) in by_block(plan, open) {
            let finding = ambiguous(plan, sink, &causes, address, candidates, &members);
            sink.report(finding);
        }
    }
}

fn renamed(plan: &Plan, sink: &Sink, causes: &Causes<'_>, moved: &Move<'_>) -> Finding {
    let members = moved.pairs.iter().flat_map(|pair| pair.members());
    let members: Vec<_> = members.collect();
    let differing = attributes(plan, moved.pairs.iter().flat_map(|pair| &pair.differing));
    let same = attributes(plan, moved.pairs.iter().flat_map(|pair| &pair.same));
    let message = message(plan, moved, members.len(), &differing);
    let confidence = moved.pairs.iter().map(|pair| pair.confidence).min();
    let named =
        |pair: &&&Pair| moved.together.is_none() && moved.targets != [plan.address(pair.to)];
    let created = moved.pairs.iter().filter(named);
    let created = created.map(|pair| Related::new(plan.address(pair.to), comes(plan, pair)));
    let mut finding = sink
        .finding(&moved.from, message)
        .members(members.iter().map(|id| plan.address(*id)).collect())
        .fact("to", moved.targets.clone())
        .fact("confidence", confidence.unwrap_or(Confidence::Low).word())
        .fact("compared", same.into_iter().collect::<Vec<_>>())
        .fact("differing", differing.into_iter().collect::<Vec<_>>())
        .fact("still_replaced", after_move::still_replaced(plan, moved))
        .related(created.clone().take(CREATED))
        .out_of(created.count());
    if moved.targets.len() == 1 {
        finding = finding.fact("to", moved.targets[0].clone());
    }
    let objects: Vec<_> = moved
        .pairs
        .iter()
        .map(|pair| plan.address(pair.to))
        .collect();
    if !moved.targets.contains(&objects[0]) {
        finding = finding.fact("target", objects);
    }
    finding.cause = cause(plan, causes, members[0], moved.pairs[0].to);
    finding.fix = Some(fix(plan, moved));
    Loss::of(plan, &members).tell(finding)
}

fn comes(plan: &Plan, pair: &Pair) -> &'static str {
    if plan.objects[pair.to].change().importing {
        "takes it in"
    } else {
        "is created in its place"
    }
}

/// Whether what goes is taken in again at its new addresses, and gone there once the plan is applied.
fn is_imported(plan: &Plan, moved: &Move<'_>) -> bool {
    let mut pairs = moved.pairs.iter();
    pairs.any(|pair| plan.objects[pair.to].change().importing)
}

fn message(plan: &Plan, moved: &Move<'_>, members: usize, differing: &BTreeSet<String>) -> String {
    if is_imported(plan, moved) {
        let (objects, them) = match members {
            1 => ("The object that is destroyed here is".to_owned(), "it"),
            n => (format!("{n} objects that are destroyed here are"), "them"),
        };
        let targets = moved.targets.join(", ");
        return format!(
            "{objects} imported as {targets} by the same plan: after it the state has {them}, and the cloud has not."
        );
    }
    let destroyed = match members {
        1 => "it is destroyed and created anew".to_owned(),
        n => format!("{n} objects are destroyed and created anew"),
    };
    let looks = match (moved.together, moved.targets.as_slice()) {
        (Some((blocks, from, to)), _) => format!(
            "{blocks} blocks of {} look like those of {} under another address",
            module_name(plan, from),
            module_name(plan, to)
        ),
        (None, [only]) => format!("This looks like {only} under another address"),
        (None, many) => format!(
            "These look like {} new {} under other addresses",
            many.len(),
            if moved.is_of_modules {
                "module instances"
            } else {
                "objects"
            }
        ),
    };
    let blocks = blocks(moved);
    let mut message = if moved.is_chain {
        format!("{looks}: {destroyed}.")
    } else {
        format!("{looks}: without {blocks} {destroyed}.")
    };
    let follow = match members - moved.pairs.len() {
        0 => String::new(),
        1 => " One of them only follows.".to_owned(),
        n => format!(" {n} of them only follow."),
    };
    message.push_str(&follow);
    message.push_str(&after_move::told(plan, moved, differing));
    message
}

fn blocks(moved: &Move<'_>) -> &'static str {
    if moved.is_one_statement() {
        "a moved block"
    } else {
        "moved blocks"
    }
}

fn fix(plan: &Plan, moved: &Move<'_>) -> Fix {
    let blocks = blocks(moved);
    Fix {
        description: if moved.is_chain {
            "Move the objects in the state, the last of the chain first (terraform state mv): no moved block can name an \
             address that is still in use."
                .into()
        } else if is_imported(plan, moved) {
            format!("Put {blocks} in place of the import, and plan again.").into()
        } else {
            after_move::advice(moved, blocks).into()
        },
        hcl: moved.hcl(plan),
        file: None,
    }
}

fn module_name(plan: &Plan, module: ModuleId) -> String {
    match &*plan.modules[module].address {
        "" => "the root module".to_owned(),
        address => address.to_owned(),
    }
}

/// A key that went and one that came are one key renamed.
fn cause(plan: &Plan, causes: &Causes<'_>, from: ObjectId, to: ObjectId) -> Option<&'static str> {
    let word = causes.of(from).word;
    let block = |id: ObjectId| plan.config_address(plan.objects[id].block);
    if word == Some("each_key_removed") && block(from) == block(to) {
        return Some("each_key_renamed");
    }
    word
}

fn ambiguous(
    plan: &Plan,
    sink: &Sink,
    causes: &Causes<'_>,
    address: String,
    candidates: &[ObjectId],
    members: &[ObjectId],
) -> Finding {
    let mut names = addresses(plan, candidates);
    names.sort_by(|a, b| crate::finding::natural(a, b));
    let (this, are) = match members.len() {
        1 => ("This".to_owned(), "it is"),
        n => (format!("Each of {n} objects"), "they are"),
    };
    let other = match names.as_slice() {
        [only] => format!("{this} may be {only} under another address, and so may others"),
        many => format!(
            "{this} may be any of {} under another address",
            count(many.len(), "new object", "new objects")
        ),
    };
    let related = names
        .iter()
        .take(CANDIDATES)
        .map(|name| Related::new(name, "is created with the same values"));
    let mut finding = sink
        .finding(
            address,
            format!("{other}: {are} destroyed and created anew."),
        )
        .members(addresses(plan, members))
        .related(related)
        .out_of(names.len())
        .fact("candidates", names.len())
        .fact("to", names.into_iter().take(CANDIDATES).collect::<Vec<_>>())
        .fact("confidence", Confidence::Low.word())
        .fix("Add a moved block to the one it is, if it is one of them.");
    finding.cause = causes.of(members[0]).word;
    Loss::of(plan, members).tell(finding)
}

/// The top-level attributes of some paths: names of a schema, never keys that somebody wrote.
fn attributes<'p>(plan: &Plan, paths: impl Iterator<Item = &'p PathId>) -> BTreeSet<String> {
    let names = paths.map(|path| attribute_of(&plan.paths[*path as usize]).to_owned());
    names.collect()
}
