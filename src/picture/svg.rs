//! The graph as a picture: static, one file, readable in light and dark.

use super::layout::{HEIGHT, Layout, layout};
use super::select::{collapse, most_important, reduced};
use super::{Kind, Node, Picture};
use std::fmt::Write as _;
use std::io::{self, Write};

/// More boxes than this are a carpet, not a picture.
const MOST: usize = 300;
/// Pixels of a character, of the larger and of the smaller line.
const CHARACTER: f64 = 7.3;
const SMALL: f64 = 5.6;
const LONGEST: usize = 48;

const STYLE: &str = "text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px;fill:#1b1f24}\
.s{font-size:9px;fill:#59636e}.b{fill:#fff;stroke:#8c959f}.e{fill:none;stroke:#8c959f;stroke-width:1}.d{stroke-dasharray:4 3}\
.create{fill:#dafbe1;stroke:#1a7f37}.update{fill:#fff8c5;stroke:#9a6700}.delete{fill:#ffebe9;stroke:#cf222e;stroke-width:2}\
.replace{fill:#fff1e5;stroke:#bc4c00;stroke-width:2}.read{fill:#ddf4ff;stroke:#0969da}.other{fill:#eee;stroke:#555}.bg{fill:#fff}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.bg{fill:#0d1117}.b{fill:#151b23;stroke:#656c76}.e{stroke:#656c76}\
.create{fill:#12331c;stroke:#3fb950}.update{fill:#332a0b;stroke:#d29922}.delete{fill:#3c1618;stroke:#f85149}.replace{fill:#3a2211;stroke:#db6d28}\
.read{fill:#0c2d55;stroke:#4493f8}.other{fill:#333;stroke:#999}}";

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let picture = reduced(&readable(picture));
    let widths: Vec<f64> = picture.nodes.iter().map(width).collect();
    let layout = layout(&picture, &widths);
    let mut text = String::new();
    let height = layout.height
        + 24.0 * f64::from(u32::try_from(picture.notes.len() + 1).unwrap_or(1))
        + 12.0;
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {height:.0}\" width=\"{:.0}\" height=\"{height:.0}\">\n<style>{STYLE}</style>\n<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#8c959f\"/></marker></defs>",
        layout.width, layout.width
    );
    edges(&picture, &layout, &mut text);
    boxes(&picture, &layout, &mut text);
    legend(&picture, &layout, &mut text);
    text.push_str("</svg>\n");
    out.write_all(text.as_bytes())
}

/// As much of a picture as can be read: modules become boxes, the deepest first, then only what matters is kept.
fn readable(picture: &Picture) -> Picture {
    for depth in (1..=8).rev() {
        if picture.nodes.len() <= MOST {
            break;
        }
        let mut smaller = collapse(picture, depth, true);
        if smaller.nodes.len() <= MOST {
            smaller.notes.push(format!("modules nested {depth} deep are drawn as one box each: {} nodes are too many for one picture", picture.nodes.len()));
            return smaller;
        }
    }
    if picture.nodes.len() <= MOST {
        return picture.clone();
    }
    let collapsed = collapse(picture, 1, true);
    let smaller = if collapsed.nodes.len() < picture.nodes.len() {
        &collapsed
    } else {
        picture
    };
    most_important(smaller, MOST)
}

fn width(node: &Node) -> f64 {
    let characters =
        |text: &str| f64::from(u32::try_from(shortened(text).chars().count()).unwrap_or(0));
    let small = if node.kind == Kind::Module {
        0.0
    } else {
        characters(&node.module) * SMALL
    };
    f64::max(characters(&node.label()) * CHARACTER, small) + 18.0
}

/// The middle of a long name is what tells least.
fn shortened(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= LONGEST {
        return text.to_owned();
    }
    let (first, last) = (
        &characters[..LONGEST / 2 - 1],
        &characters[characters.len() - LONGEST / 2..],
    );
    format!(
        "{}…{}",
        first.iter().collect::<String>(),
        last.iter().collect::<String>()
    )
}

fn edges(picture: &Picture, layout: &Layout, text: &mut String) {
    for (nth, edge) in picture.edges.iter().enumerate() {
        let (from, to) = (layout.places[edge.from], layout.places[edge.to]);
        let class = if edge.kinds.is_state_alone() {
            "e d"
        } else {
            "e"
        };
        let forward = from.x <= to.x;
        let middle = HEIGHT / 2.0;
        let mut points = vec![(
            if forward { from.x + from.width } else { from.x },
            from.y + middle,
        )];
        let bends = layout.bends[nth].iter().copied();
        if forward {
            points.extend(bends);
        } else {
            points.extend(bends.rev());
        }
        points.push((if forward { to.x } else { to.x + to.width }, to.y + middle));
        let _ = write!(
            text,
            "<path class=\"{class}\" marker-end=\"url(#a)\" d=\"M{:.1} {:.1}",
            points[0].0, points[0].1
        );
        for pair in points.windows(2) {
            let ((x, y), (u, v)) = (pair[0], pair[1]);
            let half = f64::midpoint(x, u);
            let _ = write!(text, "C{half:.1} {y:.1} {half:.1} {v:.1} {u:.1} {v:.1}");
        }
        let title = format!(
            "{} → {}: {}",
            picture.nodes[edge.from].id,
            picture.nodes[edge.to].id,
            edge.kinds.words().join(", ")
        );
        let _ = writeln!(text, "\"><title>{}</title></path>", escaped(&title));
    }
}

fn boxes(picture: &Picture, layout: &Layout, text: &mut String) {
    for (node, place) in picture.nodes.iter().zip(&layout.places) {
        let class = if node.change.is_empty() {
            "b".to_owned()
        } else {
            format!("b {}", node.colour())
        };
        let round = if matches!(node.kind, Kind::Managed | Kind::Module) {
            3
        } else {
            14
        };
        let title = format!(
            "{} ({}{})",
            node.id,
            node.kind.word(),
            if node.change.is_empty() {
                String::new()
            } else {
                format!(", {}", node.change.join(" then "))
            }
        );
        let _ = write!(
            text,
            "<g><title>{}</title><rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" rx=\"{round}\"/>",
            escaped(&title),
            place.x,
            place.y,
            place.width
        );
        let beside = !node.module.is_empty() && node.kind != Kind::Module;
        let down = if beside { 16.0 } else { 22.0 };
        let _ = write!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            place.x + 9.0,
            place.y + down,
            escaped(&shortened(&node.label()))
        );
        if beside {
            let _ = write!(
                text,
                "<text class=\"s\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                place.x + 9.0,
                place.y + 29.0,
                escaped(&shortened(&node.module))
            );
        }
        text.push_str("</g>\n");
    }
}

fn legend(picture: &Picture, layout: &Layout, text: &mut String) {
    let mut y = layout.height + 18.0;
    let signs = "+ create   ~ update   - delete   -/+ replace   <= read   arrows lead to what is needed; what others imply is not drawn";
    let _ = writeln!(
        text,
        "<text class=\"s\" x=\"14\" y=\"{y:.0}\">{}</text>",
        escaped(signs)
    );
    for note in &picture.notes {
        y += 20.0;
        let _ = writeln!(text, "<text x=\"14\" y=\"{y:.0}\">{}</text>", escaped(note));
    }
}

/// Text of XML. Characters that XML does not know at all were made visible where the text entered.
fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}
