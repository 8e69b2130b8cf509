//! The whole check beside a tree of the same plan and a checksum of it, as ratios. Never a gate: seconds belong
//! to machines.
//!
//! usage: cargo bench --bench check -- plan.json

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;
use tfguard::Request;
use tfguard::input::gather::Inputs;

const ROUNDS: usize = 5;

fn main() -> io::Result<()> {
    let plan = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let plan = plan.unwrap_or_else(|| "fixtures/_report/plan.json".to_owned());
    let tasks: [(&str, &dyn Fn()); 3] = [
        ("tfguard, all rules", &|| check(&plan)),
        ("serde_json::Value of the file", &|| tree(&plan)),
        ("sha256sum of the file", &|| checksum(&plan)),
    ];
    let mut times = vec![Vec::new(); tasks.len()];
    for _ in 0..ROUNDS {
        for ((_, task), times) in tasks.iter().zip(&mut times) {
            let begin = Instant::now();
            task();
            times.push(begin.elapsed().as_secs_f64());
        }
    }
    let mut out = io::stdout().lock();
    let first = median(&mut times[0]);
    for ((name, _), times) in tasks.iter().zip(&mut times) {
        writeln!(out, "{name:32} {:6.2} times tfguard", median(times) / first)?;
    }
    Ok(())
}

fn check(plan: &str) {
    let request = Request {
        inputs: Inputs {
            plans: vec![plan.to_owned()],
            ..Inputs::default()
        },
        ..Request::default()
    };
    let run = tfguard::run(&request).expect("a good configuration");
    assert!(run.report.is_some(), "{:?}", run.errors);
}

fn tree(plan: &str) {
    let bytes = std::fs::read(plan).expect("readable");
    // A plan with a number of 401 digits is no tree for serde_json; that is an answer as well.
    let _ = serde_json::from_slice::<serde_json::Value>(&bytes);
}

fn checksum(plan: &str) {
    // Without the program the ratio says nothing, and nothing depends on it.
    let _ = Command::new("sha256sum")
        .arg(plan)
        .stdout(Stdio::null())
        .status();
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
