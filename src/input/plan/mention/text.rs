//! Texts that no two objects have: ids, ARNs, addresses of APIs.

use super::arn::Arn;
use super::noun::{ALIAS, is_unmistakable};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Whether a text is the id of one certain object, wherever it stands.
pub(super) fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Most texts are words: an id has a digit or several parts.
    if bytes.len() < 8 || !bytes.iter().any(|b| matches!(b, b'0'..=b'9' | b':' | b'/')) {
        return false;
    }
    Arn::parse(text).is_some()
        || is_path(text)
        || is_uuid(text)
        || has_hex_tail(text)
        || is_code(text)
        || is_zone(text)
        || is_regional(text)
}

/// Whether a raw value, a text or a list of them, is worth a look: every id is long and has a digit or several parts.
pub(super) fn may_hold_id(value: &[u8]) -> bool {
    matches!(value.first(), Some(b'"' | b'['))
        && value.len() >= 10
        && value.iter().any(|b| matches!(b, b'0'..=b'9' | b'/'))
        && value
            .iter()
            .any(|b| matches!(b, b'-' | b':' | b'/' | b'_' | b'A'..=b'Z'))
}

/// Whether a raw value of an attribute is worth a look for names: a text where attributes mostly name another object, a
/// path, or something with such attributes in it.
pub(super) fn may_hold_name(key: &[u8], value: &[u8]) -> bool {
    match value.first() {
        Some(b'"') => {
            let text = &value[1..];
            text.starts_with(b"/") || text.starts_with(ALIAS.as_bytes()) || names_another(key)
        }
        Some(b'{' | b'[') => NAME.iter().any(|name| name.find(value).is_some()),
        _ => false,
    }
}

/// Ends of the keys that name something: `FunctionName`, `role_name`, `TABLE_NAME`, `namespace`.
static NAME: LazyLock<[Finder<'_>; 3]> =
    LazyLock::new(|| [r#"ame":"#, r#"AME":"#, r#""namespace":"#].map(Finder::new));

/// Whether an attribute mostly has the name of another object, by its own name.
fn names_another(key: &[u8]) -> bool {
    const TAILS: [&[u8]; 5] = [b"_name", b"_identifier", b"cluster", b"group", b"user"];
    TAILS.iter().any(|tail| key.ends_with(tail))
        || std::str::from_utf8(key).is_ok_and(is_unmistakable)
}

/// Azure's and Google's ids, and addresses of APIs.
fn is_path(text: &str) -> bool {
    let few = [("/subscriptions/", 3), ("projects/", 2), ("https://", 3)];
    let begins = few.iter().find(|(prefix, _)| text.starts_with(prefix));
    begins.is_some_and(|(_, few)| text.bytes().filter(|b| *b == b'/').count() > *few)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// `vpc-0123456789abcdef0`: AWS writes eight or seventeen digits.
fn has_hex_tail(text: &str) -> bool {
    let hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let length = text.bytes().rev().take_while(hex).count();
    let (head, tail) = text.split_at(text.len() - length);
    tail.len() >= 8
        && tail.bytes().any(|b| b.is_ascii_digit())
        && head.len() > 1
        && head.ends_with('-')
        && head.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// `Z0123456789ABCDEFGHIJ`: zones, distributions, access keys.
fn is_code(text: &str) -> bool {
    text.len() >= 10
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// `Z0a1b2c3d4e5f6a7b8`: zones of clouds that stand in for AWS; AWS writes capitals.
fn is_zone(text: &str) -> bool {
    let rest = text.strip_prefix('Z').unwrap_or_default();
    let is_hex = rest.bytes().all(|b| b.is_ascii_hexdigit());
    rest.len() >= 12 && is_hex && rest.bytes().any(|b| b.is_ascii_digit())
}

/// `eu-west-1_AbCdEf123`: user pools.
fn is_regional(text: &str) -> bool {
    let Some((region, code)) = text.split_once('_') else {
        return false;
    };
    code.len() >= 8
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
        && region.split('-').count() == 3
        && region.ends_with(|c: char| c.is_ascii_digit())
}

/// Whether a name is a path, as of parameters, secrets and log groups: `/acme/orders/dsn`.
pub(super) fn is_path_name(text: &str) -> bool {
    text.len() >= 8
        && text.starts_with('/')
        && memchr::memchr(b'/', &text.as_bytes()[1..]).is_some()
        && !has_space(text)
}

/// Whether there is white space in a text.
pub(super) fn has_space(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().any(|b| matches!(b, b' ' | b'\t'..=b'\r'))
    } else {
        text.contains(char::is_whitespace)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_id, is_path_name};

    #[test]
    fn ids_are_told_from_names() {
        for id in [
            "vpc-87578c14e0962588c",
            "sg-12345678",
            "arn:aws:sqs:eu-west-1:111111111111:q",
            "/subscriptions/x/resourceGroups/g/providers/p/t/n",
            "projects/p/global/networks/n",
            "https://sqs.eu-west-1.amazonaws.com/111111111111/q",
            "0b0f7cb4-55f5-4b5e-8c1c-2f7f8f6a2f4e",
            "Z0123456789ABCDEFGHIJ",
            "Z08ab4694a89376ab4",
            "eu-west-1_AbCdEf123",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in [
            "subnet-0123",
            "prod-cluster-2024",
            "acme-deadbeef",
            "orders",
            "111111111111",
            "10.0.0.0/16",
            "https://example.com/",
            "PRODUCTION",
            "t3.large",
        ] {
            assert!(!is_id(name), "{name}");
        }
        assert!(is_path_name("/acme/orders/dsn"));
        assert!(!is_path_name("/health"));
    }
}
