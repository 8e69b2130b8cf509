//! Reads as much of `MessagePack` as Terraform writes backend settings in: maps of texts, switches and nulls.

use super::Setting;

/// Deeper nesting than any backend has.
const DEEPEST: usize = 16;

/// Visits the entries of a map, those of a map in it or of the first in a list of it with its name before theirs. What
/// is no map, or damaged, is left where it is.
pub(super) fn each(raw: &[u8], visit: &mut impl FnMut(&str, Option<Setting>)) {
    let mut reader = Reader { rest: raw };
    // What was read before a mistake is as true as it was.
    let _ = reader.map("", visit, 0);
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        let taken = self.take(bytes)?;
        Some(taken.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
    }

    fn map(
        &mut self,
        prefix: &str,
        visit: &mut impl FnMut(&str, Option<Setting>),
        depth: usize,
    ) -> Option<()> {
        let length = match self.number(1)? {
            head @ 0x80..=0x8f => head & 0x0f,
            0xde => self.number(2)?,
            0xdf => self.number(4)?,
            _ => return None,
        };
        for _ in 0..length {
            let name = match self.number(1)? {
                head @ 0xa0..=0xbf => self.text(head & 0x1f)?,
                0xd9 => {
                    let length = self.number(1)?;
                    self.text(length)?
                }
                _ => return None,
            };
            self.value(&format!("{prefix}{name}"), visit, depth + 1)?;
        }
        Some(())
    }

    fn text(&mut self, length: usize) -> Option<String> {
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn value(
        &mut self,
        name: &str,
        visit: &mut impl FnMut(&str, Option<Setting>),
        depth: usize,
    ) -> Option<()> {
        let head = usize::from(*self.rest.first()?);
        if depth > DEEPEST {
            return None;
        }
        if matches!(head, 0x80..=0x8f | 0xde | 0xdf) {
            return self.map(&format!("{name}."), visit, depth);
        }
        self.take(1)?;
        let setting = match head {
            0xc0 => None,
            0xc2 => Some(Setting::Bool(false)),
            0xc3 => Some(Setting::Bool(true)),
            0xa0..=0xbf => Some(super::word(&self.text(head & 0x1f)?)),
            0xd9..=0xdb => {
                let length = self.number(1 << (head - 0xd9))?;
                Some(super::word(&self.text(length)?))
            }
            0x90..=0x9f | 0xdc | 0xdd => {
                let length = match head {
                    0xdc => self.number(2)?,
                    0xdd => self.number(4)?,
                    _ => head & 0x0f,
                };
                for _ in 0..length {
                    self.value(name, visit, depth + 1)?;
                }
                return Some(());
            }
            _ => {
                self.skip(head)?;
                Some(Setting::Other)
            }
        };
        visit(name, setting);
        Some(())
    }

    /// Numbers, binaries and extensions (an unknown value is one).
    fn skip(&mut self, head: usize) -> Option<()> {
        let length = match head {
            0x00..=0x7f | 0xe0..=0xff => 0,
            0xc4..=0xc6 => self.number(1 << (head - 0xc4))?,
            0xc7..=0xc9 => self.number(1 << (head - 0xc7))? + 1,
            0xca => 4,
            0xcb => 8,
            0xcc..=0xcf => 1 << (head - 0xcc),
            0xd0..=0xd3 => 1 << (head - 0xd0),
            0xd4..=0xd8 => (1 << (head - 0xd4)) + 1,
            _ => return None,
        };
        self.take(length).map(|_| ())
    }
}
