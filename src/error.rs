//! What can keep tfguard from its work: input it cannot read, configuration it cannot follow.

use crate::safe::safe;
use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};
use std::fmt;

/// An error, with the place and the way out. Its text is safe for a terminal and holds no value of a plan.
#[derive(Debug)]
pub struct Error {
    message: String,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

/// A piece of a text and the byte in it that is wrong.
#[derive(Debug)]
struct Excerpt {
    text: String,
    /// Lines of the text it is from that stand before it.
    lines_before: usize,
    at: usize,
    length: usize,
    label: String,
}

impl Error {
    /// An error with a message alone.
    pub fn new(message: impl AsRef<str>) -> Self {
        Self {
            message: safe(message.as_ref()),
            help: None,
            excerpt: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(safe(help.as_ref()));
        self
    }

    /// Shows a line of a text the user wrote, tfguard.toml, with the wrong bytes marked.
    #[must_use]
    pub fn in_text(mut self, text: &str, span: std::ops::Range<usize>, label: &str) -> Self {
        let from = text[..floor(text, span.start)]
            .rfind('\n')
            .map_or(0, |n| n + 1);
        let to = text[floor(text, span.end)..]
            .find('\n')
            .map_or(text.len(), |n| floor(text, span.end) + n);
        let line = &text[from..to];
        // Tabs are one byte and so is a space: the label stays in place.
        let line: String = line
            .chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .collect();
        if line.len() < 2000 && safe(&line.replace('\n', " ")) == line.replace('\n', " ") {
            let at = floor(text, span.start) - from;
            let length = span
                .end
                .saturating_sub(span.start)
                .max(1)
                .min(line.len().saturating_sub(at).max(1));
            self.excerpt = Some(Excerpt {
                text: line,
                lines_before: text[..from].matches('\n').count(),
                at,
                length,
                label: safe(label),
            });
        }
        self
    }

    /// Shows the shape of the document around a byte: brackets, commas and colons, no value. A plan is one
    /// line of megabytes full of secrets.
    #[must_use]
    pub fn in_document(mut self, around: &[u8], at: usize, label: &str) -> Self {
        let (before, after) = around.split_at(at.min(around.len()));
        let text = shape(before);
        let (marked, rest) = (
            shape(&after[..after.len().min(1)]),
            shape(after.get(1..).unwrap_or_default()),
        );
        let excerpt = Excerpt {
            at: text.len(),
            length: marked.len().max(1),
            lines_before: 0,
            text: format!("{text}{marked}{rest} "),
            label: safe(label),
        };
        self.excerpt = Some(excerpt);
        self
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The piece with the numbers that its lines have in the whole text.
impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new(
            read.data(),
            *read.span(),
            read.line() + self.lines_before,
            read.column(),
            read.line_count(),
        )))
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Structural characters as they are, anything between them as dots.
fn shape(bytes: &[u8]) -> String {
    let mut shape = String::new();
    for byte in bytes {
        match byte {
            b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' => shape.push(char::from(*byte)),
            _ if shape.ends_with("...") => {}
            _ => shape.push_str("..."),
        }
    }
    shape
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Diagnostic for Error {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        let label = LabeledSpan::new(Some(excerpt.label.clone()), excerpt.at, excerpt.length);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, shape};

    #[test]
    fn the_shape_of_a_document_has_no_values() {
        assert_eq!(
            shape(br#"{"password": "hunter2", "n": [1, 2]}"#),
            r#"{"...":..."...",..."...":...[...,...]}"#
        );
    }

    #[test]
    fn a_line_has_the_number_it_has_in_its_file() {
        let text = "a = 1\n\nb = 2\nc = x\nd = 3\n";
        let error = Error::new("wrong").in_text(text, 17..18, "here");
        let shown = format!("{:?}", miette::Report::new(error));
        assert!(shown.contains("4 │ c = x"), "{shown}");
    }

    #[test]
    fn a_wrong_byte_beyond_column_65535_is_shown_without_panic() {
        let text = "x".repeat(70_000);
        let error = Error::new("wrong").in_text(&text, 66_000..66_001, "here");
        let shown = format!("{:?}", miette::Report::new(error));
        assert!(shown.contains("wrong"));
    }

    #[test]
    fn text_that_steers_a_terminal_is_not_shown_raw() {
        let error =
            Error::new("bad \u{1b}[31m")
                .help("x\u{202e}")
                .in_text("a = \"\u{1b}\"", 4..5, "here");
        let shown = format!("{:?}", miette::Report::new(error));
        assert!(
            !shown.contains("[31m\u{1b}")
                && shown.contains("\\u{1b}")
                && !shown.contains('\u{202e}')
        );
    }
}
