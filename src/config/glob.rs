//! Globs over addresses: `*` stays within one step of an address, `**` does not; brackets are literal, and
//! keys can be left out. What something in the plans is called exactly is no glob but that name: keys hold any character.

use crate::input::address::{Step, config_address, modules_around, steps};
use crate::safe::safe;
use globset::{GlobBuilder, GlobMatcher};
use std::borrow::Cow;

/// Stands for a slash inside a key while dots between steps stand as slashes.
const SLASH: char = '\u{1}';

/// A glob over addresses.
#[derive(Debug, Clone)]
pub struct AddressGlob {
    matcher: GlobMatcher,
    /// As it is written, in the way addresses are shown.
    text: String,
    /// Whether something is called exactly so.
    is_name: bool,
}

impl AddressGlob {
    /// Compiles a glob like `module.network.**`.
    ///
    /// # Errors
    /// It is no glob: why.
    pub fn new(text: &str) -> Result<Self, String> {
        let matcher = compile(&pattern(text))?;
        Ok(Self {
            matcher,
            text: safe(text),
            is_name: false,
        })
    }

    /// Compiles a glob over file paths.
    pub(super) fn of_paths(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("./").unwrap_or(text);
        let matcher = compile(text)?;
        Ok(Self {
            matcher,
            text: safe(text),
            is_name: false,
        })
    }

    /// What a name has to be for the glob to be that name.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes it for a name: something in the plans is called so.
    pub fn be_name(&mut self) {
        self.is_name = true;
    }

    /// Whether it matches an address, with its keys or without them.
    pub fn is_match(&self, address: &str) -> bool {
        let bare = config_address(address);
        self.matcher.is_match(as_path(address))
            || bare != address && self.matcher.is_match(as_path(&bare))
    }

    /// Whether it matches an address, or a module around it: the address of a module stands for all that is in it.
    pub fn covers(&self, subject: &Subject<'_>) -> bool {
        let mut paths = subject.paths.iter();
        subject.names.contains(&&*self.text)
            || !self.is_name && paths.any(|path| self.matcher.is_match(path))
    }

    /// Whether it matches a file path.
    pub(super) fn is_path(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }
}

/// An address in all the ways that a glob can cover it, made once for many globs.
#[derive(Debug)]
pub struct Subject<'a> {
    names: Vec<&'a str>,
    paths: Vec<String>,
}

impl<'a> Subject<'a> {
    /// The address and the modules around it, each with its keys and without.
    pub fn new(address: &'a str) -> Self {
        let names: Vec<_> = std::iter::once(address)
            .chain(modules_around(address))
            .collect();
        let mut paths = Vec::new();
        for name in &names {
            let bare = config_address(name);
            paths.extend((bare != *name).then(|| as_path(&bare)));
            paths.push(as_path(name));
        }
        Self { names, paths }
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
    with_keys(address, |key| Cow::Borrowed(key))
}

/// A glob over addresses as one over paths.
fn pattern(glob: &str) -> String {
    with_keys(glob, |key| Cow::Owned(escaped(key)))
}

fn with_keys(address: &str, shown: impl Fn(&str) -> Cow<'_, str>) -> String {
    let mut path = String::with_capacity(address.len());
    let mut end = 0;
    for (at, step) in steps(address).flatten() {
        let text = &address[at.start..at.end];
        match step {
            Step::Name(name) if at.start > 0 => path.extend(["/", name]),
            Step::Name(name) => path.push_str(name),
            Step::Key(_) => {
                let key = shown(text);
                path.extend(key.chars().map(|c| if c == '/' { SLASH } else { c }));
            }
        }
        end = at.end;
    }
    path.push_str(&address[end..]);
    path
}

/// A key in a glob. Its backslashes are those of addresses, `\"` and `\\`: only before a star or a question mark does
/// one say that it is meant as it stands.
fn escaped(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut rest = key.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c != '\\' || matches!(rest.peek(), Some('*' | '?')) {
            continue;
        }
        out.push(c);
        // Of two backslashes the second escapes nothing.
        if rest.next_if_eq(&'\\').is_some() {
            out.push_str("\\\\");
        }
    }
    out
}

/// A glob over types or module sources, where `*` matches anything but a slash, and `dir/**` the directory as well.
#[derive(Debug, Clone)]
pub(super) struct WordGlob {
    matcher: GlobMatcher,
    /// What all in a directory is asked for of.
    directory: Option<GlobMatcher>,
}

impl WordGlob {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        Ok(Self {
            matcher: compile(text)?,
            directory: text.strip_suffix("/**").map(compile).transpose()?,
        })
    }

    pub(super) fn is_match(&self, word: &str) -> bool {
        let is_directory = |glob: &GlobMatcher| glob.is_match(word.trim_end_matches('/'));
        self.matcher.is_match(word) || self.directory.as_ref().is_some_and(is_directory)
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

    fn covers(glob: &AddressGlob, address: &str) -> bool {
        glob.covers(&Subject::new(address))
    }

    #[test]
    fn what_something_is_called_is_that_name_and_no_glob() {
        let star = "aws_x.y[\"*.example.com\"]";
        let mut glob = AddressGlob::new(star).expect("a glob");
        assert!(covers(&glob, star) && covers(&glob, "aws_x.y[\"www.example.com\"]"));
        glob.be_name();
        assert!(covers(&glob, star) && !covers(&glob, "aws_x.y[\"www.example.com\"]"));
        let mut module = AddressGlob::new("module.m[\"a?\"]").expect("a glob");
        module.be_name();
        assert!(covers(&module, "module.m[\"a?\"].aws_x.y"));
        assert!(!covers(&module, "module.m[\"ab\"].aws_x.y"));
    }

    #[test]
    fn escapes_of_keys_are_those_of_addresses() {
        let table = [
            (r#"aws_x.y["a\"b"]"#, r#"aws_x.y["a\"b"]"#, true),
            (r#"aws_x.y["a\\b"]"#, r#"aws_x.y["a\\b"]"#, true),
            (
                r#"module.m["a\"b"].*.y"#,
                r#"module.m["a\"b"].aws_x.y"#,
                true,
            ),
            (r#"aws_x.y["\*"]"#, r#"aws_x.y["*"]"#, true),
            (r#"aws_x.y["\*"]"#, r#"aws_x.y["a"]"#, false),
            (r#"aws_x.y["\\*"]"#, r#"aws_x.y["\\n"]"#, true),
            (r#"aws_x.y["a\u200bb"]"#, r#"aws_x.y["a\u200bb"]"#, true),
        ];
        for (glob, address, fits) in table {
            assert_eq!(matches(glob, address), fits, "{glob} {address}");
        }
    }

    #[test]
    fn words_are_types_and_sources() {
        assert!(
            WordGlob::new("aws_route*")
                .expect("a glob")
                .is_match("aws_route_table")
        );
        let network = WordGlob::new("./modules/network/**").expect("a glob");
        for source in [
            "./modules/network",
            "./modules/network/",
            "./modules/network/vpc",
        ] {
            assert!(network.is_match(source), "{source}");
        }
        assert!(!network.is_match("./modules/networks"));
        assert!(
            !WordGlob::new("aws_vpc")
                .expect("a glob")
                .is_match("aws_vpc_endpoint")
        );
    }
}
