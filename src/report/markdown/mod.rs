//! Markdown for a review comment and a step summary: short enough for every code host, and nothing in it but ours is
//! markup.

mod escape;
mod head;
mod item;
mod key;
mod level;
mod page;

use crate::gate::Report;
use level::LEVELS;
use page::Page;
use std::io;

/// GitHub says that it takes 65,536 characters.
const MOST: usize = 60_000;

/// Writes the report at the first level that fits.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let (mut text, mut shed) = (String::new(), Vec::new());
    for level in &LEVELS {
        shed.extend(Some(level.sheds).filter(|what| !what.is_empty()));
        let (level, shed) = (level, shed.as_slice());
        text = Page {
            report,
            level,
            shed,
        }
        .text();
        if text.len() <= MOST {
            break;
        }
    }
    out.write_all(text.as_bytes())
}
