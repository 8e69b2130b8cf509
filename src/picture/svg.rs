//! SVG for eyes: static, self-contained, no script, for light and dark ground.

use super::layout::{self, Arrow, Layout, Line, Rect};
use super::style::{ACTIONS, Action};
use super::{Node, NodeKind, Picture, fit, label};
use std::fmt::Write as _;

/// More boxes than this nobody reads.
const NODES: usize = 300;
/// Width of a character of the two fonts, in tenths.
const CHARACTER: (usize, usize) = (73, 61);
/// Room left and right of a text.
const PADDING: i64 = 10;
/// Height of a box with one line and with two.
const HEIGHT: (i64, i64) = (26, 38);
/// Room around everything.
const MARGIN: i64 = 16;
/// Height of a line of notes or of the legend.
const LINE: i64 = 24;
/// Columns of a line of notes, and how many lines there may be.
const NOTES: (usize, usize) = (140, 20);

const STYLE: &str = "\
.tfg{background:#fff}\
.tfg text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}\
.tfg .small{font-size:10px;fill:#59636e}\
.tfg .box{fill:#f6f8fa;stroke:#8c959f}\
.tfg .carrier{fill:#fff;stroke-dasharray:3 2}\
.tfg .many{stroke-width:2.5}\
.tfg .line{fill:none;stroke:#8c959f;stroke-width:1.2}\
.tfg .trunk{stroke-width:1.8}\
.tfg .past{stroke-dasharray:5 4}\
.tfg .cycle{stroke:#c4231c;stroke-width:2}\
.tfg .head{fill:#59636e}";

const DARK: &str = "\
.tfg{background:#0d1117}\
.tfg text{fill:#f0f6fc}\
.tfg .small{fill:#9198a1}\
.tfg .box{fill:#151b23;stroke:#656c76}\
.tfg .carrier{fill:#0d1117}\
.tfg .line{stroke:#656c76}\
.tfg .cycle{stroke:#ff7b72}\
.tfg .head{fill:#9198a1}";

const ARROW: &str = "<defs><marker id=\"tfg-head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">\
<path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n";

/// The SVG of a tidy picture.
pub(super) fn text(picture: &Picture) -> String {
    let picture = fit::without_implied(&fit::fit(picture, NODES));
    let layout = layout::layout(&graph(&picture));
    let legend = legend(&picture);
    let notes = notes(&picture);
    let down = MARGIN + LINE + MARGIN;
    let widest = layout.width.max(legend.1).max(notes_width(&notes));
    let under = down + layout.height + MARGIN;
    let height = under + LINE * small(notes.len()) + MARGIN;
    let mut out = head(widest + 2 * MARGIN, height, &picture);
    out.push_str(&legend.0);
    let _ = writeln!(out, "<g transform=\"translate({MARGIN} {down})\">");
    for line in &layout.lines {
        draw_line(&picture, line, &mut out);
    }
    for edge in picture.edges.iter().filter(|edge| edge.from == edge.to) {
        draw_loop(&layout.boxes[edge.from], &mut out);
    }
    boxes(&picture, &layout, &mut out);
    out.push_str("</g>\n");
    for (at, note) in notes.iter().enumerate() {
        let y = under + LINE * small(at) + LINE / 2;
        words(MARGIN, y, "", note, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

fn head(width: i64, height: i64, picture: &Picture) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tfg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>Dependencies of {} Terraform objects and modules</title>\n<style>{STYLE}",
        picture.nodes.len()
    );
    for (class, [fill, line, ..]) in classes() {
        let _ = write!(
            out,
            ".tfg .{class}{{fill:{fill};stroke:{line};stroke-width:2}}"
        );
    }
    let _ = write!(out, "@media(prefers-color-scheme:dark){{{DARK}");
    for (class, [.., fill, line]) in classes() {
        let _ = write!(out, ".tfg .{class}{{fill:{fill};stroke:{line}}}");
    }
    out.push_str("}</style>\n");
    out.push_str(ARROW);
    out
}

/// Each class of changes with its colours, once.
fn classes() -> impl Iterator<Item = (&'static str, [&'static str; 4])> {
    let one = ACTIONS
        .into_iter()
        .filter(|action| *action != Action::ReplaceAfter);
    one.map(|action| (action.class(), action.colours()))
}

fn graph(picture: &Picture) -> layout::Graph {
    let arrow = |edge: &super::Edge| Arrow {
        from: edge.from,
        to: edge.to,
        past: edge.is_past(),
    };
    layout::Graph {
        sizes: picture.nodes.iter().map(size).collect(),
        edges: picture.edges.iter().map(arrow).collect(),
    }
}

fn size(node: &Node) -> (i64, i64) {
    let label = label::label(node, label::COLUMNS);
    let name = text_width(&label::signed(&label), CHARACTER.0);
    let place = text_width(&label.place, CHARACTER.1);
    let height = if label.place.is_empty() {
        HEIGHT.0
    } else {
        HEIGHT.1
    };
    (name.max(place) + 2 * PADDING, height)
}

fn text_width(text: &str, character: usize) -> i64 {
    small((label::columns(text) * character).div_ceil(10))
}

fn boxes(picture: &Picture, layout: &Layout, out: &mut String) {
    for (node, rect) in picture.nodes.iter().zip(&layout.boxes) {
        let label = label::label(node, label::COLUMNS);
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        let class = class(node);
        let round = if node.kind.is_object() { 4 } else { 12 };
        let title = escaped(&label::long(node));
        let _ = write!(
            out,
            "<g><title>{title}</title><rect class=\"box{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
        );
        let name = label::signed(&label);
        if label.place.is_empty() {
            words(x + PADDING, y + height / 2, "", &name, out);
        } else {
            words(x + PADDING, y + 13, "", &name, out);
            words(x + PADDING, y + 28, "small", &label.place, out);
        }
        out.push_str("</g>\n");
    }
}

fn class(node: &Node) -> String {
    let kind = match node.kind {
        _ if node.collapsed.is_some() => " many",
        NodeKind::Managed | NodeKind::Data | NodeKind::Ephemeral => "",
        _ => " carrier",
    };
    let action = Action::of(node).map_or(String::new(), |action| format!(" {}", action.class()));
    format!("{kind}{action}")
}

fn words(x: i64, middle: i64, class: &str, text: &str, out: &mut String) {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    // A third of the letters' height below the middle; not every reader knows dominant-baseline.
    let y = middle + 4;
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\"{class} xml:space=\"preserve\">{}</text>",
        escaped(text)
    );
}

fn draw_line(picture: &Picture, line: &Line, out: &mut String) {
    let mut class = "line".to_owned();
    for (is, name) in [
        (line.from.is_none(), " trunk"),
        (line.past, " past"),
        (line.against, " cycle"),
    ] {
        class.push_str(if is { name } else { "" });
    }
    let head = match (line.against, line.arrives, line.from.is_some()) {
        (false, true, _) => " marker-end=\"url(#tfg-head)\"",
        (true, _, true) => " marker-start=\"url(#tfg-head)\"",
        _ => "",
    };
    let name = |node: usize| picture.nodes[node].id.as_str();
    let title = match (line.from, line.against) {
        (Some(from), false) => format!("{} depends on {}", name(from), name(line.to)),
        (Some(from), true) => format!("{} depends on {}: a cycle", name(line.to), name(from)),
        (None, _) => format!("to {}", name(line.to)),
    };
    let title = escaped(&title);
    let way = way(&line.points);
    let _ = writeln!(
        out,
        "<path class=\"{class}\" d=\"{way}\"{head}><title>{title}</title></path>"
    );
}

/// A line that is level at every point and bends between.
fn way(points: &[(i64, i64)]) -> String {
    let mut way = String::new();
    let Some((x, y)) = points.first().copied() else {
        return way;
    };
    let _ = write!(way, "M{x} {y}");
    for pair in points.windows(2) {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let half = i64::midpoint(x, to_x);
        let _ = if y == to_y {
            write!(way, "H{to_x}")
        } else {
            write!(way, "C{half} {y} {half} {to_y} {to_x} {to_y}")
        };
    }
    way
}

/// An edge of a box to itself, at its upper right corner.
fn draw_loop(rect: &Rect, out: &mut String) {
    let (x, y) = (rect.x + rect.width, rect.y + rect.height / 2);
    let _ = writeln!(
        out,
        "<path class=\"line cycle\" d=\"M{x} {y}C{0} {y} {0} {1} {2} {1}V{3}\" marker-end=\"url(#tfg-head)\"><title>depends on itself</title></path>",
        x + 24,
        rect.y - 9,
        x - 12,
        rect.y
    );
}

/// What signs and lines mean, of those that occur, and how wide that is.
fn legend(picture: &Picture) -> (String, i64) {
    let (mut out, mut x) = (String::new(), MARGIN);
    let used = |action: &Action| {
        picture
            .nodes
            .iter()
            .any(|node| Action::of(node) == Some(*action))
    };
    for action in ACTIONS.into_iter().filter(used) {
        let text = format!("{} {}", action.sign(), action.word());
        let width = text_width(&text, CHARACTER.0) + 2 * PADDING;
        let _ = write!(
            out,
            "<rect class=\"box {}\" x=\"{x}\" y=\"{MARGIN}\" width=\"{width}\" height=\"{LINE}\" rx=\"4\"/>",
            action.class()
        );
        words(x + PADDING, MARGIN + LINE / 2, "", &text, &mut out);
        x += width + PADDING;
    }
    let past = picture.edges.iter().any(super::Edge::is_past);
    let text = if past {
        "left depends on right; dashed: only in the state of the last apply"
    } else {
        "left depends on right"
    };
    words(x, MARGIN + LINE / 2, "", text, &mut out);
    out.push('\n');
    (out, x - MARGIN + text_width(text, CHARACTER.0))
}

fn notes(picture: &Picture) -> Vec<String> {
    let mut notes: Vec<String> = picture
        .notes
        .iter()
        .take(NOTES.1)
        .map(|note| label::fitted(note, NOTES.0))
        .collect();
    if picture.notes.len() > NOTES.1 {
        notes.push(format!("and {} more notes", picture.notes.len() - NOTES.1));
    }
    notes
}

fn notes_width(notes: &[String]) -> i64 {
    notes
        .iter()
        .map(|note| text_width(note, CHARACTER.0))
        .max()
        .unwrap_or(0)
}

fn small(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A text as XML. What XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
