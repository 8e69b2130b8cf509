//! Finds the end of a JSON container without looking at what is in it.
//!
//! Sixty-four bytes at a time: bit masks of quotes, backslashes and brackets, the in-string mask by a
//! prefix XOR, the depth by counting bits. The method is simdjson's (Langdale and Lemire, "Parsing
//! Gigabytes of JSON per Second", 2019, section 3.1); `fearless_simd` gives it without `unsafe`, with the widest
//! registers that the machine has.

#![expect(
    clippy::inline_always,
    reason = "the kernel is compiled once for each kind of register; what is not inlined into it is compiled for the oldest"
)]

use fearless_simd::{Level, Simd, SimdBase as _, SimdMask as _, dispatch, u8x16, u8x64};

const BLOCK: usize = 64;
const EVEN_BITS: u64 = 0x5555_5555_5555_5555;

/// What came of feeding bytes to a [`Skipper`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fed {
    /// The container ends with the byte before this index.
    End(usize),
    /// So many bytes were used up and the container goes on.
    More(usize),
    /// A backslash stands outside a string: this is not JSON. Or it is nested deeper than is asked for.
    Broken,
}

/// What is handed over to be read is not nested much deeper than this: readers go down into values, and a stack ends.
/// Nobody writes such values: `serde_json` stops at 128.
const DEEPEST: usize = 256;

/// Walks over one container, block by block; the bytes may come in any number of pieces.
pub(crate) struct Skipper {
    depth: usize,
    /// As deep as it goes, looked at once a block.
    deepest: usize,
    in_string: u64,
    escape: u64,
}

impl Default for Skipper {
    fn default() -> Self {
        Self::down_to(usize::MAX)
    }
}

impl Skipper {
    const fn down_to(deepest: usize) -> Self {
        Self {
            depth: 0,
            deepest,
            in_string: 0,
            escape: 0,
        }
    }

    /// Takes whole blocks of 64 bytes off the front of `bytes`; the first byte ever fed is the opening
    /// bracket.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Fed {
        dispatch!(Level::new(), simd => self.blocks(simd, bytes))
    }

    #[inline(always)]
    fn blocks<S: Simd>(&mut self, simd: S, bytes: &[u8]) -> Fed {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        for (nth, block) in blocks.iter().enumerate() {
            match self.block(simd, block) {
                Fed::End(n) => return Fed::End(nth * BLOCK + n),
                Fed::Broken => return Fed::Broken,
                Fed::More(_) => {}
            }
        }
        Fed::More(blocks.len() * BLOCK)
    }

    /// Takes the last bytes there are, fewer than a block.
    pub(crate) fn finish(&mut self, tail: &[u8]) -> Fed {
        dispatch!(Level::new(), simd => self.tail(simd, tail))
    }

    #[inline(always)]
    fn tail<S: Simd>(&mut self, simd: S, tail: &[u8]) -> Fed {
        let mut block = [b' '; BLOCK];
        block[..tail.len()].copy_from_slice(tail);
        self.block(simd, &block)
    }

    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, block: &[u8; BLOCK]) -> Fed {
        let masks = Masks::of(simd, block);
        let escaped = self.escaped(masks.backslash);
        let string = prefix_xor(masks.quote & !escaped) ^ self.in_string;
        self.in_string = 0u64.wrapping_sub(string >> 63);
        if masks.backslash & !string != 0 {
            return Fed::Broken;
        }
        let (open, close) = (masks.open & !string, masks.close & !string);
        let closes = close.count_ones() as usize;
        if self.depth > closes {
            self.depth = self.depth + open.count_ones() as usize - closes;
            return if self.depth > self.deepest {
                Fed::Broken
            } else {
                Fed::More(BLOCK)
            };
        }
        self.walk(open, close)
    }

    fn walk(&mut self, open: u64, close: u64) -> Fed {
        let (mut left, before) = (close, self.depth);
        for closed in 1.. {
            // Only behind a closing bracket may be the end.
            if left == 0 {
                break;
            }
            let up_to = left ^ (left - 1);
            if before + (open & up_to).count_ones() as usize == closed {
                return Fed::End(up_to.count_ones() as usize);
            }
            left &= left - 1;
        }
        self.depth = before + open.count_ones() as usize - close.count_ones() as usize;
        Fed::More(BLOCK)
    }

    /// The bytes that follow an odd run of backslashes.
    fn escaped(&mut self, backslash: u64) -> u64 {
        if backslash == 0 {
            return std::mem::take(&mut self.escape);
        }
        let backslash = backslash & !self.escape;
        let follows = backslash << 1 | self.escape;
        let odd_starts = backslash & !EVEN_BITS & !follows;
        let (even_runs, carry) = odd_starts.overflowing_add(backslash);
        self.escape = u64::from(carry);
        (EVEN_BITS ^ (even_runs << 1)) & follows
    }
}

struct Masks {
    quote: u64,
    backslash: u64,
    open: u64,
    close: u64,
}

impl Masks {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Self {
        let bytes = u8x64::from_slice(simd, block);
        // `[` and `{`, `]` and `}` differ in this bit alone.
        let folded = bytes | u8x64::splat(simd, 0x20);
        let where_is = |bytes: u8x64<S>, byte| bytes.simd_eq(u8x64::splat(simd, byte)).to_bitmask();
        Self {
            quote: where_is(bytes, b'"'),
            backslash: where_is(bytes, b'\\'),
            open: where_is(folded, b'{'),
            close: where_is(folded, b'}'),
        }
    }
}

/// Bit n of the result is the parity of bits 0 to n: set from an opening quote up to its closing one.
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The length of the container that `bytes` starts with, or nothing when it is broken, does not end or is nested too
/// deep.
pub(crate) fn container_len(bytes: &[u8]) -> Option<usize> {
    if let [b'{', b'}', ..] | [b'[', b']', ..] = bytes {
        return Some(2);
    }
    dispatch!(Level::new(), simd => len_with(simd, bytes, DEEPEST))
}

/// Whether the container that `bytes` starts with is one, and nested too deep.
pub(crate) fn is_too_deep(bytes: &[u8]) -> bool {
    dispatch!(Level::new(), simd => len_with(simd, bytes, usize::MAX)).is_some()
        && container_len(bytes).is_none()
}

#[inline(always)]
fn len_with<S: Simd>(simd: S, bytes: &[u8], deepest: usize) -> Option<usize> {
    let mut skipper = Skipper::down_to(deepest);
    match skipper.blocks(simd, bytes) {
        Fed::End(n) => Some(n),
        Fed::Broken => None,
        Fed::More(used) => match skipper.tail(simd, &bytes[used..]) {
            Fed::End(n) if used + n <= bytes.len() => Some(used + n),
            _ => None,
        },
    }
}

/// The length of the string that `bytes` starts with, both quotes included, and whether it has escapes.
pub(crate) fn string_span(bytes: &[u8]) -> Option<(usize, bool)> {
    // Nearly all keys and half of the values end here.
    if let Some(near) = bytes.get(1..).and_then(<[u8]>::first_chunk::<16>)
        && let Some(at) = dispatch!(Level::baseline(), simd => quote_or_backslash_in(simd, near))
        && near[at] == b'"'
    {
        return Some((at + 2, false));
    }
    let (mut at, mut escapes) = (1, false);
    loop {
        at += quote_or_backslash(bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some((at + 1, escapes));
        }
        escapes = true;
        at += 2;
    }
}

/// Where the first quote or backslash is. Most strings are short, and to call a search that is made for long texts costs
/// more than it finds: so the first 64 bytes are looked at sixteen at a time, in registers that every machine has.
pub(crate) fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    let (chunks, _) = bytes.as_chunks::<16>();
    let near = &chunks[..chunks.len().min(BLOCK / 16)];
    let found = near.iter().enumerate().find_map(|(nth, chunk)| {
        let at = dispatch!(Level::baseline(), simd => quote_or_backslash_in(simd, chunk))?;
        Some(nth * 16 + at)
    });
    found.or_else(|| {
        let far = near.len() * 16;
        memchr::memchr2(b'"', b'\\', &bytes[far..]).map(|at| far + at)
    })
}

#[inline(always)]
fn quote_or_backslash_in<S: Simd>(simd: S, chunk: &[u8; 16]) -> Option<usize> {
    let chunk = u8x16::from_slice(simd, chunk);
    let is = |byte| chunk.simd_eq(u8x16::splat(simd, byte));
    let hits = (is(b'"') | is(b'\\')).to_bitmask();
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::{Fed, Skipper, container_len, is_too_deep, string_span};
    use proptest::prelude::*;

    /// The definition, a byte at a time.
    fn naive(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut string, mut escaped) = (0usize, false, false);
        for (n, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if string => escaped = true,
                b'\\' => return None,
                b'"' => string = !string,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(n + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn soup() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop::sample::select(br#"{}[]"\\\\"","{}[]abc:, 0"#.to_vec());
        prop::collection::vec(byte, 0..400).prop_map(|mut soup| {
            soup.insert(0, b'{');
            soup
        })
    }

    proptest! {
        #[test]
        fn the_end_is_where_a_byte_loop_finds_it(soup in soup()) {
            let want = naive(&soup);
            let got = container_len(&soup);
            // A whole block is looked at together, so brokenness behind the end may be seen early.
            prop_assert!(got == want || got.is_none() && soup.contains(&b'\\'), "{got:?} {want:?}");
        }

        #[test]
        fn pieces_give_the_same_end_as_the_whole(soup in soup(), cut in 0usize..6) {
            let mut skipper = Skipper::default();
            let cut = (cut * 64).min(soup.len() / 64 * 64);
            let got = match skipper.feed(&soup[..cut]) {
                Fed::More(used) => match skipper.feed(&soup[used..]) {
                    Fed::End(n) => Some(used + n),
                    Fed::More(more) => match skipper.finish(&soup[used + more..]) {
                        Fed::End(n) => Some(used + more + n),
                        _ => None,
                    },
                    Fed::Broken => None,
                },
                Fed::End(n) => Some(n),
                Fed::Broken => None,
            };
            // An empty container is known by its first two bytes, whatever comes behind.
            let empty = soup.starts_with(b"{}");
            prop_assert!(got == container_len(&soup) || empty);
        }
    }

    #[test]
    fn what_is_nested_too_deep_to_go_down_into_is_told_from_what_is_broken() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert_eq!(container_len(nested(200).as_bytes()), Some(400));
        assert_eq!(container_len(nested(400).as_bytes()), None);
        assert!(is_too_deep(nested(400).as_bytes()));
        assert!(!is_too_deep(nested(200).as_bytes()));
        assert!(!is_too_deep("[".repeat(400).as_bytes()));
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = br#"{"a]}\"}": [1, "}"], "b\\": {}} tail"#;
        assert_eq!(container_len(text), Some(text.len() - 5));
    }

    #[test]
    fn an_escaped_quote_across_a_block_border_stays_escaped() {
        for pad in 50..70 {
            let text = format!(r#"{{"{}\\\"}}" : 1}}"#, "x".repeat(pad));
            assert_eq!(
                container_len(text.as_bytes()),
                Some(text.len()),
                "pad {pad}"
            );
        }
    }

    #[test]
    fn strings_of_any_length_end_at_their_own_quote() {
        for length in 0..100 {
            for tail in ["\"", "\\\"\"", "\\\\\"", "\u{7f}\u{80}\"", "!#[]\""] {
                let text = format!("\"{}{tail} and \"more\" \\ behind", "x".repeat(length));
                let inside = text[1..].replace("\\\\", "..").replace("\\\"", "..");
                let end = inside.find('"').expect("an end") + 2;
                assert_eq!(
                    string_span(text.as_bytes()),
                    Some((end, tail.starts_with('\\'))),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn strings_end_at_their_own_quote() {
        assert_eq!(string_span(br#""a\"b\\" "c""#), Some((8, true)));
        assert_eq!(string_span(br#""a\"#), None);
    }
}
