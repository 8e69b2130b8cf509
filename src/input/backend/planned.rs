//! The backend as a binary plan file has it: with all settings, and the workspace (field 13 of the plan, the same since
//! Terraform 0.12 and in `OpenTofu`).

use super::{Backend, msgpack};
use std::io::{self, BufRead, BufReader, Read};

const BACKEND: u64 = 13;
/// Settings of a backend are short.
const LARGEST: u64 = 1 << 20;

/// Looks for the backend in the plan entry of a plan file, passing over everything else.
pub(in crate::input) fn planned(plan: impl Read) -> Option<Backend> {
    let mut plan = BufReader::with_capacity(1 << 16, plan);
    loop {
        let key = varint(&mut plan)?;
        let length = match key & 7 {
            0 => {
                varint(&mut plan)?;
                continue;
            }
            1 => 8,
            2 => varint(&mut plan)?,
            5 => 4,
            _ => return None,
        };
        if key == BACKEND << 3 | 2 {
            let mut raw = Vec::new();
            (length <= LARGEST).then_some(())?;
            plan.by_ref().take(length).read_to_end(&mut raw).ok()?;
            return backend(&raw);
        }
        let passed = io::copy(&mut plan.by_ref().take(length), &mut io::sink()).ok()?;
        (passed == length).then_some(())?;
    }
}

fn backend(mut raw: &[u8]) -> Option<Backend> {
    let mut backend = Backend {
        whole: true,
        ..Backend::default()
    };
    while let Some((field, value)) = field(&mut raw) {
        match field {
            1 => backend.kind = String::from_utf8_lossy(value).into_owned(),
            2 => {
                let mut inner = value;
                while let Some((field, value)) = self::field(&mut inner) {
                    if field == 1 {
                        msgpack::each(value, &mut |name, setting| backend.set(name, setting));
                    }
                }
            }
            3 => backend.workspace = Some(String::from_utf8_lossy(value).into_owned()),
            _ => {}
        }
    }
    (!backend.kind.is_empty()).then_some(backend)
}

/// The next field that has a length, and what it holds.
fn field<'a>(raw: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
    let key = varint(raw)?;
    let length = usize::try_from(varint(raw)?).ok()?;
    let (value, rest) = raw.split_at_checked(length)?;
    *raw = rest;
    (key & 7 == 2).then_some((key >> 3, value))
}

fn varint(from: &mut impl BufRead) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = *from.fill_buf().ok()?.first()?;
        from.consume(1);
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
