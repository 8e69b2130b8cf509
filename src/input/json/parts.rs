//! Splits a JSON container that is in memory into its raw parts. Nothing is decoded here but keys.

use super::skip::{container_len, is_too_deep, quote_or_backslash, string_span};
use std::borrow::Cow;

/// Something that is not JSON. Knows its place as the address of the byte, so that whoever holds the
/// whole text can say the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

impl Malformed {
    pub(crate) fn new(rest: &[u8], what: &'static str) -> Self {
        Self {
            at: rest.as_ptr() as usize,
            what,
        }
    }
}

/// White space as JSON defines it.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn trim(bytes: &[u8]) -> &[u8] {
    // Terraform writes no space.
    if bytes.first().is_some_and(|byte| *byte > b' ') {
        return bytes;
    }
    let spaces = bytes.iter().take_while(|b| is_space(**b)).count();
    &bytes[spaces..]
}

/// The length of the value that `bytes` starts with.
pub(crate) fn value_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'{' | b'[' => container_len(bytes),
        b'"' => string_span(bytes).map(|(length, _)| length),
        _ => scalar_len(bytes),
    }
}

fn scalar_len(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b't', b'r', b'u', b'e', b',' | b'}' | b']', ..]
        | [b'n', b'u', b'l', b'l', b',' | b'}' | b']', ..] => return Some(4),
        [b'f', b'a', b'l', b's', b'e', b',' | b'}' | b']', ..] => return Some(5),
        _ => {}
    }
    let ends = |b: &u8| is_space(*b) || matches!(b, b',' | b']' | b'}' | b':' | b'"' | b'{' | b'[');
    let n = bytes.iter().position(ends).unwrap_or(bytes.len());
    is_scalar(&bytes[..n]).then_some(n)
}

/// Whether this is `true`, `false`, `null` or what may pass for a number of any length.
pub(crate) fn is_scalar(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(b'-' | b'0'..=b'9') => bytes
            .iter()
            .all(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')),
        _ => matches!(bytes, b"true" | b"false" | b"null"),
    }
}

/// The text of a raw string.
pub(crate) fn text(raw: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    let wrong = |what| Malformed::new(raw, what);
    let inside = raw
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .ok_or_else(|| wrong("expected a string"))?;
    // No quote stands between the quotes without a backslash.
    if quote_or_backslash(inside).is_some() {
        return match without_quote_escapes(inside) {
            Some(text) => Ok(Cow::Owned(text)),
            None => serde_json::from_slice(raw)
                .map(Cow::Owned)
                .map_err(|_| wrong("a string with a bad escape")),
        };
    }
    let text = std::str::from_utf8(inside).map_err(|_| wrong("a string that is not UTF-8"))?;
    Ok(Cow::Borrowed(text))
}

/// The text of a string with no escape but `\"`, as in every address with a `for_each` key: a tenth of the
/// time that a general parser takes.
fn without_quote_escapes(inside: &[u8]) -> Option<String> {
    let mut rest = std::str::from_utf8(inside).ok()?;
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = quote_or_backslash(rest.as_bytes()) {
        rest.as_bytes()[at..].starts_with(b"\\\"").then_some(())?;
        text.push_str(&rest[..at]);
        text.push('"');
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    // Control characters are no JSON: what the general parser refuses is refused. To look at all of them takes less than to
    // stop at the first.
    let broken = text.bytes().filter(|byte| *byte < b' ').count();
    (broken == 0).then_some(text)
}

/// The text of a raw string; nothing for any other value.
pub(crate) fn text_or_none(raw: &[u8]) -> Option<Cow<'_, str>> {
    text(raw).ok()
}

/// The parts of a container, in order: what [`fields`] and [`elements`] walk over, for callers that go into
/// a large member at once instead of measuring it first.
pub(crate) struct Parts<'a> {
    rest: &'a [u8],
    close: u8,
    first: bool,
    done: bool,
}

impl<'a> Parts<'a> {
    fn new(raw: &'a [u8], open: u8, close: u8) -> Self {
        // A value of another type has no parts: fixtures made by hand put lists where maps belong.
        let opens = raw.first() == Some(&open);
        Self {
            rest: if opens { &raw[1..] } else { raw },
            close,
            first: true,
            done: !opens,
        }
    }

    /// The members of an object. More text may follow it: see [`Parts::after`].
    pub(crate) fn object(raw: &'a [u8]) -> Self {
        Self::new(raw, b'{', b'}')
    }

    /// What follows the container, once its end is reached.
    pub(crate) fn after(&self) -> &'a [u8] {
        self.rest
    }

    /// Moves to the next part; false at the end.
    #[inline]
    fn advance(&mut self) -> Result<bool, Malformed> {
        if self.done {
            return Ok(false);
        }
        self.rest = trim(self.rest);
        match self.rest.first() {
            None => {
                return Err(Malformed::new(
                    self.rest,
                    "expected the end of the container",
                ));
            }
            Some(&byte) if byte == self.close => {
                self.rest = &self.rest[1..];
                self.done = true;
                return Ok(false);
            }
            Some(b',') if !self.first => self.rest = trim(&self.rest[1..]),
            Some(_) if !self.first => return Err(Malformed::new(self.rest, "expected a comma")),
            Some(_) => {}
        }
        self.first = false;
        Ok(true)
    }

    /// Moves to the next member and gives the bytes of its key; the value is to be taken or entered then.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Option<Cow<'a, [u8]>>, Malformed> {
        // As Terraform writes it: without any space.
        let quoted = match self.rest {
            [b'"', ..] if self.first && !self.done => self.rest,
            [b',', quoted @ ..] if !self.first && !self.done => quoted,
            _ => return self.any_key(),
        };
        if let Some((length, false)) = string_span(quoted)
            && let Some([b':', value, ..]) = quoted.get(length..)
            && quoted[0] == b'"'
            && *value > b' '
        {
            self.first = false;
            self.rest = &quoted[length + 1..];
            return Ok(Some(Cow::Borrowed(&quoted[1..length - 1])));
        }
        self.any_key()
    }

    /// The same however it is written.
    fn any_key(&mut self) -> Result<Option<Cow<'a, [u8]>>, Malformed> {
        if !self.advance()? {
            return Ok(None);
        }
        let quoted = self.rest;
        let span = string_span(quoted).filter(|_| quoted.first() == Some(&b'"'));
        let (length, escapes) = span.ok_or_else(|| Malformed::new(quoted, "expected a key"))?;
        let key = if escapes {
            Cow::Owned(text(&quoted[..length])?.into_owned().into_bytes())
        } else {
            Cow::Borrowed(&quoted[1..length - 1])
        };
        self.rest = trim(&quoted[length..]);
        if self.rest.first() != Some(&b':') {
            return Err(Malformed::new(self.rest, "expected a colon"));
        }
        self.rest = trim(&self.rest[1..]);
        Ok(Some(key))
    }

    /// Enters the value that is next: `visit` walks over it to its end.
    pub(crate) fn enter<T>(
        &mut self,
        visit: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        if self.rest.first() != Some(&b'{') {
            return visit(&mut Self::object(self.take()?));
        }
        let mut inner = Self::object(self.rest);
        let found = visit(&mut inner)?;
        self.rest = inner.after();
        Ok(found)
    }

    /// The value that is next, which may be the same as another one that was taken.
    pub(crate) fn take_like(&mut self, other: &[u8]) -> Result<&'a [u8], Malformed> {
        // A container ends with the bracket that closes it, whatever follows.
        if other.first() == Some(&b'{') && self.rest.starts_with(other) {
            let (value, rest) = self.rest.split_at(other.len());
            self.rest = rest;
            return Ok(value);
        }
        self.take()
    }

    /// The value that is next.
    pub(crate) fn take(&mut self) -> Result<&'a [u8], Malformed> {
        let n = value_len(self.rest).ok_or_else(|| no_value(self.rest))?;
        let (value, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(value)
    }
}

/// Why there is no value here.
fn no_value(rest: &[u8]) -> Malformed {
    let deep = matches!(rest.first(), Some(b'{' | b'[')) && is_too_deep(rest);
    let what = if deep {
        "values nested too deep"
    } else {
        "expected a value"
    };
    Malformed::new(rest, what)
}

/// The text of a key.
fn key_text(key: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match key {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// A member of an object: its key and its raw value.
type Field<'a> = (Cow<'a, str>, &'a [u8]);

/// The members of an object, as key and raw value; none when it is no object.
pub(crate) fn fields(raw: &[u8]) -> impl Iterator<Item = Result<Field<'_>, Malformed>> {
    members(raw).map(move |member| {
        let (key, value) = member?;
        let wrong = || Malformed::new(value, "a key that is not UTF-8");
        Ok((key_text(key).ok_or_else(wrong)?, value))
    })
}

/// A member of an object whose key is only compared.
pub(crate) type Member<'a> = (Cow<'a, [u8]>, &'a [u8]);

/// The members of an object, keys as bytes; none when it is no object.
pub(crate) fn members(raw: &[u8]) -> impl Iterator<Item = Result<Member<'_>, Malformed>> {
    let mut parts = Parts::new(raw, b'{', b'}');
    std::iter::from_fn(move || {
        let next = member(&mut parts).transpose();
        if matches!(next, Some(Err(_))) {
            parts.done = true;
        }
        next
    })
}

fn member<'a>(parts: &mut Parts<'a>) -> Result<Option<Member<'a>>, Malformed> {
    match parts.key()? {
        Some(key) => Ok(Some((key, parts.take()?))),
        None => Ok(None),
    }
}

/// The elements of an array, raw; none when it is no array.
pub(crate) fn elements(raw: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    let mut parts = Parts::new(raw, b'[', b']');
    std::iter::from_fn(move || {
        let next = match parts.advance() {
            Ok(true) => Some(parts.take()),
            Ok(false) => None,
            Err(wrong) => Some(Err(wrong)),
        };
        if matches!(next, Some(Err(_))) {
            parts.done = true;
        }
        next
    })
}

/// The raw value of one member; the last one counts when a key is repeated, as in every JSON parser
/// Terraform's users have.
pub(crate) fn get<'a>(raw: &'a [u8], key: &str) -> Option<&'a [u8]> {
    members(raw)
        .filter_map(Result::ok)
        .filter(|(name, _)| **name == *key.as_bytes())
        .map(|(_, value)| value)
        .last()
}

/// The texts of an array of strings; other elements are left out.
pub(crate) fn texts(raw: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    elements(raw)
        .filter_map(Result::ok)
        .filter_map(text_or_none)
}

#[cfg(test)]
mod tests {
    use super::{elements, fields, get, text, texts};

    fn names(raw: &str) -> Vec<String> {
        fields(raw.as_bytes())
            .map(|f| f.map_or_else(|e| e.what.to_owned(), |(k, _)| k.into_owned()))
            .collect()
    }

    #[test]
    fn fields_come_in_order_with_escapes_undone() {
        assert_eq!(
            names(r#"{"a": 1 , "b\u0022" :{"c":[]},"d":"}"}"#),
            ["a", "b\"", "d"]
        );
        assert_eq!(names("{}"), [""; 0]);
    }

    #[test]
    fn a_value_of_another_type_has_no_fields() {
        assert_eq!(names("[1]"), [""; 0]);
        assert_eq!(elements(b"{}").count(), 0);
    }

    #[test]
    fn broken_objects_end_with_the_error() {
        assert_eq!(names(r#"{"a":1 "b":2}"#), ["a", "expected a comma"]);
        assert_eq!(names(r#"{"a" 1}"#), ["expected a colon"]);
        assert_eq!(names(r#"{"a":nope}"#), ["expected a value"]);
        assert_eq!(names("{a:1}"), ["expected a key"]);
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        assert_eq!(get(br#"{"a":1,"b":0,"a":2}"#, "a"), Some(&b"2"[..]));
    }

    #[test]
    fn numbers_of_any_length_are_one_element() {
        let long = format!("[{}, -1.5e+3, \"x\", null]", "9".repeat(401));
        assert_eq!(elements(long.as_bytes()).filter_map(Result::ok).count(), 4);
        assert_eq!(texts(long.as_bytes()).collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn escaped_quotes_are_undone_as_by_the_general_parser() {
        for raw in [
            r#""a[\"k\"]""#,
            r#""\"""#,
            r#""\"\\\"""#,
            r#""é\"\u00e9""#,
            "\"a\\\"\u{1}\"",
            r#""\"\""#,
        ] {
            let general: Option<String> = serde_json::from_str(raw).ok();
            let shown = text(raw.as_bytes()).ok();
            assert_eq!(shown.as_deref(), general.as_deref(), "{raw}");
        }
    }

    #[test]
    fn text_says_what_is_wrong() {
        assert_eq!(text(b"1").expect_err("no string").what, "expected a string");
        assert_eq!(
            text(b"\"\xff\"").expect_err("bad bytes").what,
            "a string that is not UTF-8"
        );
        assert!(text(br#""\q""#).is_err());
    }
}
