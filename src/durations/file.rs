//! Reads a file of durations. What is wrong in it is shown with its line.

use super::event::is_type;
use super::{Durations, LONGEST_SECONDS, Step};
use crate::error::Error;
use crate::input::open::decode;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

const WRITE: &str = "tfguard calibrate writes such a file: [aws_db_instance], and under it create = { seconds = 372.5, samples = 3 }";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    create: Option<Measured>,
    update: Option<Measured>,
    delete: Option<Measured>,
    read: Option<Measured>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    seconds: Spanned<f64>,
    /// For people: who writes a duration by hand need not make one up.
    #[expect(dead_code, reason = "its type is checked")]
    samples: Option<u64>,
}

/// Reads a file of durations.
pub(super) fn load(path: &Path) -> Result<Durations, Error> {
    let shown = path.display().to_string();
    let text = text(path).map_err(|error| {
        Error::new(format!("cannot read {shown}: {error}"))
            .help("name what tfguard calibrate wrote, with --durations or in tfguard.toml")
    })?;
    parse(&shown, &text)
}

/// The text, in whatever encoding a shell redirected it.
fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    decode(Box::new(std::fs::File::open(path)?))?.read_to_string(&mut text)?;
    Ok(text)
}

fn parse(path: &str, text: &str) -> Result<Durations, Error> {
    let wrong = |at, what: &str| {
        Error::new(format!("{path} is no file of durations"))
            .in_text(text, at, what)
            .help(WRITE)
    };
    let entries: BTreeMap<Spanned<String>, Entry> = toml::from_str(text).map_err(|error| {
        let said = error.message();
        let shown = Error::new(format!("{path} is no file of durations: {said}")).help(WRITE);
        match error.span() {
            Some(span) => shown.in_text(text, span, "here"),
            None => shown,
        }
    })?;
    if entries.is_empty() {
        return Err(Error::new(format!("{path} holds no durations")).help(WRITE));
    }
    let mut durations = Durations::default();
    for (kind, entry) in entries {
        if !is_type(kind.get_ref()) {
            return Err(wrong(kind.span(), "no resource type"));
        }
        let mut steps = [None; Step::ALL.len()];
        let measured = [entry.create, entry.update, entry.delete, entry.read];
        for (step, measured) in steps.iter_mut().zip(measured) {
            let Some(Measured { seconds, .. }) = measured else {
                continue;
            };
            let milliseconds = milliseconds(*seconds.get_ref())
                .ok_or_else(|| wrong(seconds.span(), "not between 0 seconds and a week"))?;
            *step = Some(milliseconds);
        }
        durations.measured.insert(kind.into_inner(), steps);
    }
    Ok(durations)
}

fn milliseconds(seconds: f64) -> Option<u64> {
    let fits = (0.0..=f64::from(LONGEST_SECONDS)).contains(&seconds);
    let duration = fits.then(|| Duration::try_from_secs_f64(seconds).ok())??;
    u64::try_from(duration.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::event::What;
    use super::super::samples::Samples;
    use super::super::{Basis, Step};
    use super::{load, parse};

    #[test]
    fn what_is_measured_beats_the_catalog_step_by_step() {
        let text =
            "[aws_lb]\ncreate = { seconds = 372.5, samples = 3 }\nupdate = { seconds = 4 }\n";
        let durations = parse("d.toml", text).expect("durations");
        let created = durations.estimate("aws_lb", Step::Create);
        assert_eq!(
            (created.milliseconds, created.basis),
            (372_500, Basis::Measured)
        );
        assert_eq!(
            durations.estimate("aws_lb", Step::Update).milliseconds,
            4000
        );
        assert_eq!(
            durations.estimate("aws_lb", Step::Delete).basis,
            Basis::Catalog
        );
    }

    #[test]
    fn what_calibrate_writes_is_read_back() {
        let mut samples = Samples::default();
        let times = [0, 1, 7, 999, 1001, 372_500, 604_800_000];
        for (n, milliseconds) in times.into_iter().enumerate() {
            let kind = format!("x-{n}_y");
            for step in Step::ALL {
                assert!(samples.add(&kind, What::Step(step), milliseconds * 1000));
            }
        }
        let durations = parse("d.toml", &samples.toml()).expect("durations");
        for (n, milliseconds) in times.into_iter().enumerate() {
            for step in Step::ALL {
                let found = durations.estimate(&format!("x-{n}_y"), step);
                assert_eq!(i64::try_from(found.milliseconds), Ok(milliseconds));
                assert_eq!(found.basis, Basis::Measured);
            }
        }
    }

    #[test]
    fn mistakes_are_shown_in_their_line() {
        let table = [
            ("[a_b]\ncreat = { seconds = 1 }", "unknown field `creat`"),
            ("[a_b]\ncreate = { secs = 1 }", "unknown field `secs`"),
            ("[a_b]\ncreate = { samples = 1 }", "missing field `seconds`"),
            ("[a_b]\ncreate = 3", "invalid type"),
            ("[a_b]\ncreate = { seconds = \"3\" }", "invalid type"),
            ("[a_b]\ncreate = { seconds = -3.0 }", "not between"),
            ("[a_b]\ncreate = { seconds = nan }", "not between"),
            ("[a_b]\ncreate = { seconds = inf }", "not between"),
            ("[a_b]\ncreate = { seconds = 604801 }", "not between"),
            (
                "[a_b]\ncreate = { seconds = 1, samples = -1 }",
                "invalid value",
            ),
            (
                "[a_b]\ncreate = { seconds = 1, samples = 1.5 }",
                "invalid type",
            ),
            ("a_b = 3", "invalid type"),
            ("[\"a b\"]\ncreate = { seconds = 1 }", "no resource type"),
            ("[a_b]\n[a_b]", "duplicate key"),
            ("{\"@level\":\"info\"}", "no file of durations"),
        ];
        for (text, want) in table {
            let error = parse("d.toml", text).expect_err(text);
            let shown = format!("{:?}", miette::Report::new(error));
            assert!(shown.contains(want), "{text}\n{shown}");
            assert!(
                text.lines().any(|line| shown.contains(line))
                    && shown.contains("tfguard calibrate"),
                "{text}\n{shown}"
            );
        }
        let empty = parse("d.toml", "# nothing\n").expect_err("empty");
        assert!(empty.message().contains("holds no durations"));
    }

    #[test]
    fn a_file_that_powershell_redirected_is_read() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "\u{feff}[a_b]\r\nread = { seconds = 2.5 }\r\n";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(file.path(), bytes).expect("written");
        let durations = load(file.path()).expect("durations");
        assert_eq!(durations.estimate("a_b", Step::Read).milliseconds, 2500);
        let missing = load(std::path::Path::new("no/such.toml")).expect_err("missing");
        assert!(missing.message().starts_with("cannot read no/such.toml"));
    }
}
