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
        header(line, &span)
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

/// The header of a block, and where it is then: what else stands on its line may be anything.
fn header(line: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let indent = line.len() - line.trim_start().len();
    let begin = indent.min(span.start);
    let name = line[span.clone()].trim_end();
    let opens = line[span.end..].trim_start().starts_with('{');
    let shown = [&line[..begin], name, if opens { " {" } else { "" }].concat();
    (shown, begin..begin + name.len())
}

/// A line without the text of its strings, long numbers and its comment, and where the span is then.
pub(super) fn masked(line: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let (hidden, end) = hidden(line);
    let (mut shown, mut from) = (String::with_capacity(end), 0);
    for range in &hidden {
        shown.push_str(&line[from..range.start]);
        shown.push_str(MASK);
        from = range.end;
    }
    shown.push_str(&line[from..end]);
    let place = |at: usize| {
        let before = hidden.iter().filter(|range| range.start < at);
        let masks = before.clone().count() * MASK.len();
        let gone: usize = before.map(|range| range.end.min(at) - range.start).sum();
        at.min(end) + masks - gone
    };
    let at = place(span.start).min(shown.len())..place(span.end).min(shown.len());
    (shown, at)
}

/// What stands for what is left out.
const MASK: &str = "..";
/// Numbers of so many characters may be secrets, as marked values are.
const LONG: usize = 8;

/// What a line does not show: the texts of its strings, their interpolations included, and long numbers; and where its
/// comment begins.
fn hidden(line: &str) -> (Vec<Range<usize>>, usize) {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(first) = line[at..].chars().next() {
        let rest = &line[at..];
        if first == '#' || rest.starts_with("//") || rest.starts_with("/*") {
            return (found, at);
        }
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if first == '"' {
            let end = text_end(line, at + 1);
            found.push(at + 1..end);
            at = (end + 1).min(line.len());
        } else if word > 0 {
            let number = rest[..word].trim_start_matches('-');
            if number.starts_with(|c: char| c.is_ascii_digit()) && word >= LONG {
                found.push(at..at + word);
            }
            at += word;
        } else {
            at += first.len_utf8();
        }
    }
    (found, line.len())
}

/// Where the text of a string ends: at its quote, which is none of those in its interpolations, or at the end of the line.
fn text_end(line: &str, begin: usize) -> usize {
    // The braces that are open in each interpolation; between two of them is the text of a string.
    let (mut codes, mut in_text): (Vec<usize>, bool) = (Vec::new(), true);
    let bytes = line.as_bytes();
    let mut at = begin;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match (in_text, bytes[at]) {
            (true, b'"') if codes.is_empty() => return at,
            (_, b'"') => in_text = !in_text,
            (true, b'\\') => at += 1,
            (true, _) if rest.starts_with(b"$${") || rest.starts_with(b"%%{") => at += 2,
            (true, b'$' | b'%') if rest.get(1) == Some(&b'{') => {
                codes.push(0);
                in_text = false;
                at += 1;
            }
            (false, b'{') => codes.iter_mut().rev().take(1).for_each(|open| *open += 1),
            (false, b'}') => match codes.last_mut() {
                Some(0) | None => {
                    codes.pop();
                    in_text = true;
                }
                Some(open) => *open -= 1,
            },
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
