//! Who owns what: the tag of an object, else the first `[[owner]]` that matches, else CODEOWNERS for the file that
//! holds its block.

use super::codeowners::Codeowners;
use super::glob::{fits_any, matches_any};
use super::places::{Home, Places};
use super::{Config, Owner, Stack};
use crate::input::names::{Name, Names};
use crate::input::plan::{BlockId, Object, ObjectId, Plan};
use crate::input::source::Sources;
use crate::rules::around::{Ownership, share, together};
use std::collections::{BTreeMap, HashMap};

/// What nobody calls a file: only patterns that mean everything in a directory match it.
const ANY_FILE: &str = "\u{0}";

/// Finds out who owns the objects of a plan; says in notes what keeps it from knowing.
pub fn ownership(
    config: &Config,
    stack: &Stack,
    plan: &Plan,
    sources: Option<&Sources>,
    notes: &mut Vec<String>,
) -> Ownership {
    let mut finder = Finder {
        config,
        stack,
        plan,
        files: if config.codeowners {
            Files::new(config, stack, sources, notes)
        } else {
            None
        },
        names: Names::default(),
        claimed: BTreeMap::new(),
        untagged: BTreeMap::new(),
    };
    if !config.has_owners() && finder.files.is_none() {
        return Ownership {
            stack: finder.of_stack(),
            ..Ownership::default()
        };
    }
    let objects = (0..plan.objects.len())
        .map(|id| finder.of_object(id))
        .collect();
    Ownership {
        stack: finder.of_stack(),
        objects: Some(objects),
        unowned: finder.unowned(),
        claimed: finder.claimed,
        untagged: finder.untagged,
    }
}

struct Finder<'a> {
    config: &'a Config,
    stack: &'a Stack,
    plan: &'a Plan,
    files: Option<Files<'a>>,
    names: Names,
    claimed: BTreeMap<ObjectId, Name>,
    untagged: BTreeMap<ObjectId, Name>,
}

impl Finder<'_> {
    fn of_object(&mut self, id: ObjectId) -> Option<Name> {
        let object = &self.plan.objects[id];
        match object.tag.as_deref().filter(|tag| !tag.trim().is_empty()) {
            Some(tag) => {
                let before = object.change().tag_before.as_deref();
                if before.is_some_and(|tag| tag.is_empty()) {
                    let owner = self.untagged(id);
                    self.untagged.extend(owner.map(|owner| (id, owner)));
                }
                if sets_tag(object)
                    && let Some(owner) = self.configured(id).filter(|owner| !share(owner, tag))
                {
                    self.claimed.insert(id, owner);
                }
                Some(Name::clone(tag))
            }
            None => self.untagged(id),
        }
    }

    fn untagged(&mut self, id: ObjectId) -> Option<Name> {
        let block = self.plan.objects[id].block;
        self.configured(id).or_else(|| self.written(block))
    }

    /// By `[[owner]]`.
    fn configured(&mut self, id: ObjectId) -> Option<Name> {
        let block = self.plan.objects[id].block;
        let mut here = self
            .config
            .owners
            .iter()
            .filter(|owner| owner.is_for(self.stack));
        let owner = here.find(|owner| owner.matches(self.plan, id, block))?;
        Some(self.names.intern(&owner.name))
    }

    /// By CODEOWNERS.
    fn written(&mut self, block: BlockId) -> Option<Name> {
        let owner = self.files.as_mut()?.of_block(self.plan, block)?;
        Some(self.names.intern(&owner))
    }

    fn of_stack(&mut self) -> Option<Name> {
        if let Some(owner) = &self.stack.owner {
            return Some(self.names.intern(owner));
        }
        let whole = |owner: &&Owner| owner.is_whole() && owner.is_for(self.stack);
        let owner = match self.config.owners.iter().find(whole) {
            Some(owner) => owner.name.clone(),
            None => self.files.as_mut()?.of_directory(0)?,
        };
        Some(self.names.intern(&owner))
    }

    /// The module instances that nobody owns, with their directories.
    fn unowned(&mut self) -> Option<BTreeMap<usize, Name>> {
        let files = self.files.as_mut()?;
        let mut unowned = BTreeMap::new();
        for id in 1..self.plan.modules.len() {
            if let Home::Local(module) = files.places.home(self.plan, id)
                && !files.is_owned(module)
            {
                let directory = &files.places.sources.modules[module].directory;
                unowned.insert(id, self.names.intern(directory));
            }
        }
        Some(unowned)
    }
}

/// Whether this plan gives the object its tag.
fn sets_tag(object: &Object) -> bool {
    object.change().tag_before.is_some() || object.action() == crate::input::plan::Action::Create
}

impl Owner {
    /// Whether it speaks of a stack at all.
    fn is_for(&self, stack: &Stack) -> bool {
        let environment = stack.environment.as_deref().unwrap_or_default();
        fits_any(&self.stacks, &stack.name) && fits_any(&self.environments, environment)
    }

    /// Whether it owns whole stacks rather than some of their objects.
    fn is_whole(&self) -> bool {
        let some = self.addresses.is_empty() && self.types.is_empty() && self.modules.is_empty();
        some && !(self.stacks.is_empty() && self.environments.is_empty())
    }

    /// Whether the address of a module stands for all that is in it.
    fn owns_module(&self, module: &str) -> bool {
        let mut globs = self.addresses.iter();
        globs.any(|glob| glob.text().starts_with("module.") && glob.is_match(module))
    }

    fn matches(&self, plan: &Plan, id: ObjectId, block: BlockId) -> bool {
        let by_address = || {
            let address = plan.address(id);
            let mut around = plan.enclosing(plan.blocks[block].module);
            let mut globs = self.addresses.iter();
            globs.any(|glob| glob.is_match(&address))
                || around.any(|module| self.owns_module(&plan.modules[module].address))
        };
        self.is_whole()
            || matches_any(&self.types, &plan.blocks[block].kind)
            || !self.addresses.is_empty() && by_address()
            || !self.modules.is_empty()
                && sources(plan, block).any(|source| matches_any(&self.modules, source))
    }
}

/// The sources of the modules around a block.
fn sources(plan: &Plan, block: BlockId) -> impl Iterator<Item = &Name> {
    let modules = plan.enclosing(plan.blocks[block].module);
    modules.filter_map(|id| {
        Some(
            &plan.configuration.modules[plan.modules[id].config?]
                .call
                .as_ref()?
                .source,
        )
    })
}

/// CODEOWNERS and the sources it speaks of.
struct Files<'a> {
    places: Places<'a>,
    codeowners: Codeowners,
    /// The names of owners in tfguard.toml.
    known: Vec<&'a str>,
    /// Of each file that was asked for.
    owners: HashMap<usize, Option<String>>,
    homes: HashMap<usize, Home>,
}

impl<'a> Files<'a> {
    fn new(
        config: &'a Config,
        stack: &'a Stack,
        sources: Option<&'a Sources>,
        notes: &mut Vec<String>,
    ) -> Option<Self> {
        let Some(sources) = sources.filter(|sources| !sources.modules.is_empty()) else {
            notes.push(
                "CODEOWNERS is about files, and no .tf sources of this plan are given (--source)"
                    .to_owned(),
            );
            return None;
        };
        let file = match &sources.codeowners {
            Some(Ok(file)) => file,
            Some(Err(why)) => {
                notes.push(why.clone());
                return None;
            }
            None => {
                notes.push(
                    "there is no CODEOWNERS in .github, docs, .gitlab or the top of the repository"
                        .to_owned(),
                );
                return None;
            }
        };
        let configured = config.owners.iter().map(|owner| owner.name.as_str());
        Some(Self {
            places: Places::new(sources),
            codeowners: Codeowners::read(file),
            known: configured.chain(stack.owner.as_deref()).collect(),
            owners: HashMap::new(),
            homes: HashMap::new(),
        })
    }

    fn of_block(&mut self, plan: &Plan, block: BlockId) -> Option<String> {
        let instance = plan.blocks[block].module;
        let home = match self.homes.get(&instance) {
            Some(home) => *home,
            None => self.places.home(plan, instance),
        };
        self.homes.insert(instance, home);
        match home {
            Home::Call(file) => self.of_file(file),
            Home::Local(module) => match self.places.file(plan, block, module) {
                Some(file) => self.of_file(file),
                None => self.of_directory(module),
            },
        }
    }

    fn of_file(&mut self, file: usize) -> Option<String> {
        if !self.owners.contains_key(&file) {
            let owner = self.of_path(&self.places.sources.files[file].name);
            self.owners.insert(file, owner);
        }
        self.owners[&file].clone()
    }

    /// The owner of the files of a module; when they differ, that of the directory as such.
    fn of_directory(&self, module: usize) -> Option<String> {
        let mut owners: Vec<_> = self
            .places
            .files_of(module)
            .map(|path| self.of_path(path))
            .collect();
        owners.dedup();
        match owners.as_slice() {
            [one] => one.clone(),
            _ => self.of_path(&self.any_file(module)),
        }
    }

    fn is_owned(&self, module: usize) -> bool {
        let any = self.any_file(module);
        let mut paths = self.places.files_of(module).chain([any.as_str()]);
        paths.any(|path| !self.codeowners.owners(path).is_empty())
    }

    fn any_file(&self, module: usize) -> String {
        match self.places.sources.modules[module].directory.as_str() {
            "" => ANY_FILE.to_owned(),
            directory => format!("{directory}/{ANY_FILE}"),
        }
    }

    /// The owners of a path. One whose name tfguard.toml has, without `@` and organisation, goes by that name.
    fn of_path(&self, path: &str) -> Option<String> {
        let owners = self.codeowners.owners(path);
        let named = owners.iter().map(|owner| {
            let last = owner.rsplit(['/', '@']).next().unwrap_or(owner);
            let handle = owner.starts_with('@');
            self.known
                .iter()
                .find(|known| handle && **known == last)
                .unwrap_or(owner)
        });
        let named = together(named.copied());
        (!named.is_empty()).then_some(named)
    }
}
