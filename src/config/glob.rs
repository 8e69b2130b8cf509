//! Globs over addresses: `*` stays within one step of an address, `**` does not; brackets are literal, and
//! keys can be left out.

use crate::input::address::{Step, config_address, modules_around, steps};
use globset::{GlobBuilder, GlobMatcher};

/// Stands for a slash inside a key while dots between steps stand as slashes.
const SLASH: char = '\u{1}';

/// A glob over addresses.
#[derive(Debug, Clone)]
pub struct AddressGlob {
    matcher: GlobMatcher,
}

impl AddressGlob {
    /// Compiles a glob like `module.network.**`.
    ///
    /// # Errors
    /// It is no glob: why.
    pub fn new(text: &str) -> Result<Self, String> {
        compile(&as_path(text)).map(|matcher| Self { matcher })
    }

    /// Compiles a glob over file paths.
    pub(super) fn of_paths(text: &str) -> Result<Self, String> {
        compile(text.strip_prefix("./").unwrap_or(text)).map(|matcher| Self { matcher })
    }

    /// Whether it matches an address, with its keys or without them.
    pub fn is_match(&self, address: &str) -> bool {
        let bare = config_address(address);
        self.matcher.is_match(as_path(address))
            || bare != address && self.matcher.is_match(as_path(&bare))
    }

    /// Whether it matches an address, or a module around it: the address of a module stands for all that is in it.
    pub fn covers(&self, subject: &Subject) -> bool {
        subject.0.iter().any(|path| self.matcher.is_match(path))
    }

    /// Whether it matches a file path.
    pub(super) fn is_path(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }
}

/// An address in all the ways that a glob can cover it, made once for many globs.
#[derive(Debug)]
pub struct Subject(Vec<String>);

impl Subject {
    /// The address and the modules around it, each with its keys and without.
    pub fn new(address: &str) -> Self {
        let mut paths = Vec::new();
        for name in std::iter::once(address).chain(modules_around(address)) {
            let bare = config_address(name);
            paths.extend((bare != name).then(|| as_path(&bare)));
            paths.push(as_path(name));
        }
        Self(paths)
    }
}

fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    let literal: String = pattern
        .chars()
        .flat_map(|c| {
            if "[]{}".contains(c) {
                vec!['\\', c]
            } else {
                vec![c]
            }
        })
        .collect();
    let glob = GlobBuilder::new(&literal)
        .literal_separator(true)
        .backslash_escape(true)
        .build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

/// The address with a slash between its steps.
fn as_path(address: &str) -> String {
    let mut path = String::with_capacity(address.len());
    let mut end = 0;
    for (at, step) in steps(address).flatten() {
        let text = &address[at.start..at.end];
        match step {
            Step::Name(name) if at.start > 0 => path.extend(["/", name]),
            Step::Name(name) => path.push_str(name),
            Step::Key(_) => path.extend(text.chars().map(|c| if c == '/' { SLASH } else { c })),
        }
        end = at.end;
    }
    path.push_str(&address[end..]);
    path
}

/// A glob over types or module sources, where `*` matches anything but a slash.
#[derive(Debug, Clone)]
pub(super) struct WordGlob {
    matcher: GlobMatcher,
}

impl WordGlob {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        compile(text).map(|matcher| Self { matcher })
    }

    pub(super) fn is_match(&self, word: &str) -> bool {
        self.matcher.is_match(word)
    }
}

/// Whether any of them matches.
pub(super) fn matches_any(globs: &[WordGlob], word: &str) -> bool {
    globs.iter().any(|glob| glob.is_match(word))
}

/// The same of globs that limit something: none are no limit.
pub(super) fn fits_any(globs: &[WordGlob], word: &str) -> bool {
    globs.is_empty() || matches_any(globs, word)
}

#[cfg(test)]
mod tests {
    use super::{AddressGlob, Subject, WordGlob};

    fn matches(glob: &str, address: &str) -> bool {
        AddressGlob::new(glob).expect("a glob").is_match(address)
    }

    #[test]
    fn a_star_stays_within_a_step_and_two_do_not() {
        assert!(matches("module.network.**", "module.network.aws_vpc.main"));
        assert!(matches(
            "module.network.**",
            "module.network.module.x.aws_vpc.main[0]"
        ));
        assert!(!matches("module.network.*", "module.network.aws_vpc.main"));
        assert!(matches("module.*.aws_vpc.*", "module.network.aws_vpc.main"));
        assert!(!matches("module.net.**", "module.network.aws_vpc.main"));
        assert!(matches("aws_iam_*.*", "aws_iam_role.app"));
    }

    #[test]
    fn keys_are_literal_or_left_out() {
        assert!(matches(
            "module.app[\"a.b/c\"].**",
            "module.app[\"a.b/c\"].aws_x.y"
        ));
        assert!(!matches(
            "module.app[\"a\"].**",
            "module.app[\"b\"].aws_x.y"
        ));
        assert!(matches("module.app.**", "module.app[\"b\"].aws_x.y[3]"));
        assert!(matches("aws_x.y[*]", "aws_x.y[10]"));
    }

    #[test]
    fn the_address_of_a_module_covers_what_is_in_it() {
        let covers = |glob: &str, address: &str| {
            AddressGlob::new(glob)
                .expect("a glob")
                .covers(&Subject::new(address))
        };
        assert!(covers(
            "module.app",
            "module.app[\"b\"].module.x.aws_x.y[3]"
        ));
        assert!(covers("module.app[\"b\"]", "module.app[\"b\"].aws_x.y"));
        assert!(!covers("module.app[\"a\"]", "module.app[\"b\"].aws_x.y"));
        assert!(!covers("module.app", "module.apple.aws_x.y"));
        assert!(!covers("aws_x.y", "aws_x.y2") && covers("aws_x.y", "aws_x.y[2]"));
    }

    #[test]
    fn words_are_types_and_sources() {
        assert!(
            WordGlob::new("aws_route*")
                .expect("a glob")
                .is_match("aws_route_table")
        );
        assert!(
            WordGlob::new("./modules/network/**")
                .expect("a glob")
                .is_match("./modules/network/vpc")
        );
        assert!(
            !WordGlob::new("aws_vpc")
                .expect("a glob")
                .is_match("aws_vpc_endpoint")
        );
    }
}
