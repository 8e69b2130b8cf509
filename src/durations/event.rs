//! What one line of a log says.

use super::Step;
use crate::input::address::{Address, Mode};
use crate::input::time::micros;
use memchr::memmem::find;
use serde::Deserialize;
use std::borrow::Cow;

/// A beginning or an end of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Who logs: empty, or the unit a wrapper names. Logs of several units may hold the same addresses.
    pub(super) unit: String,
    pub(super) address: String,
    /// The resource type.
    pub(super) kind: String,
    pub(super) what: What,
    pub(super) mark: Mark,
    /// Microseconds.
    pub(super) at: i64,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    Step(Step),
    /// A managed object is read while Terraform plans.
    Refresh,
}

/// Which end of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Begin,
    End,
    Failure,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The beginning or the end of a step.
    Event(Event),
    /// A line of Terraform's log that is about something else.
    Other,
    /// A line of Terraform's log on a step that cannot be understood.
    Unreadable,
    /// Something else: other programs write to the same log.
    Noise,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "@timestamp")]
    timestamp: Option<String>,
    hook: Option<Hook>,
}

#[derive(Deserialize)]
struct Hook {
    resource: Resource,
    action: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    addr: String,
}

/// A line of JSON that holds the line of another program: Terragrunt with `--log-format json` (`msg`, the unit
/// in `working-dir` or `prefix`), Docker (`log`), log services (`message`).
#[derive(Deserialize)]
struct Wrapper {
    #[serde(alias = "log", alias = "message")]
    msg: String,
    prefix: Option<String>,
    #[serde(rename = "working-dir", alias = "workingDir")]
    dir: Option<String>,
}

/// What a line says.
pub(super) fn read(line: &[u8]) -> Said {
    if find(line, b"@level").is_none() {
        return Said::Noise;
    }
    if find(line, b"apply_").is_none() && find(line, b"refresh_").is_none() {
        return Said::Other;
    }
    let json = begin(line);
    match of_json(&line[json..]) {
        Some(Said::Event(event)) => Said::Event(Event {
            unit: unit(&line[..json]),
            ..event
        }),
        Some(said) => said,
        None => of_wrapper(line).unwrap_or(Said::Unreadable),
    }
}

/// Whether a text that was cut off was a line of the log: a JSON value that does not end.
pub(super) fn is_cut(line: &[u8]) -> bool {
    let json = &line[begin(line)..];
    let first = serde_json::Deserializer::from_slice(json)
        .into_iter::<serde::de::IgnoredAny>()
        .next();
    json.starts_with(b"{") && matches!(first, Some(Err(error)) if error.is_eof())
}

/// Where the JSON begins. Keys are sorted, so that `@level` is the first.
fn begin(line: &[u8]) -> usize {
    find(line, b"{\"@level\"")
        .or_else(|| memchr::memchr(b'{', line))
        .unwrap_or(line.len())
}

fn of_json(json: &[u8]) -> Option<Said> {
    // Wrappers may print on behind the value.
    let mut values = serde_json::Deserializer::from_slice(json).into_iter::<Line>();
    let line = values.next()?.ok()?;
    let refresh = match line.kind.as_deref()? {
        "apply_start" | "apply_complete" | "apply_errored" => false,
        "refresh_start" | "refresh_complete" => true,
        _ => return Some(Said::Other),
    };
    let mark = match line.kind.as_deref()?.rsplit('_').next()? {
        "start" => Mark::Begin,
        "complete" => Mark::End,
        _ => Mark::Failure,
    };
    let hook = line.hook?;
    let address = Address::parse(&hook.resource.addr).filter(|address| is_type(address.kind));
    let (Some(address), Some(at)) = (address, line.timestamp.as_deref().and_then(micros)) else {
        return Some(Said::Unreadable);
    };
    let Some(what) = what(refresh, address.mode, hook.action.as_deref()) else {
        return Some(Said::Other);
    };
    Some(Said::Event(Event {
        unit: String::new(),
        kind: address.kind.to_owned(),
        what,
        mark,
        at,
        address: hook.resource.addr,
    }))
}

/// What is done; nothing for what takes no time of its own, such as forgetting an object.
fn what(refresh: bool, mode: Mode, action: Option<&str>) -> Option<What> {
    match (refresh, mode, action) {
        // Data sources log apply_start even while Terraform plans (1.11).
        (false, Mode::Data, Some("read")) | (true, Mode::Data, _) => Some(What::Step(Step::Read)),
        (false, Mode::Managed, Some("create")) => Some(What::Step(Step::Create)),
        (false, Mode::Managed, Some("update")) => Some(What::Step(Step::Update)),
        (false, Mode::Managed, Some("delete")) => Some(What::Step(Step::Delete)),
        (true, Mode::Managed, _) => Some(What::Refresh),
        _ => None,
    }
}

/// Whether a text can be a resource type. It becomes a bare key of TOML: nothing in it needs escaping.
pub(super) fn is_type(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    text.len() <= 128
        && text.bytes().all(fine)
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn of_wrapper(line: &[u8]) -> Option<Said> {
    let json = memchr::memchr(b'{', line)?;
    let mut values = serde_json::Deserializer::from_slice(&line[json..]).into_iter::<Wrapper>();
    let wrapper = values.next()?.ok()?;
    let inner = wrapper.msg.as_bytes();
    let said = of_json(&inner[begin(inner)..])?;
    Some(match said {
        Said::Event(event) => Said::Event(Event {
            unit: wrapper.dir.or(wrapper.prefix).unwrap_or_default(),
            ..event
        }),
        said => said,
    })
}

/// What stands before the JSON, without times: it names a unit (`[app] terraform: `) or nothing.
fn unit(prefix: &[u8]) -> String {
    let prefix: Cow<'_, str> = String::from_utf8_lossy(prefix);
    let is_time = |word: &str| {
        let mut chars = word.chars();
        chars.all(|c| c.is_ascii_digit() || "[](),.:+-/TZsm".contains(c))
    };
    let words: Vec<&str> = prefix
        .split_whitespace()
        .filter(|word| !is_time(word))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Event, Mark, Said, Step, What, is_cut, is_type, read};
    use proptest::prelude::*;

    fn line(kind: &str, address: &str, action: &str) -> String {
        serde_json::json!({"@level": "info", "@timestamp": "1970-01-01T00:00:02.000000Z", "type": kind,
            "hook": {"resource": {"addr": address}, "action": action}})
        .to_string()
    }

    fn event(text: &str) -> Event {
        match read(text.as_bytes()) {
            Said::Event(event) => event,
            said => panic!("{said:?}: {text}"),
        }
    }

    #[test]
    fn a_type_is_found_behind_modules_whose_keys_look_like_addresses() {
        let address = r#"module.a["x.aws_vpc.y[\"0\"]"].module.b[0].aws_subnet.s["{\"@level\""]"#;
        let event = event(&line("apply_start", address, "create"));
        assert_eq!(
            (event.kind.as_str(), event.what, event.mark, event.at),
            (
                "aws_subnet",
                What::Step(Step::Create),
                Mark::Begin,
                2_000_000
            )
        );
        assert_eq!(event.address, address);
    }

    #[test]
    fn only_what_takes_time_is_an_event() {
        let table = [
            (
                "apply_complete",
                "aws_x.y",
                "update",
                Some(What::Step(Step::Update)),
            ),
            (
                "apply_errored",
                "aws_x.y",
                "delete",
                Some(What::Step(Step::Delete)),
            ),
            (
                "apply_start",
                "data.aws_x.y",
                "read",
                Some(What::Step(Step::Read)),
            ),
            (
                "refresh_start",
                "data.aws_x.y",
                "",
                Some(What::Step(Step::Read)),
            ),
            ("refresh_complete", "aws_x.y", "", Some(What::Refresh)),
            ("apply_start", "aws_x.y", "noop", None),
            ("apply_start", "aws_x.y", "remove", None),
            ("apply_start", "ephemeral.aws_x.y", "open", None),
            ("apply_progress", "aws_x.y", "create", None),
        ];
        for (kind, address, action, want) in table {
            let said = read(line(kind, address, action).as_bytes());
            let found = match said {
                Said::Event(event) => Some(event.what),
                ref said => {
                    assert_eq!(*said, Said::Other, "{kind} {address} {action}");
                    None
                }
            };
            assert_eq!(found, want, "{kind} {address} {action}");
        }
    }

    #[test]
    fn wrappers_name_units_and_times_do_not() {
        let plain = line("apply_start", "aws_x.y", "create");
        let escaped = serde_json::to_string(&plain).expect("JSON");
        let table = [
            (plain.clone(), ""),
            (format!("{plain}\r"), ""),
            (format!("2026-11-20T21:59:18.1234567Z {plain} and more"), ""),
            (
                format!("16:14:46.042 STDOUT terraform: {plain}"),
                "STDOUT terraform:",
            ),
            (format!("[12:00:01] [app{{1}}] {plain}"), "[app{1}]"),
            (
                format!("apply\tRun\t2026-11-20T21:59:18Z {plain}"),
                "apply Run",
            ),
            (
                format!("{{\"level\":\"stdout\",\"msg\":{escaped},\"working-dir\":\"live/app\"}}"),
                "live/app",
            ),
            (format!("{{\"log\":{escaped},\"stream\":\"stdout\"}}"), ""),
        ];
        for (text, unit) in table {
            assert_eq!(event(&text).unit, unit, "{text}");
        }
    }

    #[test]
    fn hostile_and_foreign_lines_are_told_apart() {
        let unreadable = [
            line("apply_start", "aws_x.y", "create").replace("1970", "x"),
            line("apply_start", "aws_x\u{1b}[31m.y", "create"),
            line("apply_start", "no address", "create"),
            line("apply_start", "köln.y", "create"),
            line("apply_start", "aws_x.y", "create").replace("\"hook\"", "\"hock\""),
            line("apply_start", "aws_x.y", "create")[..120].to_owned() + "apply_",
        ];
        for text in unreadable {
            assert_eq!(read(text.as_bytes()), Said::Unreadable, "{text}");
        }
        let message = line("diagnostic", "aws_x.y", "apply_immediately");
        assert_eq!(read(message.as_bytes()), Said::Other);
        assert_eq!(read(b"::group::apply_start {"), Said::Noise);
        assert_eq!(read(b"\xff\xfe{{{{"), Said::Noise);
    }

    #[test]
    fn a_cut_line_is_json_that_does_not_end() {
        let whole = line("apply_start", "aws_x.y", "create");
        assert!(!is_cut(whole.as_bytes()) && !is_cut(b"done {x}") && !is_cut(b"done"));
        assert!(is_cut(&whole.as_bytes()[..9]) && is_cut(&whole.as_bytes()[..60]));
    }

    #[test]
    fn types_are_bare_keys() {
        assert!(is_type("aws_db_instance") && is_type("_x-1"));
        assert!(!is_type("") && !is_type("1x") && !is_type("a.b") && !is_type("a\"b"));
        assert!(!is_type("a\n[b]") && !is_type(&"a".repeat(129)));
    }

    proptest! {
        #[test]
        fn any_address_gives_a_type_that_is_a_bare_key_or_nothing(address in "\\PC{0,30}|[a-z_.\\[\\]\"0-9]{0,30}", cut in 0usize..200) {
            let text = line("apply_start", &address, "create");
            if let Said::Event(event) = read(text.as_bytes()) {
                prop_assert!(is_type(&event.kind), "{}", event.kind);
            }
            let cut = &text.as_bytes()[cut.min(text.len())..];
            let _ = (read(cut), is_cut(cut));
        }
    }
}
