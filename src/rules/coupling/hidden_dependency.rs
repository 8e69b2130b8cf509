//! Flags a value that is what another managed object is called, while nothing tells Terraform of the dependency.

use super::mentions::{is_hidden, node};
use super::named_abroad;
use crate::catalog;
use crate::finding::{Finding, Place, Related, Severity};
use crate::graph::{Direction, Sense};
use crate::input::names::Name;
use crate::input::plan::{Action, BlockId, How, Mention, ObjectId, Plan, attribute_of, inside};
use crate::rules::stacks::Stack;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct HiddenDependency;

static META: Meta = Meta {
    id: "hidden-dependency",
    summary: "Flags values that name another managed object without referring to it.",
    severity: Severity::Warning,
    family: Family::Coupling,
    options: &[],
    page: include_str!("../../../rules/hidden-dependency.md"),
};

/// The block that names, where, and the block that is named, by config address: instances of them are one finding.
type Spot = (String, Option<Name>, String);

/// What several services make themselves when they first write.
const LOG_GROUP: &str = "aws_cloudwatch_log_group";

impl Rule for HiddenDependency {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, finding: &Finding) -> bool {
        finding.facts["destroyed"] != true
    }

    fn measures(&self) -> &'static [&'static str] {
        &["target", "attribute"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        if context.plan.mentions.given_up {
            sink.note(
                "hidden-dependency was not looked for: the state has more than 5,000 objects",
            );
        }
        let plan = context.plan;
        let mut spots: BTreeMap<Spot, Vec<&Mention>> = BTreeMap::new();
        for mention in context
            .plan
            .mentions
            .found
            .iter()
            .filter(|mention| is_hidden(context, mention))
        {
            let named = plan.objects[mention.named].block;
            let [by, named] = [mention.block, named].map(|block| plan.config_address(block));
            let spot = (by, mention.path.clone(), named);
            spots.entry(spot).or_default().push(mention);
        }
        for ((_, path, _), mentions) in spots {
            report(context, path.as_deref(), &mentions, sink);
        }
    }

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        for (goes, finding) in named_abroad::findings(stacks, sink) {
            let severity = if goes {
                Severity::Error
            } else {
                Severity::Warning
            };
            sink.report_as(severity, finding);
        }
    }
}

fn report(context: &Context<'_>, path: Option<&str>, mentions: &[&Mention], sink: &mut Sink) {
    let plan = context.plan;
    let first = mentions[0];
    let mut by: Vec<String> = mentions
        .iter()
        .map(|mention| address(context, mention))
        .collect();
    by.dedup();
    let is_of_first = |mention: &&&Mention| mention.block == first.block;
    let root = match by.as_slice() {
        [one] => one.clone(),
        _ if mentions.iter().all(|mention| is_of_first(&mention)) => {
            plan.block_address(first.block)
        }
        _ => plan.config_address(first.block),
    };
    let target = target(plan, mentions);
    let ended = mentions.iter().find(|mention| goes(context, mention));
    let ended = ended.map(|mention| mention.named);
    let by_module = mentions.iter().all(|mention| waits(context, mention));
    // One object may name several.
    let argument = attribute_of(path.unwrap_or_default());
    let discriminator = format!("{argument} {target}").trim().to_owned();
    let mut finding = sink
        .finding(root, message((first, by_module), &target, path, ended))
        .members(by)
        .related(
            ended
                .map(|id| end(context, id))
                .into_iter()
                .collect::<Vec<_>>(),
        )
        .fact("target", target)
        .fact("destroyed", ended.is_some())
        .fact("named_by", word(first.how))
        .fix(fix(context, mentions));
    finding.discriminator = discriminator;
    if let Some(path) = path {
        finding.place = Place::Argument(path.into());
        finding = finding.fact("attribute", path);
    }
    let severity = match ended {
        Some(_) => Severity::Error,
        None if by_module => Severity::Note,
        None => Severity::Warning,
    };
    sink.report_as(severity, finding);
}

/// Whether the `depends_on` of a module has the one that names wait for what it names.
fn waits(context: &Context<'_>, mention: &Mention) -> bool {
    let graph = context.graph;
    let starts = [node(context, mention), graph.block(mention.block)];
    let (to, direction) = (graph.object(mention.named), Direction::Dependencies);
    let reach = graph.search(starts, direction, Sense::Order, |from, _, _| from != to);
    reach.contains(to)
}

fn address(context: &Context<'_>, mention: &Mention) -> String {
    let plan = context.plan;
    let block = || plan.block_address(mention.block);
    mention.object.map_or_else(block, |id| plan.address(id))
}

/// Whether what is called so is not there afterwards. A name may be that of the object which comes instead.
fn goes(context: &Context<'_>, mention: &Mention) -> bool {
    let action = context.plan.objects[mention.named].action();
    // What is only renamed comes back under the same name.
    action.destroys()
        && !context.story().is_renamed(mention.named)
        && (!action.replaces() || mention.how == How::Id || loses_name(context.plan, mention))
}

/// Whether the object that comes instead has another name than the one that is written out, or that an object which is
/// left alone has.
fn loses_name(plan: &Plan, mention: &Mention) -> bool {
    let change = plan.objects[mention.named].change();
    let identity = catalog::facts(&plan.block(mention.named).kind).identity;
    // A prefix, where there was a name, makes the provider put a name together.
    let is_name = |attribute: &str| {
        identity.contains(&attribute.strip_suffix("_prefix").unwrap_or(attribute))
    };
    let mut forced = change.forced_by.iter();
    let is_named_anew = forced.any(|forced| is_name(&forced.attribute));
    let argument = attribute_of(mention.path.as_deref().unwrap_or_default());
    let written = plan.resource(mention.block).into_iter();
    let literals = written.flat_map(|resource| resource.literals_of(argument));
    let literals: Vec<_> = literals.collect();
    let lost = || match change.kept.as_deref() {
        _ if literals.is_empty() => {
            let action = mention.object.map(|id| plan.objects[id].action());
            action == Some(Action::NoOp)
        }
        Some(kept) => literals.iter().any(|print| kept.identities.contains(print)),
        None => false,
    };
    is_named_anew && lost()
}

fn end(context: &Context<'_>, id: ObjectId) -> Related {
    let action = context.plan.objects[id].action();
    let what = if action.replaces() {
        "is destroyed and created anew by this plan"
    } else {
        "is destroyed by this plan"
    };
    Related::new(context.plan.address(id), what)
}

const fn word(how: How) -> &'static str {
    match how {
        How::Id => "id",
        How::Arn => "arn",
        How::Name => "name",
        How::Lookup => "lookup",
    }
}

fn message(
    (mention, by_module): (&Mention, bool),
    target: &str,
    path: Option<&str>,
    ended: Option<ObjectId>,
) -> String {
    let at = path.unwrap_or("A value");
    let what = match mention.how {
        How::Id => {
            format!(
                "{at} holds {} of {target}, without a reference.",
                named_abroad::id_at(at)
            )
        }
        How::Arn => format!("{at} holds the ARN that {target} will have, without a reference."),
        How::Name => format!("{at} holds the name of {target}, without a reference."),
        How::Lookup => format!("This looks up {target}, which the same configuration manages."),
    };
    let so = match (ended, mention.how) {
        (Some(_), _) if !by_module => {
            "That object goes in this very plan, and nothing orders the two."
        }
        (Some(_), _) => "That object goes in this very plan.",
        _ if by_module => "Nothing but the depends_on of a module orders the two.",
        (_, How::Lookup) => "It may be read before that is made, and sees its changes a run late.",
        _ => "Terraform may make, change or destroy the two in any order.",
    };
    format!("{what} {so}")
}

/// What is named: the object, or the block where each names another instance of it.
fn target(plan: &Plan, mentions: &[&Mention]) -> String {
    let named: BTreeSet<ObjectId> = mentions.iter().map(|mention| mention.named).collect();
    let blocks: BTreeSet<BlockId> = named.iter().map(|id| plan.objects[*id].block).collect();
    match (named.first(), blocks.first()) {
        (Some(only), _) if named.len() == 1 => plan.address(*only),
        (_, Some(only)) if blocks.len() == 1 => plan.block_address(*only),
        _ => plan.config_address(plan.objects[mentions[0].named].block),
    }
}

fn fix(context: &Context<'_>, mentions: &[&Mention]) -> String {
    let (plan, mention) = (context.plan, mentions[0]);
    let target = target(plan, mentions);
    let named = &plan.objects[mention.named];
    if plan.resource(named.block).is_none() || named.action().removes() {
        return format!("Keep {target}, or take the text out.");
    }
    let home = plan.block(mention.named).module;
    let beside = plan.blocks[mention.block].module == home;
    if mention.how == How::Lookup && !beside {
        return format!(
            "Make an output of {target}, hand it to where the data source stands, and delete that."
        );
    }
    if mention.how == How::Lookup {
        return format!("Refer to {target} itself and delete the data source.");
    }
    if beside {
        // In its module it goes by a shorter name.
        let own = [
            &*plan.modules[home].address,
            plan.config_module_address(home),
        ];
        let own = own.iter().find_map(|module| inside(module, &target));
        let own = own.unwrap_or(&target);
        if *plan.blocks[mention.block].kind == *LOG_GROUP {
            return format!(
                "Let {own} wait for the log group (depends_on): the service makes one of that name when it first writes, \
                 if there is none yet."
            );
        }
        format!("Refer to {own} in place of the text.")
    } else if plan.is_within(plan.blocks[mention.block].module, home) {
        format!("Hand {target} down as an input, in place of the text.")
    } else {
        format!("Make an output of {target}, and hand it to where the text stands.")
    }
}
