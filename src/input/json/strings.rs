//! The texts of a JSON document that is known to be one.

use super::parts::text_or_none;
use super::skip::string_span;
use std::borrow::Cow;

/// Visits every text that is a value, with the name of the member that it is of, directly or in lists; `key` is that of
/// texts with no name around them. In one pass, however deep the document is; of what is no JSON anything may come.
pub(crate) fn each_text<'d>(
    document: &'d [u8],
    key: &'d str,
    visit: &mut impl FnMut(&str, &'d [u8]),
) {
    let (mut around, mut key) = (Vec::new(), Cow::Borrowed(key));
    let mut rest = document;
    while let Some(byte) = rest.first() {
        match byte {
            b'{' | b'[' => around.push(key.clone()),
            b'}' | b']' => key = around.pop().unwrap_or_default(),
            b'"' => {
                let Some((length, _)) = string_span(rest) else {
                    return;
                };
                let (text, behind) = rest.split_at(length);
                rest = behind.trim_ascii_start();
                if rest.first() == Some(&b':') {
                    key = text_or_none(text).unwrap_or_default();
                } else {
                    visit(&key, text);
                    continue;
                }
            }
            _ => {}
        }
        rest = &rest[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::each_text;

    #[test]
    fn texts_come_with_the_name_they_stand_at() {
        let document = br#"{"a" : "1", "b\"": ["2", {"c": "3", "d": [["4"], 7]}, "5"], "e": {"f": null}, "g":"6"}"#;
        let mut found = Vec::new();
        each_text(document, "top", &mut |key, text| {
            found.push([key, std::str::from_utf8(text).expect("text")].join(" "));
        });
        let want = [
            r#"a "1""#,
            r#"b" "2""#,
            r#"c "3""#,
            r#"d "4""#,
            r#"b" "5""#,
            r#"g "6""#,
        ];
        assert_eq!(found, want);
        let mut found = 0;
        each_text(br#"["x", ["y"]]"#, "top", &mut |key, _| {
            found += usize::from(key == "top");
        });
        assert_eq!(found, 2);
    }
}
