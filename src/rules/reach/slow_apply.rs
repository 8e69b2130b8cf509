//! Notes plans that take long to apply: by the clock, or because very many changes wait for one another.

use super::apply::{Apply, Total, milliseconds, rollback, seconds, span, word};
use crate::finding::{Finding, Severity};
use crate::graph::Way;
use crate::input::plan::ObjectId;
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};
use serde_json::json;

pub(crate) struct SlowApply;

static META: Meta = Meta {
    id: "slow-apply",
    summary: "Notes plans that take long to apply, and what they wait for.",
    severity: Severity::Note,
    family: Family::Reach,
    options: &[
        OptionSpec {
            name: "chain",
            default: 50,
            help: "so many changing objects have to wait for one another in a row",
        },
        OptionSpec {
            name: "minutes",
            default: 30,
            help: "or the apply has to take so many minutes",
        },
        OptionSpec {
            name: "parallelism",
            default: 10,
            help: "as in terraform apply -parallelism",
        },
    ],
    page: include_str!("../../../rules/slow-apply.md"),
};

impl Rule for SlowApply {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let limit = u64::from(context.option(&META, "minutes")) * 60_000;
        let chain = context.option(&META, "chain").max(2) as usize;
        let total = Total::of(context);
        // Most plans are small: one worker would be done in time.
        if total.objects < chain && total.milliseconds < limit {
            return;
        }
        let workers = context.option(&META, "parallelism").max(1) as usize;
        let apply = context.apply();
        let Some((apply, end)) = apply.and_then(|apply| Some((apply, apply.end(workers)?))) else {
            let least = total.milliseconds / workers as u64;
            if least >= limit {
                sink.report(unordered(context, &total, workers, least, sink));
            }
            return;
        };
        if end >= limit || apply.objects(&apply.chain).len() >= chain {
            let report = Report {
                context,
                apply,
                workers,
                end,
                slow: end >= limit,
            };
            sink.report(report.finding(&total, sink));
        }
    }
}

/// What is told when nobody knows the order: at least all the work, shared out.
fn unordered(
    context: &Context<'_>,
    total: &Total,
    workers: usize,
    least: u64,
    sink: &Sink,
) -> Finding {
    let message = format!(
        "Applying takes at least {} at parallelism {workers}: so much work there is, in whatever order.",
        span(least)
    );
    sink.finding(context.stack(), message)
        .fact("guessed_percent", total.guessed_percent())
        .fact("parallelism", workers)
        .fact("seconds", seconds(least))
        .fix("Plan it in parts, or raise -parallelism where the provider allows it.")
}

/// A slow apply, and how it is told.
struct Report<'a, 'c> {
    context: &'a Context<'c>,
    apply: &'a Apply,
    workers: usize,
    /// When it ends, in milliseconds.
    end: u64,
    /// Whether it is slow by the clock.
    slow: bool,
}

impl Report<'_, '_> {
    fn finding(&self, total: &Total, sink: &Sink) -> Finding {
        let (plan, apply) = (self.context.plan, self.apply);
        let chain = apply.objects(&apply.chain);
        let walk = if self.slow { &apply.walk } else { &apply.chain };
        let shown = apply.objects(walk).into_iter().rev();
        let path: Vec<_> = shown.map(|id| plan.address(id)).collect();
        let address = path.first().cloned().unwrap_or_default();
        let guessed = total.guessed_percent();
        let mut finding = sink
            .finding(address, self.message(&chain, guessed))
            .fact("chain", chain.len())
            .fact("critical", self.critical())
            .fact("critical_seconds", seconds(apply.longest))
            .fact("guessed_percent", guessed)
            .fact("parallelism", self.workers)
            .fact("seconds", seconds(self.end));
        finding.path = path;
        if let Some(back) = rollback(self.context, self.workers) {
            let back_again = format!(" Taking it back takes about {}.", span(back));
            finding.message.push_str(&back_again);
            finding = finding.fact("rollback_seconds", seconds(back));
        }
        self.edge(finding)
    }

    fn message(&self, chain: &[ObjectId], guessed: u64) -> String {
        let (end, longest) = (span(self.end), span(self.apply.longest));
        let what = if self.slow {
            format!(
                "Applying takes about {end} at parallelism {}, and {longest} however parallel.",
                self.workers
            )
        } else {
            format!(
                "{} objects that change wait for one another in a row: applying takes {longest} however parallel.",
                chain.len()
            )
        };
        match guessed {
            0 => what,
            _ => format!("{what} {guessed} % of that is guessed: nobody knows the types."),
        }
    }

    /// The steps of the longest chain, the first first.
    fn critical(&self) -> Vec<serde_json::Value> {
        let plan = self.context.plan;
        let steps = self.apply.walk.iter();
        let steps = steps.filter_map(|node| self.apply.steps.step(*node));
        let shown = steps.map(|(id, half)| {
            let took = milliseconds(self.context, id, half, Way::Forward);
            json!({
                "address": plan.address(id),
                "step": word(plan.objects[id].action(), half),
                "seconds": seconds(took),
            })
        });
        shown.collect()
    }

    /// The one edge that costs most, and what is won without it.
    fn edge(&self, finding: Finding) -> Finding {
        let (graph, apply) = (self.context.graph, self.apply);
        let found = apply.steps.costliest(graph, &apply.walk);
        // What is won has to show in the words.
        let shows = |left: u64| left < apply.longest && span(left) != span(apply.longest);
        let Some((left, from, to, edge)) = found.filter(|(left, ..)| shows(*left)) else {
            return finding.fix(if self.end > apply.longest {
                "Plan it in parts, or raise -parallelism where the provider allows it."
            } else {
                "Plan it in parts: without any one edge it takes as long."
            });
        };
        let (plan, graph) = (self.context.plan, self.context.graph);
        let (from, to) = (graph.name(plan, from), graph.name(plan, to));
        let place = graph.place(edge);
        let fix = format!(
            "Look at what {from} needs of {to} ({place}): without that the longest chain takes {} instead of {}.",
            span(left),
            span(apply.longest)
        );
        let fact = json!({
            "from": from,
            "to": to,
            "place": place,
            "critical_seconds": seconds(left),
        });
        finding.fact("edge", fact).fix(fix)
    }
}
