//! What was read, as stacks: the plans to check, and the states that stand beside them.

mod names;
mod own;

pub(crate) use names::names;

use crate::config::{self, Config};
use crate::error::Error;
use crate::input::document::{Document, alone};
use crate::input::open::shown;
use crate::input::path::{clean, home};
use crate::input::plan::Plan;
use crate::rules;
use crate::safe::safe;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The stacks of a run. Their names are unique.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    /// Those to check.
    pub(crate) plans: Vec<One>,
    /// Those that are only looked at for what the others share with them.
    pub(crate) states: Vec<One>,
    /// What the run is to be told.
    pub(crate) notes: Vec<String>,
}

/// A stack, and what was read of it.
#[derive(Debug)]
pub(crate) struct One {
    /// The file, as it was given.
    pub(crate) path: String,
    /// The same from the root of the file system.
    pub(crate) file: PathBuf,
    /// What is configured.
    pub(crate) stack: config::Stack,
    /// The plan or state.
    pub(crate) document: Document,
}

impl One {
    fn new(path: String, document: Document) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        Self {
            file: clean(&here.join(&path)),
            path,
            stack: config::Stack::default(),
            document,
        }
    }

    /// The plan, or what stands for one.
    pub(crate) fn plan(&self) -> &Plan {
        &self.document.plan
    }

    /// Why a state is not enough.
    pub(crate) fn alone(&self) -> Error {
        alone(&self.path, self.plan())
    }

    /// What rules over several stacks see of a state.
    pub(crate) fn as_stack(&self) -> rules::Stack<'_> {
        rules::Stack {
            name: &self.stack.name,
            file: &self.file,
            directory: self.directory(),
            plan: self.plan(),
            around: None,
            sources: None,
        }
    }

    /// The directory of the file; that of the stack for the state of a workspace.
    fn directory(&self) -> &Path {
        home(&self.file).unwrap_or(Path::new("/"))
    }
}

impl Stacks {
    /// Tells plans from states, and gives all of them names.
    pub(crate) fn of(read: Vec<(String, Document)>, config: &Config) -> Self {
        let each = read
            .into_iter()
            .map(|(path, document)| One::new(path, document));
        let (states, plans): (Vec<_>, Vec<_>) = each.partition(|one| one.plan().state.is_some());
        let (states, notes) = own::without(states, &plans);
        let mut found = Self {
            plans,
            states,
            notes,
        };
        found.name(config);
        found.note(config);
        found
    }

    fn name(&mut self, config: &Config) {
        let paths: Vec<&str> = self.plans.iter().map(|plan| &*plan.path).collect();
        let names = names(&paths);
        for (plan, name) in self.plans.iter_mut().zip(names) {
            plan.stack = config.stack(&plan.path, name);
        }
        let paths: Vec<&str> = self.states.iter().map(|state| &*state.path).collect();
        let taken: BTreeSet<&str> = self.plans.iter().map(|plan| &*plan.stack.name).collect();
        let names = names::of_states(&paths, &taken);
        for (state, name) in self.states.iter_mut().zip(names) {
            state.stack = config.stack_of_state(&state.path, name);
        }
        self.number();
    }

    /// Where two stacks are configured with one name, what is said of one must not seem said of the other.
    fn number(&mut self) {
        let mut seen = BTreeSet::new();
        for one in self.plans.iter_mut().chain(&mut self.states) {
            let name = one.stack.name.clone();
            let mut numbers = (2..).map(|nth| format!("{name}#{nth}"));
            while !seen.insert(one.stack.name.clone()) {
                one.stack.name = numbers.next().unwrap_or_default();
            }
            if one.stack.name != name {
                self.notes.push(format!(
                    "several stacks are called {name}: that of {} is {} here; give each a [[stack]] with its plan and a name",
                    named(one),
                    one.stack.name
                ));
            }
        }
    }

    fn note(&mut self, config: &Config) {
        let paths = |of: &[One]| of.iter().map(|one| one.path.clone()).collect::<Vec<_>>();
        let (plans, states) = (paths(&self.plans), paths(&self.states));
        self.notes.extend(config.misfits(&plans, &states));
        for state in &self.states {
            let (path, name) = (named(state), &state.stack.name);
            self.notes.push(format!(
                "{path} was read as the state of the stack {name}, for rules over several stacks only"
            ));
            if state.plan().mentions.given_up {
                self.notes.push(format!(
                    "{path} holds too many objects: they are not compared with those of other stacks"
                ));
            }
        }
    }
}

/// What a file is called in a note.
fn named(one: &One) -> String {
    safe(shown(&one.path))
}
