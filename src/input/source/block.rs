//! What one block of the sources says: its arguments, what they refer to, and where they stand.

use super::scope::References;
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block as Parsed, Body, Structure};
use std::ops::Range;

/// A top-level block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `resource`, `data`, `module`, `variable`, `output`, `provider`, `moved`…
    pub keyword: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// The file: index into [`super::Sources::files`].
    pub file: usize,
    /// Bytes of the header.
    pub head: Range<usize>,
    /// Bytes of the whole block.
    pub whole: Range<usize>,
    /// Its arguments, those of nested blocks included.
    pub arguments: Vec<Argument>,
}

/// An argument, or all there is in a nested block of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name: `cidr_block`, `ingress`, `lifecycle.ignore_changes`; the type of block that a `dynamic` makes.
    pub name: String,
    /// The file: an override's arguments stand elsewhere than the block.
    pub file: usize,
    /// Bytes of the argument.
    pub span: Range<usize>,
    /// The value, when it is a literal or a plain reference.
    pub constant: Option<Constant>,
    /// What it refers to, each with its bytes.
    pub references: Vec<(Mention, Range<usize>)>,
}

/// A value that can be read without evaluating anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    /// `true`, `false`.
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string without expressions.
    Text(String),
    /// A reference and nothing else: `aws_vpc.main`.
    Reference(String),
}

/// A reference as Terraform would write it in a plan: up to the first index that is not literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// `aws_subnet.a["k"].id`.
    pub text: String,
    /// Whether `[count.index]` or `[each.key]` follows.
    pub same_key: bool,
    /// The attribute behind such an index, or behind a splat: a plan ends before it.
    pub attribute: Option<String>,
    /// Whether it stands in a `try` or a `can`.
    pub guarded: bool,
}

impl Block {
    /// The argument of a name; the last one counts, as overrides come last.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments
            .iter()
            .rev()
            .find(|argument| argument.name == name)
    }

    /// The references of all arguments of a name.
    pub fn references<'b>(
        &'b self,
        name: &'b str,
    ) -> impl Iterator<Item = &'b (Mention, Range<usize>)> {
        let named = self
            .arguments
            .iter()
            .filter(move |argument| argument.name == name);
        named.flat_map(|argument| &argument.references)
    }
}

/// Meta-arguments whose value names things without depending on them.
fn names_only(keyword: &str, name: &str) -> bool {
    match name {
        "provider" | "providers" | "lifecycle.ignore_changes" => true,
        "type" => keyword == "variable",
        "from" | "to" => matches!(keyword, "moved" | "removed" | "import"),
        _ => false,
    }
}

/// Reads the arguments of a block. `text` is the block alone, `offset` where it stands in its file.
///
/// # Errors
/// The block is no HCL: the message, and the byte in the file.
pub(super) fn arguments(
    text: &str,
    offset: usize,
    file: usize,
) -> Result<Vec<Argument>, (String, usize)> {
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        (
            error.message().to_owned(),
            offset + error.location().offset(),
        )
    })?;
    let mut reader = Reader {
        file,
        offset,
        found: Vec::new(),
    };
    for block in body.blocks() {
        let keyword = block.ident.as_str();
        reader.body(keyword, "", &block.body, &mut References::default());
    }
    Ok(reader.found)
}

struct Reader {
    file: usize,
    offset: usize,
    found: Vec<Argument>,
}

impl Reader {
    fn body(&mut self, keyword: &str, prefix: &str, body: &Body, scope: &mut References) {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    self.attribute(keyword, prefix, attribute, scope);
                }
                Structure::Block(block) => self.nested(keyword, prefix, block, scope),
            }
        }
    }

    fn attribute(
        &mut self,
        keyword: &str,
        prefix: &str,
        attribute: &Attribute,
        scope: &mut References,
    ) {
        let key = attribute.key.as_str();
        // A block of arguments counts as the argument that the plan knows it by: its outermost.
        let name = match prefix {
            "" => key.to_owned(),
            "lifecycle" => format!("lifecycle.{key}"),
            outer => outer.to_owned(),
        };
        let references = if names_only(keyword, &name) {
            Vec::new()
        } else {
            scope.of(&attribute.value, self.offset)
        };
        let span = self.span(attribute.span());
        let constant = constant(&attribute.value);
        self.found.push(Argument {
            name,
            file: self.file,
            span,
            constant,
            references,
        });
    }

    fn nested(&mut self, keyword: &str, prefix: &str, block: &Parsed, scope: &mut References) {
        let word = block.ident.as_str();
        match (prefix, word) {
            // `_ { … }` escapes arguments that look like meta-arguments.
            ("", "_") => self.body(keyword, "", &block.body, scope),
            (_, "dynamic") => self.dynamic(keyword, prefix, block, scope),
            ("", _) => {
                self.mark(word, block);
                self.body(keyword, word, &block.body, scope);
            }
            ("lifecycle", _) => self.body(keyword, word, &block.body, scope),
            (outer, _) => self.body(keyword, outer, &block.body, scope),
        }
    }

    /// A nested block is there even when it is empty.
    fn mark(&mut self, name: &str, block: &Parsed) {
        let (span, name) = (self.span(block.span()), name.to_owned());
        self.found.push(Argument {
            name,
            file: self.file,
            span,
            constant: None,
            references: Vec::new(),
        });
    }

    fn dynamic(&mut self, keyword: &str, prefix: &str, block: &Parsed, scope: &mut References) {
        let label = block
            .labels
            .first()
            .map_or("dynamic", |label| label.as_str());
        let iterator = block
            .body
            .get_attribute("iterator")
            .and_then(|attribute| match &attribute.value {
                Expression::Variable(name) => Some(name.as_str()),
                _ => None,
            });
        let name = if prefix.is_empty() { label } else { prefix };
        let span = self.span(block.span());
        let mut references = Vec::new();
        if let Some(each) = block.body.get_attribute("for_each") {
            references = scope.of(&each.value, self.offset);
        }
        self.found.push(Argument {
            name: name.to_owned(),
            file: self.file,
            span,
            constant: None,
            references,
        });
        scope.within(iterator.unwrap_or(label), |scope| {
            for content in block.body.get_blocks("content") {
                self.body(keyword, name, &content.body, scope);
            }
        });
    }

    fn span(&self, span: Option<Range<usize>>) -> Range<usize> {
        let span = span.unwrap_or_default();
        span.start + self.offset..span.end + self.offset
    }
}

/// The value of an expression that is a literal or a plain reference.
pub(in crate::input) fn constant(value: &Expression) -> Option<Constant> {
    match value {
        Expression::Bool(value) => Some(Constant::Bool(*value.value())),
        Expression::Number(number) => Some(Constant::Number(number.value().to_string())),
        Expression::String(text) => Some(Constant::Text(text.value().clone())),
        Expression::Parenthesis(inner) => constant(inner.inner()),
        Expression::Traversal(_) => super::scope::whole(value).map(Constant::Reference),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Constant, arguments};

    fn shown(text: &str) -> Vec<String> {
        let found = arguments(text, 0, 0).expect("a block");
        let shown = found.iter().flat_map(|argument| {
            let references = argument.references.iter();
            references.map(move |(mention, span)| {
                assert!(
                    text[span.clone()]
                        .starts_with(mention.text.split(['.', '[']).next().expect("one"))
                );
                let same = if mention.same_key { "*" } else { "" };
                let behind = mention.attribute.as_ref();
                let behind = behind.map(|name| format!(" .{name}"));
                let behind = behind.unwrap_or_default();
                format!("{}: {}{same}{behind}", argument.name, mention.text)
            })
        });
        shown.collect()
    }

    #[test]
    fn references_are_found_wherever_an_expression_may_stand() {
        let text = r#"resource "a" "b" {
            x = "${var.one}-${aws_x.y["k"].id}"
            ingress { cidr = module.net.cidr }
            y = [for s in data.aws_x.z : s.id if s.ok]
            z = aws_subnet.a[count.index].id
            w = { (local.k) = length(aws_q.r[*].id) }
            h = <<-E
              ${local.h}
            E
        }"#;
        assert_eq!(
            shown(text),
            [
                "x: var.one",
                "x: aws_x.y[\"k\"].id",
                "ingress: module.net.cidr",
                "y: data.aws_x.z",
                "z: aws_subnet.a* .id",
                "w: local.k",
                "w: aws_q.r .id",
                "h: local.h"
            ]
        );
    }

    #[test]
    fn dynamic_blocks_count_as_the_blocks_they_make() {
        let text = r#"resource "a" "b" {
            dynamic "rule" {
                for_each = aws_s.subs
                iterator = it
                content {
                    cidr = "${it.value.cidr}${rule.x.y}"
                    id   = aws_v.w.id
                }
            }
        }"#;
        assert_eq!(
            shown(text),
            ["rule: aws_s.subs", "rule: rule.x.y", "rule: aws_v.w.id"]
        );
    }

    #[test]
    fn what_only_names_is_no_reference() {
        let text = r#"resource "a" "b" {
            provider = aws.west
            lifecycle {
                ignore_changes = [tags]
                replace_triggered_by = [aws_x.y[each.key]]
                precondition { condition = self.x == aws_p.q.ok }
            }
        }"#;
        assert_eq!(
            shown(text),
            [
                "lifecycle.replace_triggered_by: aws_x.y*",
                "precondition: aws_p.q.ok"
            ]
        );
        assert_eq!(shown("moved {\n from = a.b\n to = a.c\n}"), [""; 0]);
    }

    #[test]
    fn constants_are_read() {
        let found = arguments(
            "moved {\n from = a.b[\"x\"]\n n = -1\n t = \"v\"\n b = true\n}",
            0,
            0,
        )
        .expect("ok");
        let shown: Vec<_> = found.iter().filter_map(|a| a.constant.clone()).collect();
        assert_eq!(shown[0], Constant::Reference("a.b[\"x\"]".to_owned()));
        assert!(shown.contains(&Constant::Text("v".to_owned())));
        assert!(shown.contains(&Constant::Bool(true)));
    }

    #[test]
    fn what_is_no_hcl_says_where() {
        let (message, at) = arguments("a {\n x = = 1\n}", 100, 0).expect_err("broken");
        assert!(!message.is_empty());
        assert!(at > 103, "{at}");
    }
}
