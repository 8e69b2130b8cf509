//! Finds `tfguard.toml` and makes a configuration of it. What is wrong in it is shown with its line and the nearest
//! right word.

mod find;

use crate::config::age::parse_age;
use crate::config::file::{File, OverrideEntry, OwnerEntry, RuleTables, StackEntry, WaiverEntry};
use crate::config::glob::{AddressGlob, WordGlob};
use crate::config::settings::{Level, Override, Settings};
use crate::config::waivers::{NOT_WAIVABLE, Waiver};
use crate::config::{AGE, Config, Owner, Stack, Threshold, mistake};
use crate::durations::Durations;
use crate::error::Error;
use crate::finding::{Location, Severity};
use crate::input::day::Day;
use crate::input::path::repository;
use crate::input::quotable::is_in_repository;
use crate::input::source::line_and_column;
use crate::rules;
use crate::safe::safe;
use find::{find, unquoted};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// Reads the file that was named, or the one found upward from the working directory; without any, the
/// defaults. Then the durations: of the file that was named, or of the one the configuration names.
///
/// # Errors
/// A file cannot be read, is not TOML, or says something tfguard does not know.
pub fn load(named: Option<&Path>, durations: Option<&Path>) -> Result<Config, Error> {
    let mut config = configuration(named)?;
    let of_config = config.durations_file.as_deref();
    if let Some(file) = durations.or(of_config) {
        let ours = |directory| is_in_repository(file, directory);
        let is_ours = durations.is_some() || config.directory().is_none_or(ours);
        let read = Durations::load(file);
        config.durations = read.map_err(|error| unquoted(error, file, is_ours))?;
    }
    Ok(config)
}

fn configuration(named: Option<&Path>) -> Result<Config, Error> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match find()? {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Error::new(format!("cannot read {}: {error}", path.display()))
            .help("name a tfguard.toml with --config")
    })?;
    parse(&text, &path).map_err(|error| unquoted(error, &path, true))
}

/// Makes a configuration of the text of a file, or of what is to be one.
///
/// # Errors
/// It is not TOML, or says something tfguard does not know.
pub fn parse(text: &str, path: &Path) -> Result<Config, Error> {
    let mut config = Reader::new(&path.display().to_string(), &shown(path), text).read()?;
    // Of a bare name the parent is empty, which no system takes for the working directory.
    config.directory = path.parent().map(|dir| Path::new(".").join(dir));
    let real = config.directory.as_deref().map(std::fs::canonicalize);
    config.real_directory = real.and_then(Result::ok);
    // A path in a file is meant from where the file is.
    if let (Some(file), Some(dir)) = (&mut config.durations_file, path.parent()) {
        *file = dir.join(&*file);
    }
    Ok(config)
}

/// The path as source files are named: from the top of the repository, else from the working directory; of a file
/// elsewhere, its name.
fn shown(path: &Path) -> String {
    let relative = || {
        let real = std::fs::canonicalize(path).ok()?;
        let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
        let top = repository(&real);
        let base = top.or(here.as_deref())?;
        let relative = real.strip_prefix(base).ok()?;
        Some(relative.to_string_lossy().replace('\\', "/"))
    };
    let name = || path.file_name().unwrap_or_default().to_string_lossy();
    safe(&relative().unwrap_or_else(|| name().into_owned()))
}

/// Makes a configuration of a text.
struct Reader<'t> {
    /// The path as it was named, for errors.
    path: &'t str,
    /// The path as findings show it.
    shown: &'t str,
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn new(path: &'t str, shown: &'t str, text: &'t str) -> Self {
        Self { path, shown, text }
    }

    fn read(&self) -> Result<Config, Error> {
        let file: File = toml::from_str(self.text)
            .map_err(|error| mistake::not_understood(self.path, self.text, &error))?;
        let mut config = Config {
            owner_tag: file.ownership.tag,
            codeowners: file.ownership.codeowners,
            durations_file: file.durations,
            ..Config::default()
        };
        config.source_waivers = file.source_waivers.unwrap_or(true);
        config.fail_on = file.fail_on.map(|word| self.threshold(&word)).transpose()?;
        config.stacks = each(
            file.stack.map(|stack| stack.0).unwrap_or_default(),
            |entry| self.stack(entry),
        )?;
        config.owners = each(file.owner, |entry| self.owner(&entry))?;
        config.waivers = each(file.waiver, |entry| self.waiver(&entry))?;
        config.settings.overrides = each(file.overrides, |entry| self.over(&entry))?;
        config.settings.base = self.settings(&file.rules)?;
        if let Some(age) = &file.max_age {
            let minutes = parse_age(age.get_ref()).map_err(|why| self.at(age.span(), &why))?;
            config.settings.base.set(AGE.0, AGE.1, minutes);
        }
        Ok(config)
    }

    /// A mistake at a place.
    fn at(&self, span: Range<usize>, what: &str) -> Error {
        let path = self.path;
        let error = Error::new(format!("{path} says something tfguard does not know"));
        error.in_text(self.text, span, what)
    }

    fn threshold(&self, word: &Spanned<String>) -> Result<Threshold, Error> {
        match (word.get_ref().as_str(), severity(word.get_ref())) {
            (_, Some(severity)) => Ok(Threshold::From(severity)),
            ("never", _) => Ok(Threshold::Never),
            _ => Err(self
                .at(word.span(), "no such severity")
                .help("use \"error\", \"warning\", \"note\" or \"never\"")),
        }
    }

    fn stack(&self, entry: StackEntry) -> Result<Stack, Error> {
        let plan = entry.plan.as_ref().map(|glob| self.path_glob(glob));
        let name = entry.name.as_ref();
        if let Some(empty) = name.filter(|name| name.get_ref().trim().is_empty()) {
            let error = self.at(empty.span(), "an empty name");
            return Err(
                error.help("leave it out: the stack is called as the directory of its plan")
            );
        }
        Ok(Stack {
            plan: plan.transpose()?,
            pattern: entry.plan.map(Spanned::into_inner),
            named: entry.name.is_some(),
            name: safe(name.map(|name| &**name.get_ref()).unwrap_or_default()),
            owner: entry.owner.as_deref().map(safe),
            environment: entry.environment.as_deref().map(safe),
        })
    }

    fn owner(&self, entry: &OwnerEntry) -> Result<Owner, Error> {
        Ok(Owner {
            addresses: each(&entry.addresses, |glob| self.address_glob(glob))?,
            types: each(&entry.types, |glob| self.word_glob(glob))?,
            modules: each(&entry.modules, |glob| self.word_glob(glob))?,
            stacks: each(&entry.stacks, |glob| self.word_glob(glob))?,
            environments: each(&entry.environments, |glob| self.word_glob(glob))?,
            name: safe(&entry.name),
        })
    }

    fn waiver(&self, entry: &Spanned<WaiverEntry>) -> Result<Waiver, Error> {
        let WaiverEntry {
            rule,
            address,
            reason,
            expires,
            stack,
        } = entry.get_ref();
        let meta = self.rule(rule)?;
        if NOT_WAIVABLE.contains(&meta.id) {
            let error = self.at(rule.span(), "no waiver is about waivers");
            return Err(error.help(format!("set severity in [rules.{}]", meta.id)));
        }
        if reason.get_ref().trim().is_empty() {
            let error = self.at(reason.span(), "no reason");
            return Err(error.help("say why, for whoever reads it in a year"));
        }
        let day = expires.as_ref().map(|day| {
            let error = || self.at(day.span(), "not a day");
            Day::parse(&day.get_ref().to_string()).ok_or_else(|| {
                error().help("use a day without quotes or time: expires = 2027-01-31")
            })
        });
        Ok(Waiver {
            rule: meta.id,
            address: safe(address.get_ref()),
            glob: self.address_glob(address)?,
            stack: stack
                .as_ref()
                .map(|glob| self.word_glob(glob))
                .transpose()?,
            reason: safe(reason.get_ref().trim()),
            expires: day.transpose()?,
            location: self.location(entry.span()),
        })
    }

    /// The line on which a table begins.
    fn location(&self, span: Range<usize>) -> Location {
        let rest = &self.text[span.start..];
        let first = rest.lines().next().unwrap_or_default().trim_end();
        let (line, column) = line_and_column(self.text, span.start);
        Location {
            file: self.shown.to_owned(),
            line,
            column,
            end_line: line,
            end_column: column + first.chars().count(),
            first_end_column: column + first.chars().count(),
            ..Location::default()
        }
    }

    fn over(&self, entry: &Spanned<OverrideEntry>) -> Result<Override, Error> {
        let OverrideEntry {
            stacks,
            environments,
            addresses,
            paths,
            rules,
        } = entry.get_ref();
        let over = Override {
            stacks: each(stacks, |glob| self.word_glob(glob))?,
            environments: each(environments, |glob| self.word_glob(glob))?,
            addresses: each(addresses, |glob| self.address_glob(glob))?,
            paths: each(paths, |glob| self.path_glob(glob))?,
            settings: self.settings(rules)?,
        };
        if over.is_whole() && stacks.is_empty() && environments.is_empty() {
            let error = self.at(entry.span(), "an override of nothing");
            return Err(error.help("say where it holds: stacks, environments, addresses or paths"));
        }
        if !over.is_whole() {
            self.only_severities(rules)?;
        }
        Ok(over)
    }

    /// A rule looks at a whole plan with one set of options: they cannot depend on where a finding is.
    fn only_severities(&self, rules: &RuleTables) -> Result<(), Error> {
        let mut keys = rules.values().flat_map(|settings| settings.keys());
        let Some(option) = keys.find(|key| key.get_ref() != "severity") else {
            return Ok(());
        };
        let error = self.at(
            option.span(),
            "an option cannot depend on addresses or paths",
        );
        Err(error.help("set it for stacks or environments, or set the severity alone"))
    }

    fn settings(&self, tables: &RuleTables) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        for (rule, table) in tables {
            let meta = self.rule(rule)?;
            for (key, value) in table {
                if key.get_ref() == "severity" {
                    let level = self.level(value)?;
                    settings.levels.insert(meta.id.to_owned(), level);
                } else {
                    let number = self.option(meta, key, value)?;
                    settings.set(meta.id, key.get_ref(), number);
                }
            }
        }
        Ok(settings)
    }

    fn rule(&self, id: &Spanned<String>) -> Result<&'static rules::Meta, Error> {
        let rule = rules::find(id.get_ref()).ok_or_else(|| {
            let error = self.at(id.span(), "no such rule");
            error.help(rules::hint(id.get_ref()))
        })?;
        Ok(rule.meta())
    }

    fn level(&self, value: &Spanned<toml::Value>) -> Result<Level, Error> {
        match value.get_ref().as_str() {
            Some("off") => Ok(Level::Off),
            word => word.and_then(severity).map(Level::At).ok_or_else(|| {
                self.at(value.span(), "no such severity")
                    .help("use \"error\", \"warning\", \"note\" or \"off\"")
            }),
        }
    }

    fn option(
        &self,
        meta: &rules::Meta,
        key: &Spanned<String>,
        value: &Spanned<toml::Value>,
    ) -> Result<u32, Error> {
        let names = meta.options.iter().map(|option| option.name);
        let known: Vec<_> = std::iter::once("severity").chain(names).collect();
        if !known.contains(&key.get_ref().as_str()) {
            let near = rules::nearest_of(key.get_ref(), known.iter().copied());
            return Err(self.at(key.span(), "no such option").help(format!(
                "did you mean {}? {} has: {}",
                near.unwrap_or("severity"),
                meta.id,
                known.join(", ")
            )));
        }
        let number = value.get_ref().as_integer();
        let number = number.and_then(|n| u32::try_from(n).ok());
        number.ok_or_else(|| {
            self.at(value.span(), "not a number")
                .help("use a whole number from 0 on")
        })
    }

    fn address_glob(&self, glob: &Spanned<String>) -> Result<AddressGlob, Error> {
        AddressGlob::new(glob.get_ref()).map_err(|why| self.at(glob.span(), &why))
    }

    fn path_glob(&self, glob: &Spanned<String>) -> Result<AddressGlob, Error> {
        AddressGlob::of_paths(glob.get_ref()).map_err(|why| self.at(glob.span(), &why))
    }

    fn word_glob(&self, glob: &Spanned<String>) -> Result<WordGlob, Error> {
        WordGlob::new(glob.get_ref()).map_err(|why| self.at(glob.span(), &why))
    }
}

fn each<E, T>(
    entries: impl IntoIterator<Item = E>,
    read: impl Fn(E) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    entries.into_iter().map(read).collect()
}

fn severity(word: &str) -> Option<Severity> {
    let all = [Severity::Error, Severity::Warning, Severity::Note];
    all.into_iter().find(|severity| severity.word() == word)
}

#[cfg(test)]
mod tests;
