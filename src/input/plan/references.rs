//! The `references` lists of a plan's configuration.
//!
//! Terraform writes each reference as a chain, longest path first, then every shorter prefix down to the
//! smallest object, without saying where a chain ends (Terraform 1.0.1 and later; before that the
//! subject alone). Only the heads of chains are references; taking every entry for one would make each
//! `module.m.out` a reference to the whole module.

use super::{Block, Key};
use crate::input::address::{KeyText, Mode, Step, is_one_step, steps, unescape};
use crate::input::names::{Name, Names};
use std::borrow::Cow;
use std::ops::Range;

/// The data source that reads the outputs of another state.
pub const REMOTE_STATE: &str = "terraform_remote_state";

/// What a reference points at, in the module it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A resource block, or one instance of it when the key is literal.
    Resource {
        /// The mode.
        mode: Mode,
        /// The type.
        kind: Name,
        /// The name of the block.
        name: Name,
        /// A literal key.
        key: Option<Box<Key>>,
    },
    /// An input variable.
    Variable(Name),
    /// A local value: the plan does not hold its expression.
    Local(Name),
    /// A module call, whole or one instance of it.
    Module {
        /// The name of the call.
        call: Name,
        /// A literal key.
        key: Option<Box<Key>>,
    },
    /// An output of a module call.
    Output {
        /// The name of the call.
        call: Name,
        /// A literal key of the call.
        key: Option<Box<Key>>,
        /// The output.
        output: Name,
    },
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// What it points at.
    pub target: Target,
    /// The first attribute behind the target: `id` in `aws_vpc.a.id`. Of the state of another stack the output, and what is
    /// taken of it: `outputs.net.vpc`.
    pub attribute: Option<Name>,
    /// Whether `count.index` or `each.key` follows at once, as in `aws_subnet.a[count.index]`: instance
    /// to instance, not all to all.
    pub same_key: bool,
    /// Whether the expression is this reference and nothing else; known from sources alone.
    pub alone: bool,
    /// Whether the expression does without it, in a `try` or a `can`; known from sources alone.
    pub guarded: bool,
    /// Who says so.
    pub told_by: Tellers,
}

/// Who tells of a reference or an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tellers(u8);

impl Tellers {
    /// The plan: its `configuration`, or the prior state.
    pub const PLAN: Self = Self(1);
    /// The sources.
    pub const SOURCE: Self = Self(2);
    /// What `terraform graph` printed.
    pub const DOT: Self = Self(4);

    /// Both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// As a number below eight.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// The same from the number.
    pub(crate) const fn of_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether one is among them.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Reference {
    /// Whether it may be all that Terraform tells of one that goes on behind an index or a splat.
    pub fn ends_at_index(&self) -> bool {
        self.attribute.is_none()
            && match &self.target {
                Target::Module { key, .. } => key.is_none(),
                Target::Resource { mode, key, .. } => key.is_none() && *mode == Mode::Managed,
                _ => false,
            }
    }

    /// Whether it is to a block of resources, or to an instance of it.
    pub fn is_to(&self, block: &Block) -> bool {
        matches!(&self.target, Target::Resource { mode, kind, name, .. }
            if (*mode, kind, name) == (block.mode, &block.kind, &block.name))
    }

    /// Whether it is to one instance, by a literal key.
    pub(super) fn has_key(&self) -> bool {
        match &self.target {
            Target::Resource { key, .. }
            | Target::Module { key, .. }
            | Target::Output { key, .. } => key.is_some(),
            _ => false,
        }
    }

    /// Visits the literal key, if there is one.
    pub(super) fn each_key(&mut self, visit: &mut impl FnMut(&mut Key)) {
        match &mut self.target {
            Target::Resource { key: Some(key), .. }
            | Target::Module { key: Some(key), .. }
            | Target::Output { key: Some(key), .. } => visit(key),
            _ => {}
        }
    }
}

/// Adds the references behind a list of entries.
pub fn heads<'t>(
    entries: impl Iterator<Item = impl AsRef<str> + 't>,
    names: &mut Names,
    found: &mut Vec<Reference>,
) {
    let begun = found.len();
    let (mut previous, mut chain_end) = (None, 0);
    for entry in entries {
        let text = entry.as_ref();
        let before = previous.as_ref().map_or("", AsRef::as_ref);
        if before.len() <= chain_end || !continues(before, text) {
            chain_end = 0;
            if matches!(text, "count.index" | "each.key") {
                mark_same_key(found[begun..].last_mut());
            } else if let Some((reference, end)) = reference(text, names) {
                chain_end = end;
                found.push(reference);
            }
        }
        previous = Some(entry);
    }
}

/// Whether `entry` is `previous` without its last step.
fn continues(previous: &str, entry: &str) -> bool {
    previous.strip_prefix(entry).is_some_and(is_one_step)
}

fn mark_same_key(last: Option<&mut Reference>) {
    if let Some(reference) = last.filter(|r| r.attribute.is_none()) {
        match &reference.target {
            Target::Resource { key: None, .. } | Target::Module { key: None, .. } => {
                reference.same_key = true;
            }
            _ => {}
        }
    }
}

/// A single entry read as a reference, as `depends_on` has them.
pub fn single(entry: &str, names: &mut Names) -> Option<Reference> {
    Some(reference(entry, names)?.0)
}

/// The reference at the head of a chain, and the length of the chain's last entry.
fn reference(entry: &str, names: &mut Names) -> Option<(Reference, usize)> {
    let entry = entry.strip_prefix("resource.").unwrap_or(entry);
    let mut walk = Walk {
        steps: steps(entry),
        next: None,
        read: 0..0,
        keyed: false,
    };
    let target = match walk.name()? {
        "var" => Target::Variable(names.intern(walk.name()?)),
        "local" => Target::Local(names.intern(walk.name()?)),
        "module" => return module_reference(&mut walk, names),
        "each" | "count" | "path" | "terraform" | "self" => return None,
        "data" => resource(Mode::Data, &mut walk, None, names)?,
        "ephemeral" => resource(Mode::Ephemeral, &mut walk, None, names)?,
        kind => resource(Mode::Managed, &mut walk, Some(kind), names)?,
    };
    // A keyed resource goes on to the whole block: the chain's end has no key.
    let end = walk.end_without_key();
    let attribute = match (&target, walk.name()) {
        // Of another stack's state it matters which output is read, also where the whole of it has another name, and what of
        // the output.
        (target, Some("outputs")) if may_be_state(target) => {
            let output = walk.name_or_key().unwrap_or_default();
            let text = match walk.name_or_key() {
                Some(part) => format!("outputs.{output}.{part}"),
                None => format!("outputs.{output}"),
            };
            Some(names.intern(&text))
        }
        // What is made of outputs may have them as keys.
        (Target::Local(_) | Target::Variable(_), None) => {
            walk.name_or_key().map(|name| names.intern(&name))
        }
        (_, name) => name.map(|name| names.intern(name)),
    };
    Some((
        Reference {
            target,
            attribute,
            same_key: false,
            alone: false,
            guarded: false,
            told_by: Tellers::PLAN,
        },
        end,
    ))
}

fn may_be_state(target: &Target) -> bool {
    match target {
        Target::Resource { kind, .. } => &**kind == REMOTE_STATE,
        Target::Local(_) | Target::Variable(_) => true,
        _ => false,
    }
}

fn resource<'a>(
    mode: Mode,
    walk: &mut Walk<'a, impl Iterator<Item = Option<(Range<usize>, Step<'a>)>>>,
    kind: Option<&str>,
    names: &mut Names,
) -> Option<Target> {
    let kind = match kind {
        Some(kind) => names.intern(kind),
        None => names.intern(walk.name()?),
    };
    let name = names.intern(walk.name()?);
    let key = walk.key(names);
    Some(Target::Resource {
        mode,
        kind,
        name,
        key,
    })
}

fn module_reference<'a>(
    walk: &mut Walk<'a, impl Iterator<Item = Option<(Range<usize>, Step<'a>)>>>,
    names: &mut Names,
) -> Option<(Reference, usize)> {
    let call = names.intern(walk.name()?);
    let bare = walk.end();
    let key = walk.key(names);
    let keyed = walk.end();
    let output = walk.name().map(|name| names.intern(name));
    let attribute = walk.name().map(|name| names.intern(name));
    let (target, end) = match output {
        Some(output) => (Target::Output { call, key, output }, keyed),
        None => (Target::Module { call, key }, bare),
    };
    Some((
        Reference {
            target,
            attribute,
            same_key: false,
            alone: false,
            guarded: false,
            told_by: Tellers::PLAN,
        },
        end,
    ))
}

/// Reads an entry step by step.
struct Walk<'a, I> {
    steps: I,
    /// A step that was looked at and not read.
    next: Option<(Range<usize>, Step<'a>)>,
    /// Where the last step that was read begins and ends, and whether it was a key.
    read: Range<usize>,
    keyed: bool,
}

impl<'a, I: Iterator<Item = Option<(Range<usize>, Step<'a>)>>> Walk<'a, I> {
    fn peek(&mut self) -> Option<Step<'a>> {
        if self.next.is_none() {
            self.next = self.steps.next().flatten();
        }
        self.next.as_ref().map(|(_, step)| *step)
    }

    fn advance(&mut self) {
        if let Some((at, step)) = self.next.take() {
            self.read = at;
            self.keyed = matches!(step, Step::Key(_));
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        let Some(Step::Name(name)) = self.peek() else {
            return None;
        };
        self.advance();
        Some(name)
    }

    /// The name of an attribute, as `.name` or `["name"]`.
    fn name_or_key(&mut self) -> Option<Cow<'a, str>> {
        if let Some(Step::Key(KeyText::Text(key))) = self.peek() {
            self.advance();
            return Some(unescape(key));
        }
        self.name().map(Cow::Borrowed)
    }

    fn key(&mut self, names: &mut Names) -> Option<Box<Key>> {
        let Some(Step::Key(key)) = self.peek() else {
            return None;
        };
        self.advance();
        Some(Box::new(Key::of(key, names)))
    }

    /// The length of what has been read.
    fn end(&self) -> usize {
        self.read.end
    }

    fn end_without_key(&self) -> usize {
        if self.keyed {
            self.read.start
        } else {
            self.read.end
        }
    }
}

impl Key {
    /// The owned key.
    pub fn of(key: KeyText<'_>, names: &mut Names) -> Self {
        match key {
            KeyText::Index(n) => Self::Index(n),
            KeyText::Text(text) => Self::Text(names.intern(text)),
            KeyText::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, Target, heads};
    use crate::input::names::Names;

    fn shown(entries: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        heads(entries.iter(), &mut Names::default(), &mut found);
        found.iter().map(show).collect()
    }

    fn show(reference: &Reference) -> String {
        let target = match &reference.target {
            Target::Resource {
                mode,
                kind,
                name,
                key,
            } => {
                format!(
                    "{}{kind}.{name}{}",
                    mode.prefix(),
                    key.as_ref().map(ToString::to_string).unwrap_or_default()
                )
            }
            Target::Variable(name) => format!("var.{name}"),
            Target::Local(name) => format!("local.{name}"),
            Target::Module { call, key } => {
                format!(
                    "module.{call}{} whole",
                    key.as_ref().map(ToString::to_string).unwrap_or_default()
                )
            }
            Target::Output { call, key, output } => {
                format!(
                    "module.{call}{}.{output}",
                    key.as_ref().map(ToString::to_string).unwrap_or_default()
                )
            }
        };
        let attribute = reference
            .attribute
            .as_ref()
            .map(|a| format!(" .{a}"))
            .unwrap_or_default();
        format!(
            "{target}{attribute}{}",
            if reference.same_key { " same" } else { "" }
        )
    }

    #[test]
    fn a_chain_is_one_reference() {
        assert_eq!(
            shown(&[
                "fake_thing.c[0].outs[1]",
                "fake_thing.c[0].outs",
                "fake_thing.c[0]",
                "fake_thing.c"
            ]),
            ["fake_thing.c[0] .outs"]
        );
        assert_eq!(
            shown(&[
                "data.x.l[\"k\"].value",
                "data.x.l[\"k\"]",
                "data.x.l",
                "var.o.a[0]",
                "var.o.a",
                "var.o"
            ]),
            ["data.x.l[\"k\"] .value", "var.o .a"]
        );
    }

    #[test]
    fn an_output_is_not_its_whole_module() {
        assert_eq!(
            shown(&["module.one.o.z", "module.one.o", "module.one"]),
            ["module.one.o .z"]
        );
        assert_eq!(
            shown(&[
                "module.m[\"k\"].o.z",
                "module.m[\"k\"].o",
                "module.m[\"k\"]"
            ]),
            ["module.m[\"k\"].o .z"]
        );
    }

    #[test]
    fn a_whole_module_behind_a_keyed_output_is_genuine() {
        assert_eq!(
            shown(&["module.m[\"k\"].o", "module.m[\"k\"]", "module.m"]),
            ["module.m[\"k\"].o", "module.m whole"]
        );
        assert_eq!(
            shown(&["module.cm[0]", "module.cm"]),
            ["module.cm[0] whole"]
        );
        assert_eq!(
            shown(&["module.a.o", "module.a", "module.a"]),
            ["module.a.o", "module.a whole"]
        );
    }

    #[test]
    fn repeated_references_are_repeated() {
        let chain = [
            "x_y.c[0].id",
            "x_y.c[0]",
            "x_y.c",
            "x_y.c[1].id",
            "x_y.c[1]",
            "x_y.c",
            "x_y.c",
        ];
        assert_eq!(shown(&chain), ["x_y.c[0] .id", "x_y.c[1] .id", "x_y.c"]);
    }

    #[test]
    fn subjects_alone_as_before_terraform_1_0_1_are_references() {
        assert_eq!(
            shown(&["fake_thing.c[0]", "module.m.o", "var.x"]),
            ["fake_thing.c[0]", "module.m.o", "var.x"]
        );
    }

    #[test]
    fn an_index_by_own_key_is_instance_to_instance() {
        assert_eq!(
            shown(&["aws_subnet.a", "count.index"]),
            ["aws_subnet.a same"]
        );
        assert_eq!(
            shown(&["module.m", "each.key", "aws_x.b.id", "aws_x.b", "each.key"]),
            ["module.m whole same", "aws_x.b .id"]
        );
    }

    #[test]
    fn words_of_the_language_are_no_references() {
        assert_eq!(
            shown(&[
                "each.value.a",
                "each.value",
                "self.id",
                "self",
                "path.module",
                "terraform.workspace"
            ]),
            [""; 0]
        );
        assert_eq!(
            shown(&["resource.aws_x.y.id", "resource.aws_x.y", "??"]),
            ["aws_x.y .id"]
        );
    }
}
