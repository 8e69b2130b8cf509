//! Shows the source line of a finding, drawn by miette.

use crate::finding::{Location, Snippet};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};
use std::fmt;

/// What miette draws: a line of a file, and a mark below it.
#[derive(Debug)]
struct Shown<'a> {
    location: &'a Location,
    snippet: &'a Snippet,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(None, self.snippet.at, self.snippet.length);
        Some(Box::new(std::iter::once(label)))
    }
}

impl SourceCode for Shown<'_> {
    /// The line, whatever is asked for: there is no other. Asked without context, miette wants the place for the
    /// headline.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let column = if before == 0 {
            self.location.column - 1
        } else {
            0
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.location.file.clone(),
            self.snippet.text.as_bytes(),
            (0, self.snippet.text.len()).into(),
            self.location.line - 1,
            column,
            1,
        )))
    }
}

/// The lines of a snippet, with colours.
pub(super) fn lines(location: &Location, snippet: &Snippet, width: usize) -> Vec<String> {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
        .with_width(width)
        .with_context_lines(1);
    let mut text = String::new();
    if handler
        .render_report(&mut text, &Shown { location, snippet })
        .is_err()
    {
        return vec![format!(
            "{}:{}:{}",
            location.file, location.line, location.column
        )];
    }
    let drawn = text.lines().skip_while(|line| !line.contains('╭'));
    drawn.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::finding::{Location, Snippet};

    #[test]
    fn a_line_is_shown_with_its_number_and_a_mark() {
        let location = Location {
            file: "net/main.tf".to_owned(),
            line: 12,
            column: 3,
            end_line: 12,
            end_column: 6,
            ..Location::default()
        };
        let snippet = Snippet {
            text: "  abc = 1".to_owned(),
            at: 2,
            length: 3,
        };
        let shown: Vec<_> = lines(&location, &snippet, 80)
            .iter()
            .map(|l| anstream::adapter::strip_str(l).to_string())
            .collect();
        assert!(shown[0].contains("net/main.tf:12:3"), "{shown:?}");
        assert!(shown[1].contains("12 │   abc = 1"), "{shown:?}");
        assert!(shown[2].contains("───"), "{shown:?}");
    }
}
