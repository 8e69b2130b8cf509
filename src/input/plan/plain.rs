//! Reads a plan the obvious way, with `serde_json` and the whole text in memory: the oracle of the streaming
//! reader's tests.

use super::streaming::walk;
use super::{PlanEvents, ReadOptions, builder::Builder, state::Head};
use crate::input::json::parts::{Malformed, value_len};
use crate::input::json::stream::Stream;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

type Raw<'a> = &'a RawValue;

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    values: Option<StateValues<'a>>,
}

#[derive(Deserialize)]
struct StateValues<'a> {
    #[serde(borrow)]
    outputs: Option<Raw<'a>>,
    #[serde(borrow)]
    root_module: Option<Module<'a>>,
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<Raw<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<Self>,
}

fn parse(raw: Raw<'_>) -> Vec<&RawValue> {
    serde_json::from_str(raw.get()).expect("an array")
}

fn plain(text: &str, events: &mut impl PlanEvents) -> Result<(), Malformed> {
    let document: BTreeMap<String, Raw<'_>> = serde_json::from_str(text).expect("an object");
    for (key, raw) in document {
        events.begin(&key, 0);
        match &*key {
            "resource_changes"
            | "resource_drift"
            | "deferred_changes"
            | "relevant_attributes"
            | "checks"
            | "condition_results" => {
                for raw in parse(raw) {
                    events.element(&key, raw.get().as_bytes())?;
                }
            }
            "planned_values" => {
                let values: BTreeMap<String, serde_json::Value> =
                    serde_json::from_str(raw.get()).expect("an object");
                events.planned(
                    values["root_module"]
                        .as_object()
                        .is_some_and(|root| !root.is_empty()),
                );
            }
            "configuration" => configuration(raw, events)?,
            "prior_state" => {
                let state: State<'_> = serde_json::from_str(raw.get()).expect("a state");
                let values = state.values.expect("values");
                if let Some(outputs) = values.outputs {
                    events.state_outputs(outputs.get().as_bytes())?;
                }
                state_module(&values.root_module.expect("a root module"), events)?;
            }
            _ => events.whole(&key, raw.get().as_bytes())?,
        }
    }
    Ok(())
}

fn configuration(raw: Raw<'_>, events: &mut impl PlanEvents) -> Result<(), Malformed> {
    let object = |raw: Raw<'_>| -> BTreeMap<String, String> {
        let members: BTreeMap<String, Raw<'_>> =
            serde_json::from_str(raw.get()).expect("an object");
        members
            .into_iter()
            .map(|(key, raw)| (key, raw.get().to_owned()))
            .collect()
    };
    let parsed = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
    for (key, text) in object(raw) {
        if key == "provider_config" {
            events.whole(&key, text.as_bytes())?;
        } else if key == "root_module" {
            events.root_module();
            for (key, text) in object(&parsed(&text)) {
                if key == "module_calls" {
                    for (name, text) in object(&parsed(&text)) {
                        events.root_call(&name, text.as_bytes())?;
                    }
                } else {
                    events.root_field(&key, text.as_bytes())?;
                }
            }
        }
    }
    Ok(())
}

fn state_module(module: &Module<'_>, events: &mut impl PlanEvents) -> Result<(), Malformed> {
    for raw in &module.resources {
        events.state_resource(raw.get().as_bytes())?;
    }
    module
        .child_modules
        .iter()
        .try_for_each(|child| state_module(child, events))
}

/// Writes down what it is told, in an order of its own.
#[derive(Default, PartialEq, Debug)]
struct Journal(BTreeMap<String, Vec<String>>);

impl Journal {
    fn note(&mut self, key: &str, raw: &[u8]) {
        let text = String::from_utf8(raw.to_vec()).expect("utf-8");
        self.0.entry(key.to_owned()).or_default().push(text);
    }
}

impl Journal {
    /// Of what is told with more behind it, the value alone.
    fn note_first(&mut self, key: &str, raw: &[u8]) -> Result<usize, Malformed> {
        let length = value_len(raw).ok_or_else(|| Malformed::new(raw, "cut"))?;
        self.note(key, &raw[..length]);
        Ok(length)
    }
}

impl PlanEvents for Journal {
    fn begin(&mut self, key: &str, _: u64) {
        self.0.remove(key);
    }
    fn whole(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        if key != "applyable" {
            self.note(key, raw);
        }
        Ok(())
    }
    fn element(&mut self, key: &str, raw: &[u8]) -> Result<usize, Malformed> {
        self.note_first(key, raw)
    }
    fn planned(&mut self, anything: bool) {
        self.0
            .insert("planned".to_owned(), vec![anything.to_string()]);
    }
    fn state_resource(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        self.note_first("state", raw)
    }
    fn root_module(&mut self) {
        self.note("root", b"");
    }
    fn root_field(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed> {
        self.note(key, raw);
        Ok(())
    }
    fn root_call(&mut self, name: &str, raw: &[u8]) -> Result<(), Malformed> {
        self.note(name, raw);
        Ok(())
    }
    fn state_outputs(&mut self, raw: &[u8]) -> Result<(), Malformed> {
        self.note("outputs", raw);
        Ok(())
    }
    fn raw_instance(&mut self, head: &Head, raw: &[u8]) -> Result<usize, Malformed> {
        self.note_first(&format!("{head:?}"), raw)
    }
}

fn document(order: &[usize], pad: usize, pretty: bool) -> String {
    let long = "x\\\"}]".repeat(pad);
    let change = |n: usize| {
        format!(
            r#"{{"address":"a_b.c[{n}]","change":{{"actions":["delete"],"before":{{"v":"{long}"}}}}}}"#
        )
    };
    let state = |n: usize| {
        format!(
            r#"{{"address":"a_b.c[{n}]","values":{{"v":[{{}},"{long}"]}},"depends_on":["x_y.z"]}}"#
        )
    };
    let parts = [
        r#""format_version":"1.2""#.to_owned(),
        format!(r#""resource_changes":[{},{}]"#, change(0), change(1)),
        format!(
            r#""planned_values":{{"outputs":{{}},"root_module":{{"resources":[{}]}}}}"#,
            state(1)
        ),
        format!(
            r#""prior_state":{{"values":{{"root_module":{{"resources":[{}],"child_modules":[{{"resources":[{}],"address":"module.m"}}]}},"outputs":{{"o":{{"sensitive":true,"value":1e400}}}}}}}}"#,
            state(0),
            state(1)
        ),
        format!(r#""relevant_attributes":[["{long}"],{{"resource":"{long}"}}]"#),
        format!(
            r#""checks":[{{"status":"fail","address":{{"to_display":"{long}"}}}},7],"timestamp":"{long}""#
        ),
        r#""errored":false"#.to_owned(),
        format!(
            r#""configuration":{{"provider_config":{{"p":{{}}}},"root_module":{{"module_calls":{{"m":{{"source":"{long}"}},"n":{{}}}},"resources":[]}}}}"#
        ),
        r#""resource_drift":[]"#.to_owned(),
    ];
    let gap = if pretty { " \r\n\t" } else { "" };
    let picked: Vec<_> = order.iter().map(|n| parts[*n].clone()).collect();
    format!("{{{gap}{}{gap}}}", picked.join(&format!("{gap},{gap}")))
}

proptest! {
    #[test]
    fn the_streaming_reader_tells_what_the_plain_one_tells(
        order in Just((0..9).collect::<Vec<usize>>()).prop_shuffle(),
        taken in 0usize..=9, pad in 0usize..60, pretty: bool, window in 64usize..400,
    ) {
        let text = document(&order[..taken], pad, pretty);
        let (mut want, mut got) = (Journal::default(), Journal::default());
        plain(&text, &mut want).expect("well formed");
        walk(&mut Stream::with_window(text.as_bytes(), window), &mut got).expect("well formed");
        prop_assert_eq!(got, want);
    }
}

/// What both readers must agree on. Prints are seeded anew for each reader.
fn facts(plan: &super::Plan) -> Vec<String> {
    let mut all: Vec<_> = (0..plan.objects.len())
        .map(|id| {
            let change = plan.objects[id].change();
            let kept = change.kept.as_deref().map(|kept| {
                let leaves = [&kept.before, &kept.after].map(|leaves| leaves.iter(plan).count());
                (leaves, kept.unknown.len(), &kept.labels, &kept.protections)
            });
            let forced = change.forced_by.iter();
            let forced: Vec<_> = forced
                .map(|forced| (&forced.path, forced.unknown))
                .collect();
            let reason = (&change.reason, forced, &change.drifted);
            let address = plan.address(id);
            format!("{address} {:?} {reason:?} {kept:?}", change.action)
        })
        .collect();
    let drift = plan.drift.iter();
    all.extend(drift.map(|d| format!("{} {} {:?}", plan.drifted_address(d), d.deleted, d.values)));
    all.sort();
    let whole = (&plan.counts, &plan.checks, plan.made, plan.refresh_only);
    all.push(format!("{whole:?}"));
    all
}

#[test]
fn both_readers_build_the_same_plan_from_recorded_ones() {
    // The plain reader takes keys in the order of the alphabet.
    for case in [
        "_report",
        "drift/flags-not-covered",
        "drift/flags-overwritten",
        "drift/flags-recreated",
        "drift/flags-refresh-only",
        "drift/flags-replaced",
        "drift/flags-reverted",
        "drift/flags-spread",
        "drift/flags-tags-everywhere",
        "failed-check/flags-instances",
    ] {
        let path = format!("{}/fixtures/{case}/plan.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("a recorded plan");
        let (mut want, mut got) = (
            Builder::new(&ReadOptions::default()),
            Builder::new(&ReadOptions::default()),
        );
        plain(&text, &mut want).expect("well formed");
        walk(&mut Stream::with_window(text.as_bytes(), 64), &mut got).expect("well formed");
        assert_eq!(facts(&got.finish()), facts(&want.finish()), "{case}");
    }
}
