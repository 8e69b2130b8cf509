//! The line a finding stands on, without what may be a secret.

use super::Spot;
use crate::finding::Snippet;
use crate::input::source::Sources;
use crate::safe::safe;
use std::ops::Range;

/// Longer lines are generated, and shown to nobody.
const LONGEST_LINE: usize = 400;

/// The first line of a spot, with the text of its strings left out: literals in sources may be secrets.
pub(super) fn snippet(sources: &Sources, spot: &Spot) -> Option<Snippet> {
    let text = &sources.files[spot.file].text;
    let start = text[..spot.span.start].rfind('\n').map_or(0, |n| n + 1);
    let end = text[spot.span.start..]
        .find('\n')
        .map_or(text.len(), |n| spot.span.start + n);
    let line = &text[start..end];
    if line.len() > LONGEST_LINE {
        return None;
    }
    let span = spot.span.start - start..spot.span.end.min(end) - start;
    let (line, span) = if spot.names {
        (line.to_owned(), span)
    } else {
        masked(line, &span)
    };
    let (before, rest) = line.split_at(span.start);
    let (marked, after) = rest.split_at(span.end - span.start);
    let tidy = |text: &str| safe(&text.replace('\t', " "));
    let (marked, space) = marked.split_at(marked.trim_end().len());
    let after = [space, after].concat();
    let (before, marked, after) = (tidy(before), tidy(marked), tidy(after.trim_end()));
    Some(Snippet {
        at: before.len(),
        length: marked.len().max(1),
        text: before + &marked + &after,
    })
}

/// A line without the text of its strings and without its comment, and where the span is then.
pub(super) fn masked(line: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut shown = String::with_capacity(line.len());
    let (mut inside, mut escaped) = (false, false);
    let mut at = span.start..span.end;
    for (n, character) in line.char_indices() {
        if n == span.start {
            at.start = shown.len();
        }
        if n == span.end {
            at.end = shown.len();
        }
        match character {
            _ if inside && escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => {
                shown.push_str(if inside { "..\"" } else { "\"" });
                inside = !inside;
            }
            _ if inside => {}
            '#' => break,
            '/' if line[n..].starts_with("//") || line[n..].starts_with("/*") => break,
            other => shown.push(other),
        }
    }
    if inside {
        shown.push_str("..");
    }
    if span.end >= line.len() || at.end > shown.len() {
        at.end = shown.len();
    }
    at.start = at.start.min(shown.len());
    at.end = at.end.max(at.start);
    (shown, at)
}
