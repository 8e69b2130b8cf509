//! The report as it is posted, and the marker in its first line by which it is found again.

use crate::error::Error;

const BEGIN: &str = "<!-- tfguard:report ";
const END: &str = "-->";

/// The longest key: a key is a stack's name, and a marker is one line.
const LONGEST_KEY: usize = 200;

/// What the first line of a report says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker<'a> {
    /// Tells the reports on one pull request apart.
    pub(super) key: &'a str,
    /// How many findings are open; nothing when the report does not say.
    pub(super) open: Option<u64>,
    /// How many destroys somebody accepted.
    pub(super) accepted: u64,
}

impl<'a> Marker<'a> {
    /// Reads the marker of a text: `<!-- tfguard:report key=KEY v=1 open=N accepted=N -->` and nothing else in the first
    /// line. Attributes it does not know are a later version's.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let line = text.lines().next()?.trim_end();
        let attributes = line.strip_prefix(BEGIN)?.strip_suffix(END)?;
        let value = |name: &str| {
            let mut named = attributes
                .split_ascii_whitespace()
                .filter_map(|attribute| attribute.split_once('='));
            named
                .find(|(word, _)| *word == name)
                .map(|(_, value)| value)
        };
        let key = value("key").filter(|key| is_key(key))?;
        let number = |name| value(name).and_then(|number| number.parse().ok());
        Some(Self {
            key,
            open: number("open"),
            accepted: number("accepted").unwrap_or_default(),
        })
    }
}

fn is_key(key: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '<' | '>');
    (1..=LONGEST_KEY).contains(&key.len()) && !key.contains("--") && !key.contains(odd)
}

/// A report that can be posted.
#[derive(Debug, Clone)]
pub struct Body {
    text: String,
    key: String,
    is_quiet: bool,
}

impl Body {
    /// Takes what `tfguard -f markdown` wrote; `name` is the file, for errors.
    ///
    /// # Errors
    /// It is something else: no UTF-8, or no marker in the first line.
    pub fn new(bytes: Vec<u8>, name: &str) -> Result<Self, Error> {
        let text = String::from_utf8(bytes).map_err(|_| no_report(name, "is not UTF-8 text"))?;
        // A return is as good as none to GitHub and GitLab, and GitLab looks for commands without them.
        let text = text.trim_start_matches('\u{feff}').replace('\r', "");
        if text.trim().is_empty() {
            return Err(no_report(name, "is empty"));
        }
        let Some(marker) = Marker::of(&text) else {
            return Err(no_report(name, "has no tfguard marker in its first line"));
        };
        let is_quiet = marker.open == Some(0) && marker.accepted == 0;
        let key = marker.key.to_owned();
        Ok(Self {
            text,
            key,
            is_quiet,
        })
    }

    /// The same report under another key.
    ///
    /// # Errors
    /// The key is none that a marker can hold.
    pub fn with_key(self, key: &str) -> Result<Self, Error> {
        if !is_key(key) || key.contains(char::is_whitespace) {
            let error = Error::new(format!("{key} is no key for a comment"));
            return Err(error.help(
                "use one word of letters, digits and . _ / - (no two dashes in a row): --key app-prod",
            ));
        }
        let old = format!(" key={}", self.key);
        let text = self.text.replacen(&old, &format!(" key={key}"), 1);
        Self::new(text.into_bytes(), key)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Tells the reports on one pull request apart: the stack.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether the report says that nothing is open and no destroy was accepted. One that does not say may be anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_quiet
    }
}

fn no_report(name: &str, what: &str) -> Error {
    Error::new(format!("{name} {what}: it is no report to post"))
        .help("make one with: tfguard -f markdown=report.md plan.json")
}

/// Whether two texts are the same comment: hosts may change line ends, and cut white space off the end.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.replace('\r', "").trim_end() == other.replace('\r', "").trim_end()
}

#[cfg(test)]
mod tests {
    use super::{Body, Marker, same};

    #[test]
    fn the_first_line_tells_which_report_it_is_and_how_many_findings_are_open() {
        let marker = Marker::of("<!-- tfguard:report key=net-prod v=1 open=3 -->\n# x");
        assert_eq!(
            marker,
            Some(Marker {
                key: "net-prod",
                open: Some(3),
                accepted: 0
            })
        );
        let unknown = Marker::of("<!-- tfguard:report v=2 key=a new=x -->\r\n").expect("a marker");
        assert_eq!((unknown.key, unknown.open), ("a", None));
    }

    #[test]
    fn a_key_that_is_given_takes_the_place_of_the_one_of_the_stacks() {
        let text = "<!-- tfguard:report key=app v=1 open=2 accepted=1 -->\nkey=app\n";
        let body = || Body::new(text.into(), "x.md").expect("a report");
        let named = body().with_key("prod/app").expect("a key");
        assert_eq!(named.key(), "prod/app");
        assert_eq!(named.text(), text.replacen("key=app", "key=prod/app", 1));
        for key in ["", "a b", "a--b", "<a>", "a\n", "a\tb"] {
            assert!(body().with_key(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_destroy_that_was_accepted_is_worth_a_comment() {
        let quiet = |marker: &str| {
            let text = format!("<!-- tfguard:report key=a v=1 {marker} -->\n");
            Body::new(text.into_bytes(), "x.md")
                .expect("a report")
                .is_quiet()
        };
        assert!(quiet("open=0") && quiet("open=0 accepted=0"));
        assert!(!quiet("open=0 accepted=1") && !quiet("open=1 accepted=0"));
    }

    #[test]
    fn what_only_looks_like_a_marker_is_none() {
        for text in [
            "",
            "# report",
            "\n<!-- tfguard:report key=a v=1 -->",
            "> <!-- tfguard:report key=a v=1 -->",
            "<!-- tfguard:report v=1 -->",
            "<!-- tfguard:report key= v=1 -->",
            "<!-- tfguard:report key=a v=1 --> and more",
            "<!-- tfguard:report key=a--b v=1 -->",
            "<!-- tfguard:report key=<a> v=1 -->",
            "<!-- tfguard:report key=a v=1",
            "<!-- tfguard:reports key=a v=1 -->",
        ] {
            assert_eq!(Marker::of(text), None, "{text}");
        }
        let long = format!("<!-- tfguard:report key={} v=1 -->", "a".repeat(201));
        assert_eq!(Marker::of(&long), None);
    }

    #[test]
    fn a_file_that_is_no_report_is_refused_with_the_way_to_make_one() {
        for bytes in [&b""[..], b" \n", b"# hello", b"\xff\xfe#"] {
            let error = Body::new(bytes.to_vec(), "x.md").expect_err("refused");
            let shown = format!("{:?}", miette::Report::new(error));
            assert!(
                shown.contains("x.md") && shown.contains("-f markdown="),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_and_other_line_ends_do_not_matter() {
        let bytes = "\u{feff}<!-- tfguard:report key=a v=1 open=0 -->\r\nx\r\n";
        let body = Body::new(bytes.as_bytes().to_vec(), "x.md").expect("a report");
        assert_eq!(body.text(), "<!-- tfguard:report key=a v=1 open=0 -->\nx\n");
        assert!(body.is_quiet() && body.key() == "a");
        assert!(same("a\r\nb\n", "a\nb") && !same("a", "b"));
    }
}
