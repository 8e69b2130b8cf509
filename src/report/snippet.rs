//! Shows the source line of a finding, drawn by miette.

use crate::finding::{Location, Snippet};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use std::fmt;

/// What miette draws: a line of a file, and a mark below it.
#[derive(Debug)]
struct Shown {
    source: NamedSource<String>,
    at: usize,
    length: usize,
}

impl fmt::Display for Shown {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new(
            None,
            self.at,
            self.length,
        ))))
    }
}

/// The lines of a snippet, with colours.
pub(super) fn lines(location: &Location, snippet: &Snippet, width: usize) -> Vec<String> {
    // miette counts lines itself: the ones before are empty here.
    let before = "\n".repeat(location.line - 1);
    let shown = Shown {
        at: before.len() + snippet.at,
        length: snippet.length,
        source: NamedSource::new(&location.file, before + &snippet.text + "\n"),
    };
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
        .with_width(width)
        .with_context_lines(0);
    let mut text = String::new();
    if handler.render_report(&mut text, &shown).is_err() {
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
