//! Reads everything that a check is asked to look at.

use super::document::{self, Document};
use super::dot::{self, Dot};
use super::names::Names;
use super::path::is_piped;
use super::plan::{Configuration, Plan, ReadOptions};
use super::planfile;
use super::source::{Sources, configuration};
use crate::error::Error;
use foldhash::fast::RandomState;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the inputs are.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Plan documents and binary plan files; `-` for standard input.
    pub plans: Vec<String>,
    /// The root module's directory; when it is not named, that of the plan, or else the working
    /// directory, if it holds those of the plan.
    pub source: Option<PathBuf>,
    /// What `terraform graph` printed.
    pub graph: Option<String>,
    /// The program that reads binary plan files.
    pub terraform: Option<PathBuf>,
}

/// What the inputs share.
pub struct Shared<'i> {
    inputs: &'i Inputs,
    options: ReadOptions,
    sources: Option<Arc<Sources>>,
    dot: Option<Arc<Dot>>,
}

impl<'i> Shared<'i> {
    /// Reads what is not a plan.
    ///
    /// # Errors
    /// Sources that were named cannot be read.
    pub fn read(inputs: &'i Inputs, owner_tag: Option<String>) -> Result<Self, Error> {
        let sources = match &inputs.source {
            Some(dir) => Some(Sources::of_directory(dir)?),
            // Found by chance: they are used when they fit and nobody is told when not.
            None => Sources::of_directory(Path::new(".")).ok(),
        };
        let dot = inputs
            .graph
            .as_deref()
            .map(|path| dot::read_beside(path, !inputs.plans.is_empty()))
            .transpose()?
            .map(Arc::new);
        let printed = |dot: &Arc<Dot>| Arc::new(dot::configuration(dot, &mut Names::default()));
        let options = ReadOptions {
            owner_tag,
            sources: sources.as_ref().map(told),
            hasher: RandomState::default(),
            printed: dot.as_ref().map(printed),
            identify: false,
        };
        Ok(Self {
            inputs,
            options,
            sources: sources.map(Arc::new),
            dot,
        })
    }

    /// Makes objects that change known again in other plans.
    #[must_use]
    pub fn identifying(mut self, wanted: bool) -> Self {
        self.options.identify = wanted;
        self
    }

    /// Reads the plans of a file.
    ///
    /// # Errors
    /// As [`document::read`].
    pub fn plans(&self, path: &str) -> Result<Vec<Document>, Error> {
        let beside = self.beside(path);
        let options = match &beside {
            Some(sources) => &ReadOptions {
                sources: Some(told(sources)),
                ..self.options.clone()
            },
            None => &self.options,
        };
        let mut documents = if planfile::is_one(path) && document::is_plan_file(path) {
            planfile::read(path, self.inputs.terraform.as_deref(), options)?
        } else {
            document::read(path, options)?
        };
        for document in &mut documents {
            self.attach(document, beside.as_ref().or(self.sources.as_ref()));
        }
        Ok(documents)
    }

    /// Reads the one plan of a file, or the first of several.
    ///
    /// # Errors
    /// As [`document::read`]; or it is a state.
    pub fn plan(&self, path: &str) -> Result<Document, Error> {
        let document = self.plans(path)?.swap_remove(0);
        if document.plan.state.is_some() {
            return Err(document::alone(path, &document.plan));
        }
        Ok(document)
    }

    /// The sources in the directory of a plan, when none are named: each of several stacks has its own.
    fn beside(&self, path: &str) -> Option<Arc<Sources>> {
        if is_piped(path) || self.inputs.source.is_some() {
            return None;
        }
        let directory = Path::new(path)
            .parent()
            .filter(|directory| !directory.as_os_str().is_empty())?;
        Sources::of_directory(directory).ok().map(Arc::new)
    }

    fn attach(&self, document: &mut Document, sources: Option<&Arc<Sources>>) {
        document.dot.clone_from(&self.dot);
        match document.plan.told_by_sources {
            Some(true) if document.sources.is_none() => document.sources = sources.cloned(),
            Some(false) if self.inputs.source.is_some() => document
                .notes
                .push("the sources are not those of this plan: most of its blocks are not in them; they were not used".to_owned()),
            _ => {}
        }
        if let Some(sources) = &document.sources {
            document.notes.extend(sources.notes.iter().cloned());
        }
    }

    /// What a check without a plan is called by.
    pub fn name_without_plan(&self) -> String {
        match (&self.inputs.source, &self.inputs.graph) {
            (Some(dir), _) => format!("{}/*.tf", dir.display()),
            (None, graph) => graph.clone().unwrap_or_default(),
        }
    }

    /// What there is to check without a plan.
    pub fn without_plan(&self) -> Document {
        let told = match (self.options.sources.as_deref(), &self.inputs.source) {
            (Some(sources), Some(_)) => sources.clone(),
            _ => self.options.printed.as_deref().cloned().unwrap_or_default(),
        };
        let mut document = Document::new(Plan::of_sources(told));
        document.plan.told_by_sources = self.inputs.source.is_some().then_some(true);
        document
            .notes
            .push("no plan given: rules about changes see nothing".to_owned());
        self.attach(&mut document, self.sources.as_ref());
        document
    }
}

fn told(sources: &Sources) -> Arc<Configuration> {
    Arc::new(configuration(sources, &mut Names::default()))
}
