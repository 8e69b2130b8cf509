//! Opens a plan document: from a file or standard input, in any encoding a shell writes, with whatever
//! wrappers print around it.

use super::dot::Dot;
use super::json::stream::{Stop, Stream};
use super::noise::{Input, next_document, skip_to_document};
use super::open::{decode, open, shown, unreadable};
use super::plan::{self, Outcome, Plan, ReadOptions};
use super::sniff::{self, Kind};
use super::source::Sources;
use crate::error::Error;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// Bytes shown on each side of a mistake.
const EXCERPT: usize = 30;

/// How a plan document is made and named.
const MAKE: &str = "name the plan document in it: terraform show -json tfplan > plan.json";
const NAME: &str = "give the path of a plan document, or - for standard input";

/// A plan and what is to be said about how it was read.
#[derive(Debug)]
pub struct Document {
    /// The plan.
    pub plan: Plan,
    /// Notes for the reader of the report.
    pub notes: Vec<String>,
    /// Its sources, when they are there and belong to it.
    pub sources: Option<Arc<Sources>>,
    /// The graph Terraform printed for it.
    pub dot: Option<Arc<Dot>>,
}

impl Document {
    /// A plan by itself.
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            notes: Vec::new(),
            sources: None,
            dot: None,
        }
    }
}

/// Reads the plans of a file, or of standard input for `-`. Mostly one; `terragrunt run-all` prints several.
///
/// # Errors
/// The input cannot be opened or read, is not JSON, or is something else than a plan: then the error says
/// what it is and how to make the right file.
pub fn read(path: &str, options: &ReadOptions) -> Result<Vec<Document>, Error> {
    from_reader(open(path, MAKE, NAME)?, path, options)
}

/// The same from a reader; `path` is what it is called.
pub(super) fn from_reader(
    reader: Box<dyn Read + Send>,
    path: &str,
    options: &ReadOptions,
) -> Result<Vec<Document>, Error> {
    let mut stream = Stream::new(decode(reader).map_err(|error| unreadable(path, &error, NAME))?);
    documents(&mut stream, path, options)
}

/// Whether a zip archive is a plan file.
pub(super) fn is_plan_file(path: &str) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    read.is_ok() && sniff::by_text(&head) == Some(Kind::BinaryPlan)
}

fn documents(
    stream: &mut Input,
    path: &str,
    options: &ReadOptions,
) -> Result<Vec<Document>, Error> {
    let failed = |stream: &Input, stop: Stop| broken(path, stream, stop);
    stream.fill().map_err(|stop| broken(path, stream, stop))?;
    if let Some(kind) = sniff::by_text(stream.unread()) {
        return Err(sniff::error(shown(path), kind));
    }
    let mut found: Vec<Document> = Vec::new();
    let mut noise = skip_to_document(stream);
    loop {
        match plan::read(stream, options) {
            Ok(Outcome::Plan(plan)) => found.push(document(*plan, path)?),
            Ok(Outcome::Other(keys, state)) => {
                let kind = sniff::by_keys(&keys);
                if !found.is_empty() || !matches!(kind, Kind::State | Kind::RawState) {
                    return Err(sniff::error(shown(path), kind));
                }
                found.push(document_of_state(*state, kind, path)?);
            }
            Err(stop) => return Err(failed(stream, stop)),
        }
        // Among several plans a state is none of them.
        if let [state, _, ..] = found.as_slice()
            && state.plan.state.is_some()
        {
            return Err(alone(path, &state.plan));
        }
        match stream.peek().map_err(|stop| broken(path, stream, stop))? {
            None => break,
            Some(b'{') => {}
            Some(b'}' | b']' | b',' | b'"') => {
                let stop = Stop::Syntax {
                    offset: stream.offset(),
                    what: "more text after the end of the plan",
                };
                return Err(failed(stream, stop));
            }
            Some(_) => match next_document(stream).map_err(|stop| broken(path, stream, stop))? {
                (skipped, true) => noise += skipped,
                (skipped, false) => {
                    noise += skipped;
                    break;
                }
            },
        }
    }
    if noise > 0
        && let Some(first) = found.first_mut()
    {
        first.notes.push(format!(
            "passed over {noise} bytes of other output around the plan"
        ));
    }
    Ok(found)
}

fn document(plan: Plan, path: &str) -> Result<Document, Error> {
    let mut notes = Vec::new();
    match plan.format_version.as_deref() {
        None => notes.push(
            "the plan has no format_version: it was edited, or cut out of something else"
                .to_owned(),
        ),
        Some(version) if !supported(version) => {
            return Err(Error::new(format!("{} has format_version {version}, which this tfguard does not know", shown(path)))
                .help("it reads 0.1 to 1.x: look for a newer tfguard, or write the plan with Terraform 0.12 to 1.x"));
        }
        Some(_) => {}
    }
    if plan.counts.other > 0 {
        let what = match plan.counts.other {
            1 => "1 change has actions".to_owned(),
            n => format!("{n} changes have actions"),
        };
        notes.push(format!(
            "{what} that this tfguard does not know: what is done there no rule looks at"
        ));
    }
    Ok(Document {
        notes,
        ..Document::new(plan)
    })
}

fn document_of_state(state: Plan, kind: Kind, path: &str) -> Result<Document, Error> {
    let version = match kind {
        Kind::RawState => state
            .state
            .as_ref()
            .and_then(|state| state.version.as_deref()),
        _ => state.format_version.as_deref(),
    };
    let known = |version| {
        kind == Kind::RawState && version == "4" || kind == Kind::State && supported(version)
    };
    match version {
        Some(version) if !known(version) => Err(Error::new(format!(
            "{} is a state of version {version}, which this tfguard does not know",
            shown(path)
        ))
        .help("look for a newer tfguard, or give what terraform show -json prints of it")),
        _ => Ok(Document::new(state)),
    }
}

/// The error for a state where a plan is needed.
pub fn alone(path: &str, state: &Plan) -> Error {
    let raw = state
        .state
        .as_ref()
        .is_some_and(|state| state.version.is_some());
    sniff::error(shown(path), if raw { Kind::RawState } else { Kind::State })
}

/// Major versions 0 and 1, any minor: Terraform adds keys without raising it (terraform-json accepts the same).
fn supported(version: &str) -> bool {
    matches!(version.split('.').next(), Some("0" | "1"))
}

fn broken(path: &str, stream: &Input, stop: Stop) -> Error {
    let path = shown(path);
    match stop {
        Stop::Io(error) => unreadable(path, &error, NAME),
        Stop::End => Error::new(format!("{path} ends in the middle of the document, at byte {}", stream.end_offset()))
            .help("the file was cut (a full disk, a log limit): write it again with terraform show -json tfplan > plan.json"),
        Stop::Syntax { offset, what } => {
            let (around, at) = stream.around(offset, EXCERPT);
            Error::new(format!("{path} cannot be read at byte {offset}"))
                .in_document(around, at, what)
                .help("write the file again with terraform show -json tfplan > plan.json, and keep other output out of it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, decode, documents};
    use crate::error::Error;
    use crate::input::json::stream::Stream;
    use crate::input::plan::ReadOptions;
    use std::io::Cursor;

    const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{},"resource_changes":[{"address":"a_b.c","mode":"managed","type":"a_b","name":"c","change":{"actions":["create"],"before":null,"after":{}}}]}"#;

    fn read(bytes: impl Into<Vec<u8>>) -> Result<Vec<Document>, Error> {
        let mut stream = Stream::new(decode(Box::new(Cursor::new(bytes.into()))).expect("memory"));
        documents(&mut stream, "plan.json", &ReadOptions::default())
    }

    fn creates(bytes: impl Into<Vec<u8>>) -> Vec<usize> {
        read(bytes)
            .expect("a plan")
            .iter()
            .map(|document| document.plan.counts.create)
            .collect()
    }

    fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        let units = mark.into_iter().chain(text.chars()).collect::<String>();
        units
            .encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn every_encoding_a_shell_writes_is_read() {
        assert_eq!(creates(PLAN), [1]);
        assert_eq!(creates(format!("\u{feff}{PLAN}\r\n")), [1]);
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            assert_eq!(
                creates(utf16(&PLAN.replace(',', ",\r\n"), big, mark)),
                [1],
                "{big} {mark}"
            );
        }
    }

    #[test]
    fn wrappers_around_the_plan_are_passed_over_and_told() {
        let noisy = format!(
            "[command]/usr/bin/terraform-bin show -json tfplan\n{PLAN}\n::debug::Terraform exited with code 0.\n::debug::stdout: {{x\n"
        );
        let documents = read(noisy).expect("a plan");
        assert_eq!(documents.len(), 1);
        assert!(
            documents[0].notes[0].contains("passed over"),
            "{:?}",
            documents[0].notes
        );
        assert_eq!(
            creates(format!("{PLAN}::debug::Terraform exited with code 0.")),
            [1]
        );
        assert_eq!(
            creates(format!(
                "16:14:46.042 STDOUT terraform: {PLAN}\n16:14:47 STDOUT terraform: {PLAN}\n"
            )),
            [1, 1]
        );
    }

    /// As hashicorp/setup-terraform v2 prints it, with `ACTIONS_STEP_DEBUG`.
    #[test]
    fn what_a_wrapper_says_once_more_to_its_runner_is_no_other_plan() {
        let tail = format!(
            "::debug::Terraform exited with code 0.\n::debug::stdout: {PLAN}%0A\n::debug::stderr: \n::set-output name=stdout::{PLAN}%0A\n"
        );
        let long = format!("::debug::{}\n", "x".repeat(1 << 17));
        for between in ["", "\n", &long] {
            let wrapped =
                format!("[command]terraform-bin show -json tfplan\n{PLAN}{between}{tail}");
            assert_eq!(creates(&*wrapped), [1], "{} bytes", between.len());
            assert_eq!(creates(format!("{wrapped}{PLAN}")), [1, 1]);
        }
        let log = format!("{PLAN}\n2026-11-23T13:00:00Z ##[debug]stdout: {PLAN}%0A");
        assert_eq!(creates(log), [1]);
    }

    #[test]
    fn several_documents_are_several_plans() {
        assert_eq!(creates(format!("{PLAN}\n{PLAN}{PLAN}")), [1, 1, 1]);
    }

    #[test]
    fn what_follows_a_plan_and_is_no_noise_is_an_error() {
        for tail in ["}", "]", ",", "\"x\"", "{\"a\":", "{\"values\":{}}"] {
            assert!(read(format!("{PLAN}{tail}")).is_err(), "{tail}");
        }
    }

    #[test]
    fn states_of_both_forms_are_read_and_others_refused() {
        let raw = r#"{"version":4,"serial":7,"lineage":"l-1","outputs":{"o":{"value":1,"type":"number"}},"resources":[
            {"mode":"managed","type":"a_b","name":"c","provider":"p","instances":[{"index_key":"k.\"","attributes":{"id":"x"}}]}]}"#;
        let shown = r#"{"format_version":"1.0","values":{"outputs":{"o":{"value":1}},"root_module":{"resources":[
            {"address":"a_b.c[\"k.\\\"\"]","mode":"managed","type":"a_b","name":"c","values":{"id":"x"}}]}}}"#;
        for text in [raw, shown] {
            let plan = &read(text).expect("a state")[0].plan;
            assert!(plan.state.is_some() && !plan.planned);
            assert_eq!(plan.address(0), "a_b.c[\"k.\\\"\"]");
            assert_eq!(&*plan.outputs[0].name, "o");
        }
        let state = &read(raw).expect("a state")[0].plan.state;
        let state = state.as_ref().expect("a state");
        assert_eq!((state.serial, state.lineage.as_deref()), (7, Some("l-1")));
        assert!(read(raw.replace("\"version\":4", "\"version\":5")).is_err());
        assert!(read(shown.replace("1.0", "2.0")).is_err());
        assert!(read(format!("{shown}\n{PLAN}")).is_err());
        assert_eq!(
            creates(PLAN.replacen('{', r#"{"version":4,"serial":1,"#, 1)),
            [1]
        );
    }

    #[test]
    fn a_cut_plan_says_where_it_ends() {
        let error = read(&PLAN[..150]).expect_err("cut");
        assert!(
            error
                .message()
                .contains("ends in the middle of the document, at byte 150"),
            "{error}"
        );
    }

    #[test]
    fn changes_that_are_none_are_refused_rather_than_passed_over() {
        let list = PLAN.find("[{\"address\"").expect("changes");
        for changes in [
            "\"x\"",
            "{\"a\":1}",
            "1",
            "true",
            "[1]",
            "[null]",
            "[{}]",
            "[{\"address\":\"a_b.c\"}]",
        ] {
            let plan = format!("{}{changes}}}", &PLAN[..list]);
            let error = read(&*plan).expect_err(changes);
            assert!(
                error.message().contains("cannot be read at byte"),
                "{error}"
            );
        }
        for changes in ["null", "[]"] {
            assert_eq!(creates(format!("{}{changes}}}", &PLAN[..list])), [0]);
        }
    }

    #[test]
    fn actions_that_nobody_knows_are_told() {
        let notes = |plan: &str| read(plan).expect("a plan")[0].notes.clone();
        assert_eq!(notes(PLAN), [""; 0]);
        let renewed = notes(&PLAN.replace("create", "renew"));
        assert!(
            renewed[0].contains("1 change has actions that this tfguard does not know"),
            "{renewed:?}"
        );
    }

    #[test]
    fn newer_formats_are_refused_and_unknown_minors_read() {
        assert!(read(PLAN.replace("\"1.2\"", "\"2.0\"")).is_err());
        assert_eq!(creates(PLAN.replace("\"1.2\"", "\"1.99\"")), [1]);
        assert_eq!(creates(PLAN.replace("\"1.2\"", "\"0.1\"")), [1]);
    }

    #[test]
    fn a_repeated_key_replaces_the_earlier_one() {
        let twice = PLAN.replace("{\"format_version\"", "{\"resource_changes\":[{\"address\":\"x_y.z\",\"change\":{\"actions\":[\"create\"]}}],\"format_version\"");
        assert_eq!(creates(twice), [1]);
    }
}
