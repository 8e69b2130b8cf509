//! Finds the references of an expression. Names that an expression brings along itself (`for`, `dynamic`) are none.

use super::block::Mention;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::{ForDirective, Template};
use hcl_edit::visit::{self, Visit};
use hcl_edit::{Decorated, Span as _};
use std::fmt::Write as _;
use std::ops::Range;

/// Names that no object stands behind.
const NO_DEPENDENCY: [&str; 5] = ["count", "each", "path", "self", "terraform"];

/// Collects references; knows which names are local to where it stands.
#[derive(Default)]
pub(super) struct References {
    own: Vec<String>,
    /// How many of `try` and `can` are around.
    guards: usize,
    found: Vec<(Mention, Range<usize>)>,
}

impl References {
    /// The references of an expression, with their bytes in a file that the text stands in at `offset`.
    pub(super) fn of(&mut self, value: &Expression, offset: usize) -> Vec<(Mention, Range<usize>)> {
        self.visit_expr(value);
        let mut found = std::mem::take(&mut self.found);
        for (_, span) in &mut found {
            *span = span.start + offset..span.end + offset;
        }
        found
    }

    /// Runs something where a name is local.
    pub(super) fn within(&mut self, name: &str, run: impl FnOnce(&mut Self)) {
        self.own.push(name.to_owned());
        run(self);
        self.own.pop();
    }

    fn with_names<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
        run: impl FnOnce(&mut Self),
    ) {
        let before = self.own.len();
        self.own.extend(names.into_iter().map(str::to_owned));
        run(self);
        self.own.truncate(before);
    }
}

impl Visit for References {
    fn visit_traversal(&mut self, node: &Traversal) {
        let own =
            |name: &str| NO_DEPENDENCY.contains(&name) || self.own.iter().any(|own| own == name);
        let reference = mention(node).filter(|(root, _)| !own(root));
        if let Some((_, mut mention)) = reference {
            mention.guarded = self.guards > 0;
            self.found.push((mention, node.span().unwrap_or_default()));
        } else if !matches!(node.expr, Expression::Variable(_)) {
            self.visit_expr(&node.expr);
        }
        for operator in &node.operators {
            self.visit_traversal_operator(operator);
        }
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        let name = node.name.name.as_str();
        let guards = name == "can" || name == "try" && node.args.iter().count() > 1;
        self.guards += usize::from(guards);
        visit::visit_func_call(self, node);
        self.guards -= usize::from(guards);
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        let key = node.intro.key_var.as_ref().map(|key| key.as_str());
        self.with_names(
            key.into_iter().chain([node.intro.value_var.as_str()]),
            |inner| {
                if let Some(key) = &node.key_expr {
                    inner.visit_expr(key);
                }
                inner.visit_expr(&node.value_expr);
                if let Some(condition) = &node.cond {
                    inner.visit_for_cond(condition);
                }
            },
        );
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        let intro = &node.for_expr;
        self.visit_expr(&intro.collection_expr);
        let key = intro.key_var.as_ref().map(|key| key.as_str());
        self.with_names(key.into_iter().chain([intro.value_var.as_str()]), |inner| {
            inner.visit_template(&intro.template);
        });
    }

    fn visit_template(&mut self, node: &Template) {
        visit::visit_template(self, node);
    }
}

/// The reference at the root of a traversal, with the name it begins with.
fn mention(node: &Traversal) -> Option<(&str, Mention)> {
    let Expression::Variable(root) = &node.expr else {
        return None;
    };
    let mut text = root.as_str().to_owned();
    let (mut same_key, mut named, mut attribute) = (false, 0, None);
    let mut operators = node.operators.iter();
    while let Some(operator) = operators.next() {
        match operator.value() {
            TraversalOperator::GetAttr(name) => {
                named += 1;
                text.extend([".", name.as_str()]);
            }
            TraversalOperator::Index(index) => {
                if let Some(key) = literal(index) {
                    text += &key;
                } else {
                    same_key = is_own_key(index);
                    attribute = operators.next().and_then(attribute_of);
                    break;
                }
            }
            TraversalOperator::LegacyIndex(index) => {
                let _ = write!(text, "[{}]", **index);
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                attribute = operators.next().and_then(attribute_of);
                break;
            }
        }
    }
    // One name alone is a keyword, a type, or an object's attribute: nothing Terraform depends on.
    (named > 0).then(|| {
        (
            root.as_str(),
            Mention {
                text,
                same_key,
                attribute,
                guarded: false,
            },
        )
    })
}

fn attribute_of(operator: &Decorated<TraversalOperator>) -> Option<String> {
    match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

/// The reference that an expression is, when it is nothing else.
pub(super) fn whole(value: &Expression) -> Option<String> {
    let Expression::Traversal(traversal) = value else {
        return None;
    };
    mention(traversal).map(|(_, mention)| mention.text)
}

fn literal(index: &Expression) -> Option<String> {
    match index {
        Expression::Number(number) => number.value().as_u64().map(|n| format!("[{n}]")),
        Expression::String(text) => {
            let text = text.value().replace('\\', "\\\\").replace('"', "\\\"");
            Some(format!("[\"{}\"]", text.replace('\n', "\\n")))
        }
        _ => None,
    }
}

/// `count.index` and `each.key` select the instance of the same key; `each.value` may hold anything.
fn is_own_key(index: &Expression) -> bool {
    matches!(whole(index).as_deref(), Some("count.index" | "each.key"))
}
