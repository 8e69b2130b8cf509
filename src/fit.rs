//! Fits a `tfguard.toml` to a plan. What it sets is tried: it stays only where the check finds the very same with it.

use crate::config::sample::{Example, Sample, Setting, owners_of_objects};
use crate::config::{self, Config};
use crate::error::Error;
use crate::finding::Finding;
use crate::gate::Report;
use crate::gate::approvals::Approvals;
use crate::input::document::Document;
use crate::input::environment::{Told, in_name};
use crate::input::find;
use crate::input::gather::{Inputs, Shared};
use crate::input::path::is_piped;
use crate::input::plan::Plan;
use crate::{Request, run_by, stacks};
use std::path::{Path, PathBuf};

/// Tags by which people name owners.
const TAGS: [&str; 6] = ["Owner", "owner", "Team", "team", "OwnedBy", "owned_by"];

/// The text of a configuration that is to stand in a file, fitted to a plan if there is one.
///
/// # Errors
/// The plan cannot be read, or it is several.
pub fn fit(inputs: &Inputs, target: &Path) -> Result<String, Error> {
    let sample = if inputs.plans.is_empty() {
        Sample::without_plan()
    } else {
        Fit::new(inputs, target)?.sample()?
    };
    Ok(sample.write())
}

/// Refuses what a file would put out of use, though it sets nothing: one found further up, and approvals there.
///
/// # Errors
/// There is such a file, or it cannot be read.
pub fn refuse_to_hide(target: &Path) -> Result<(), Error> {
    let help = "print it with -o -, and take over what you need";
    if let Some(above) = config::load(None, None)?.directory() {
        let above = above.join("tfguard.toml");
        let what = format!("{} holds here already", above.display());
        return Err(Error::new(what).help(help));
    }
    let now = Approvals::load(None, None, || None)?;
    let then = Approvals::load(None, Some(&directory(target)), || None)?;
    if !now.is_empty() && then.is_empty() {
        let what = "approvals are looked for beside tfguard.toml: those at the top of the repository would not count any more";
        return Err(Error::new(what).help("write it there, or print it with -o -"));
    }
    Ok(())
}

/// Where a file is to stand.
fn directory(target: &Path) -> PathBuf {
    Path::new(".").join(target.parent().unwrap_or(Path::new("")))
}

struct Fit<'i> {
    inputs: Inputs,
    target: &'i Path,
    path: String,
}

impl<'i> Fit<'i> {
    fn new(inputs: &Inputs, target: &'i Path) -> Result<Self, Error> {
        let (mut plans, errors) = find::plans(&inputs.plans);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let path = match (plans.pop(), plans.is_empty()) {
            (Some(path), true) if !is_piped(&path) => path,
            (Some(path), true) => {
                let error = Error::new(format!("{path} cannot be read more than once"));
                return Err(
                    error.help("give the path of a file: the plan is checked several times")
                );
            }
            _ => return Err(several()),
        };
        let mut inputs = inputs.clone();
        inputs.plans = vec![path.clone()];
        Ok(Self {
            inputs,
            target,
            path,
        })
    }

    fn sample(&self) -> Result<Sample, Error> {
        let document = self.document(None)?;
        let name = stacks::names(&[&self.path]).swap_remove(0);
        let plain = self.check("")?;
        let found = |id| plain.findings.iter().any(|finding| finding.rule == id);
        let metas = crate::rules::RULES.iter().map(|rule| rule.meta());
        let mut sample = Sample {
            plan: self.below(),
            rules: metas.filter(|meta| found(meta.id)).collect(),
            of_plan: true,
            example: Example::of(&plain.findings),
            ..Sample::default()
        };
        let tag = self.tag()?;
        sample.stack = self.stack(&name, &document)?;
        sample.ownership = owners_of_objects(tag);
        let codeowners = document.sources.as_ref();
        let codeowners = codeowners.is_some_and(|found| matches!(found.codeowners, Some(Ok(_))));
        let known = [tag.is_some(), codeowners];
        if self.is_reached() {
            for at in 0..sample.stack.len() {
                self.settle(&mut sample, &plain, |sample| &mut sample.stack[at])?;
            }
        }
        for (at, _) in known.iter().enumerate().filter(|(_, known)| **known) {
            self.settle(&mut sample, &plain, |sample| &mut sample.ownership[at])?;
        }
        Ok(sample)
    }

    /// What is known of the stack. An environment is told by one of few words, never by what a plan holds.
    fn stack(&self, name: &str, document: &Document) -> Result<Vec<Setting>, Error> {
        let mut settings = vec![Setting::text("name", name, "")];
        if let Some(word) = self.environment(name, &document.plan) {
            settings.push(Setting::text(
                "environment",
                word,
                "as its names and tags tell",
            ));
        }
        if let Some(owner) = self.owner(document)? {
            settings.push(Setting::text("owner", &owner, "as CODEOWNERS has it"));
        }
        Ok(settings)
    }

    /// Sets one more thing, unless the check then finds anything else.
    fn settle(
        &self,
        sample: &mut Sample,
        plain: &Report,
        setting: impl Fn(&mut Sample) -> &mut Setting,
    ) -> Result<(), Error> {
        setting(sample).set = true;
        let with = self.check(&sample.write())?;
        let same: fn(&Report) -> (&Vec<Finding>, bool) = |report| (&report.findings, report.failed);
        setting(sample).set = same(&with) == same(plain);
        Ok(())
    }

    fn check(&self, text: &str) -> Result<Report, Error> {
        let request = Request {
            inputs: self.inputs.clone(),
            ..Request::default()
        };
        let mut run = run_by(self.configured(text)?, &request)?;
        if let Some(error) = run.errors.pop() {
            return Err(error);
        }
        run.report.ok_or_else(several)
    }

    fn configured(&self, text: &str) -> Result<Config, Error> {
        config::parse(text, self.target)
    }

    fn document(&self, tag: Option<&str>) -> Result<Document, Error> {
        let shared = Shared::read(&self.inputs, tag.map(str::to_owned))?;
        let mut documents = shared.plans(&self.path)?;
        match (documents.pop(), documents.is_empty()) {
            (Some(document), true) => Ok(document),
            _ => Err(several()),
        }
    }

    /// The environment that all who tell of one agree on.
    fn environment(&self, name: &str, plan: &Plan) -> Option<&'static str> {
        let directory = Path::new(&self.path)
            .parent()
            .filter(|dir| dir.is_relative());
        let directory = directory.map(|dir| in_name(&dir.to_string_lossy()));
        let called = plan.managed().map(|(_, object)| object.called);
        let mut all: Vec<_> = called
            .flat_map(|called| [called.tag, called.name])
            .collect();
        all.extend([in_name(name), directory.unwrap_or_default()]);
        all.retain(|told| *told != Told::Nothing);
        match all.first() {
            Some(Told::One(one)) if all.iter().all(|told| *told == Told::One(*one)) => {
                Some(one.word())
            }
            _ => None,
        }
    }

    /// The owner of the directory in CODEOWNERS.
    fn owner(&self, document: &Document) -> Result<Option<String>, Error> {
        let config = self.configured("[ownership]\ncodeowners = true\n")?;
        let stack = config::Stack::default();
        let sources = document.sources.as_deref();
        let owned = config::ownership(&config, &stack, &document.plan, sources, &mut Vec::new());
        Ok(owned.stack.map(|owner| owner.to_string()))
    }

    /// The tag that most objects have of those with any that could name their owner.
    fn tag(&self) -> Result<Option<&'static str>, Error> {
        let mut most: Option<(usize, &str)> = None;
        let mut tagged = std::collections::BTreeSet::new();
        for tag in TAGS {
            let plan = self.document(Some(tag))?.plan;
            let with: Vec<_> = plan
                .managed()
                .filter(|(_, object)| object.tag.is_some())
                .map(|(id, _)| id)
                .collect();
            if with.len() > most.map_or(0, |most| most.0) {
                most = Some((with.len(), tag));
            }
            tagged.extend(with);
        }
        let shared = most.filter(|(count, _)| count * 2 > tagged.len());
        Ok(shared.map(|(_, tag)| tag))
    }

    /// The directory of the plan as a glob, when it is below that of the file; the plan itself, when others are beside it: they
    /// may be of other workspaces.
    fn below(&self) -> Option<String> {
        let below = self.relative()?;
        let directory = below.parent()?.to_str()?.replace('\\', "/");
        let around = Path::new(&self.path).parent()?.to_str()?.to_owned();
        let (beside, _) = find::plans(&[around]);
        let file = if beside.len() > 1 {
            below.file_name()?.to_str().filter(|name| is_plain(name))?
        } else {
            "*"
        };
        (!directory.is_empty()).then(|| format!("{directory}/{file}"))
    }

    fn relative(&self) -> Option<PathBuf> {
        let real = std::fs::canonicalize(&self.path).ok()?;
        let base = std::fs::canonicalize(directory(self.target)).ok()?;
        Some(real.strip_prefix(base).ok()?.to_owned())
    }

    /// Whether the stack can be told from others: the plan is where the file is, or below in directories whose names
    /// are no patterns.
    fn is_reached(&self) -> bool {
        let below = self.relative();
        below.is_some_and(|path| {
            let parent = path.parent().unwrap_or(Path::new(""));
            parent.to_str().is_some_and(is_plain)
        })
    }
}

/// Whether a path is no pattern.
fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    path.chars().all(plain)
}

fn several() -> Error {
    Error::new("a configuration is fitted to one plan")
        .help("give one, and the others their names by hand")
}
