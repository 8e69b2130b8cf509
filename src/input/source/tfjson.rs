//! Reads `.tf.json`: the same blocks, written as objects. Strings are templates; `depends_on` and its like hold
//! references as plain strings.

use super::block::{Argument, Block, Constant, Mention};
use super::scope::{self, References};
use crate::input::json::parts::{elements, fields, text_or_none, value_len};
use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, StringTemplate};
use std::ops::Range;

/// Deeper nesting of values than anybody writes is passed over.
const DEEPEST: usize = 100;

/// The blocks of a file; nothing when it is not one JSON object.
pub(super) fn blocks(text: &str, file: usize) -> Option<Vec<Block>> {
    let raw = text.trim().as_bytes();
    (raw.first() == Some(&b'{') && value_len(raw) == Some(raw.len())).then_some(())?;
    let mut reader = Reader {
        text,
        file,
        found: Vec::new(),
    };
    for (keyword, value) in fields(raw).flatten() {
        let labels = match &*keyword {
            "resource" | "data" | "ephemeral" => 2,
            "module" | "variable" | "output" | "provider" | "check" => 1,
            _ => 0,
        };
        if keyword != "//" {
            reader.labelled(&keyword, &mut Vec::new(), labels, value);
        }
    }
    Some(reader.found)
}

struct Reader<'t> {
    text: &'t str,
    file: usize,
    found: Vec<Block>,
}

impl Reader<'_> {
    fn span(&self, raw: &[u8]) -> Range<usize> {
        let start = (raw.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        start..start + raw.len()
    }

    /// Labels nest; at each level there may be an array of objects.
    fn labelled(&mut self, keyword: &str, labels: &mut Vec<String>, left: usize, raw: &[u8]) {
        if raw.first() == Some(&b'[') {
            for element in elements(raw).flatten().filter(|e| e.first() == Some(&b'{')) {
                self.labelled(keyword, labels, left, element);
            }
        } else if left == 0 {
            self.block(keyword, labels, raw);
        } else {
            for (label, value) in fields(raw).flatten().filter(|(label, _)| label != "//") {
                labels.push(label.into_owned());
                self.labelled(keyword, labels, left - 1, value);
                labels.pop();
            }
        }
    }

    fn block(&mut self, keyword: &str, labels: &[String], raw: &[u8]) {
        let whole = self.span(raw);
        let mut arguments = Vec::new();
        for (name, value) in fields(raw).flatten() {
            self.argument(&name, value, &mut arguments);
        }
        self.found.push(Block {
            keyword: keyword.to_owned(),
            labels: labels.to_vec(),
            file: self.file,
            head: whole.start..whole.start + 1,
            whole,
            arguments,
        });
    }

    fn argument(&self, name: &str, value: &[u8], arguments: &mut Vec<Argument>) {
        match name {
            "//" | "provider" | "providers" | "type" | "from" | "to" => {
                arguments.push(self.made(name, value, Vec::new()));
            }
            "lifecycle" => {
                for (inner, value) in fields(value).flatten() {
                    let references = match &*inner {
                        "replace_triggered_by" => self.plain(value),
                        "ignore_changes" => Vec::new(),
                        _ => self.references(value),
                    };
                    arguments.push(self.made(&format!("lifecycle.{inner}"), value, references));
                }
            }
            "depends_on" => arguments.push(self.made(name, value, self.plain(value))),
            "dynamic" => {
                for (label, value) in fields(value).flatten() {
                    arguments.push(self.made(&label, value, self.dynamic(&label, value)));
                }
            }
            _ => arguments.push(self.made(name, value, self.references(value))),
        }
    }

    fn made(&self, name: &str, raw: &[u8], references: Vec<(Mention, Range<usize>)>) -> Argument {
        let constant = match raw.first() {
            Some(b't' | b'f') => Some(Constant::Bool(raw == b"true")),
            Some(b'"') => text_or_none(raw).and_then(|text| constant(name, &text)),
            Some(b'-' | b'0'..=b'9') => Some(Constant::Number(String::from_utf8_lossy(raw).into())),
            _ => None,
        };
        Argument {
            name: name.to_owned(),
            file: self.file,
            span: self.span(raw),
            constant,
            references,
        }
    }

    /// References written as strings: `["aws_vpc.main"]`.
    fn plain(&self, raw: &[u8]) -> Vec<(Mention, Range<usize>)> {
        let strings: Vec<&[u8]> = if raw.first() == Some(&b'[') {
            elements(raw).flatten().collect()
        } else {
            vec![raw]
        };
        let mut found = Vec::new();
        for string in strings {
            let Some(text) = text_or_none(string) else {
                continue;
            };
            let bare = text
                .strip_prefix("${")
                .and_then(|t| t.strip_suffix('}'))
                .unwrap_or(&text);
            if let Ok(expression) = hcl_edit::parser::parse_expr(bare) {
                let mentions = References::default().of(&expression, 0);
                found.extend(
                    mentions
                        .into_iter()
                        .map(|(mention, _)| (mention, self.span(string))),
                );
            }
        }
        found
    }

    fn references(&self, raw: &[u8]) -> Vec<(Mention, Range<usize>)> {
        self.dynamic("", raw)
    }

    /// The references of all strings in a value; `own` names a block's iterator.
    fn dynamic(&self, own: &str, raw: &[u8]) -> Vec<(Mention, Range<usize>)> {
        let mut found = Vec::new();
        let mut left = vec![(raw, 0)];
        while let Some((value, depth)) = left.pop() {
            match value.first() {
                _ if depth > DEEPEST => {}
                Some(b'{') => {
                    left.extend(fields(value).flatten().map(|(_, value)| (value, depth + 1)));
                }
                Some(b'[') => {
                    left.extend(elements(value).flatten().map(|value| (value, depth + 1)));
                }
                Some(b'"') => found.extend(self.template(own, value)),
                _ => {}
            }
        }
        found.sort_by_key(|(_, span)| span.start);
        found
    }

    fn template(&self, own: &str, raw: &[u8]) -> Vec<(Mention, Range<usize>)> {
        let text = text_or_none(raw).filter(|text| text.contains("${") || text.contains("%{"));
        let Some(Ok(template)) = text.map(|text| hcl_edit::parser::parse_template(&text)) else {
            return Vec::new();
        };
        let mut string = StringTemplate::new();
        template
            .into_iter()
            .for_each(|element: Element| string.push(element));
        let mut found = Vec::new();
        References::default().within(own, |scope| {
            found = scope.of(&Expression::StringTemplate(string.clone()), 0);
        });
        found
            .into_iter()
            .map(|(mention, _)| (mention, self.span(raw)))
            .collect()
    }
}

fn constant(name: &str, text: &str) -> Option<Constant> {
    if matches!(name, "from" | "to") {
        let expression = hcl_edit::parser::parse_expr(text).ok()?;
        return scope::whole(&expression).map(Constant::Reference);
    }
    (!text.contains("${") && !text.contains("%{")).then(|| Constant::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_and_references_are_found_at_any_nesting_of_labels() {
        let text = r#"{"//": "x", "resource": {"aws_x": {"a": [{"v": "${aws_y.b.id}-${each.key}", "depends_on": ["aws_z.c"]}]}},
            "module": [{"m": {"source": "./m", "list": [{"deep": "${var.q}"}]}}],
            "locals": {"l": "${data.t.n.v[0]}"}}"#;
        let found = blocks(text, 0).expect("JSON");
        let shown: Vec<_> = found
            .iter()
            .flat_map(|block| {
                let references = block.arguments.iter().flat_map(|a| &a.references);
                references.map(move |(mention, span)| {
                    assert!(text[span.clone()].contains(&mention.text[..5]));
                    format!("{} {}", block.labels.join("."), mention.text)
                })
            })
            .collect();
        assert_eq!(
            shown,
            [
                "aws_x.a aws_y.b.id",
                "aws_x.a aws_z.c",
                "m var.q",
                " data.t.n.v[0]"
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_no_configuration() {
        assert_eq!(blocks("[1]", 0), None);
        assert_eq!(blocks("{\"a\": ", 0), None);
    }
}
