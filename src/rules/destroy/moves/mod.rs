//! Says renames in as few `moved` statements as they take: a module once, not once for each resource in it.

mod modules;

use self::modules::of_modules;
use super::moved_before::beginning;
use super::rename::Pair;
use super::written::{repeats_by_itself, written};
use crate::finding::natural;
use crate::input::address::{Address, config_address};
use crate::input::plan::{BlockId, ModuleId, ObjectId, Plan, attribute_of, inside, join};
use std::collections::{BTreeMap, BTreeSet};

/// One rename: an object, all instances of a block, a module instance, or blocks that went to another module together.
#[derive(Debug)]
pub(super) struct Move<'r> {
    /// What it was.
    pub(super) from: String,
    /// What it became; several only where the instances of a block got other keys each.
    pub(super) targets: Vec<String>,
    /// The statements that say so.
    statements: Vec<(String, String)>,
    /// The objects in it.
    pub(super) pairs: Vec<&'r Pair>,
    /// Whether an address on the way is still in use.
    pub(super) is_chain: bool,
    /// The module instances, where it is one.
    instance: Option<(ModuleId, ModuleId)>,
    /// Whether its targets are module instances.
    pub(super) is_of_modules: bool,
    /// How many blocks, and the modules they went from and to, where they are several.
    pub(super) together: Option<(usize, ModuleId, ModuleId)>,
}

impl<'r> Move<'r> {
    /// What `statements` say.
    fn new(
        from: String,
        targets: Vec<String>,
        statements: Vec<(String, String)>,
        pairs: Vec<&'r Pair>,
    ) -> Self {
        Self {
            from,
            targets,
            statements,
            pairs,
            is_chain: false,
            instance: None,
            is_of_modules: false,
            together: None,
        }
    }

    /// One statement that says all.
    fn whole(from: String, to: String, pairs: Vec<&'r Pair>) -> Self {
        Self::new(from.clone(), vec![to.clone()], vec![(from, to)], pairs)
    }

    /// Several as one.
    fn joined(from: String, moves: Vec<Self>) -> Self {
        let mut all = Self::new(from, Vec::new(), Vec::new(), Vec::new());
        for moved in moves {
            all.targets.extend(moved.targets);
            all.statements.extend(moved.statements);
            all.pairs.extend(moved.pairs);
        }
        all
    }

    /// What an address inside of a module is called after the module's own move.
    fn now(&self, address: &str) -> Option<String> {
        let (from, to) = self.statements.first()?;
        Some(join(to, inside(from, address)?))
    }

    /// Whether one `moved` block says it all.
    pub(super) fn is_one_statement(&self) -> bool {
        self.statements.len() == 1
    }

    /// The `moved` blocks for the root module; nothing when a name holds what must not be shown, nor for a chain: no block
    /// can name an address that is still declared (Terraform 1.11).
    pub(super) fn hcl(&self, plan: &Plan) -> Option<String> {
        if self.is_chain {
            return None;
        }
        moved_blocks(plan, &self.statements)
    }
}

/// The `moved` blocks that say some statements, each up to where the sources' own lead on; nothing when a name holds what
/// must not be shown.
pub(super) fn moved_blocks(plan: &Plan, statements: &[(String, String)]) -> Option<String> {
    let legible = |address: &str| !address.contains("(sensitive");
    let mut each = statements.iter();
    let all = each.all(|(from, to)| legible(from) && legible(to));
    let blocks = statements.iter().map(|(from, to)| {
        let to = beginning(plan, to);
        format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n")
    });
    all.then(|| blocks.collect::<Vec<_>>().join("\n"))
}

/// Groups pairs: those of one module instance, then those of one block, then the rest.
pub(super) fn moves<'r>(plan: &Plan, pairs: &'r [Pair]) -> Vec<Move<'r>> {
    let mut left: Vec<&Pair> = pairs.iter().collect();
    let mut found = chains(plan, &mut left);
    found.extend(of_modules(plan, &mut left));
    let mut blocks: BTreeMap<(BlockId, BlockId), Vec<&Pair>> = BTreeMap::new();
    for pair in left {
        let block = |id: ObjectId| plan.objects[id].block;
        blocks
            .entry((block(pair.from), block(pair.to)))
            .or_default()
            .push(pair);
    }
    let mut steps: BTreeMap<Step<'_>, Vec<Move<'_>>> = BTreeMap::new();
    let mut lines: BTreeMap<[String; 2], Vec<Move<'_>>> = BTreeMap::new();
    for ((from, to), pairs) in blocks {
        let moved = of_block(plan, from, to, pairs);
        if let Some(step) = step(plan, from, to, &moved.pairs) {
            steps.entry(step).or_default().push(moved);
        } else {
            let line = line(plan, from, to);
            lines.entry(line).or_default().push(moved);
        }
    }
    found.extend(lines.into_values().map(in_each_module));
    let steps = steps.into_iter();
    found.extend(steps.flat_map(|((from, to, _), moves)| in_one_step(from, to, moves)));
    found
}

/// Where the names of blocks are written. Keys that changed in one block may have been given by the calls of its module.
fn line(plan: &Plan, from: BlockId, to: BlockId) -> [String; 2] {
    let is_inside = !plan.is_same_block(from, to) || repeats_by_itself(plan, to);
    [from, to].map(|block| {
        if is_inside {
            written(plan, block)
        } else {
            plan.config_address(block)
        }
    })
}

/// The modules between which blocks went, and the attributes that a move would still change.
type Step<'p> = (ModuleId, ModuleId, BTreeSet<&'p str>);

/// The step that a block went, if it is called the same in both modules.
fn step<'p>(plan: &'p Plan, from: BlockId, to: BlockId, pairs: &[&Pair]) -> Option<Step<'p>> {
    let (old, new) = (&plan.blocks[from], &plan.blocks[to]);
    let differing = pairs.iter().flat_map(|pair| &pair.differing);
    let differing = differing.map(|path| attribute_of(&plan.paths[*path as usize]));
    (old.name == new.name && old.module != new.module)
        .then(|| (old.module, new.module, differing.collect()))
}

/// Joins the moves of one block in all instances of its module, and in all of its calls: whoever renamed it did so once.
fn in_each_module(mut moves: Vec<Move<'_>>) -> Move<'_> {
    match moves.len() {
        1 => moves.swap_remove(0),
        _ => Move::joined(config_address(&moves[0].from).into_owned(), moves),
    }
}

/// Joins blocks that went from one module to another: whoever wraps ten blocks into a module does one thing.
fn in_one_step(from: ModuleId, to: ModuleId, mut moves: Vec<Move<'_>>) -> Vec<Move<'_>> {
    if moves.len() < 2 {
        return moves;
    }
    moves.sort_by(|a, b| natural(&a.from, &b.from));
    let first = moves[0].from.clone();
    vec![Move {
        together: Some((moves.len(), from, to)),
        ..Move::joined(first, moves)
    }]
}

/// Takes out chains: no link of one can move before the next has.
fn chains<'r>(plan: &Plan, left: &mut Vec<&'r Pair>) -> Vec<Move<'r>> {
    let by_old: BTreeMap<ObjectId, &Pair> = left.iter().map(|pair| (pair.from, *pair)).collect();
    let links: BTreeSet<ObjectId> = left
        .iter()
        .map(|pair| pair.to)
        .filter(|to| by_old.contains_key(to))
        .collect();
    let mut found = Vec::new();
    let begins = left
        .iter()
        .filter(|pair| links.contains(&pair.to) && !links.contains(&pair.from));
    for begin in begins {
        let next = |pair: &&'r Pair| by_old.get(&pair.to).copied();
        let pairs: Vec<&Pair> = std::iter::successors(Some(*begin), next).collect();
        let address = |id| plan.address(id);
        let statements = pairs.iter().rev();
        let statements = statements.map(|pair| (address(pair.from), address(pair.to)));
        let statements = statements.collect();
        let targets = pairs.iter().map(|pair| address(pair.to)).collect();
        found.push(Move {
            is_chain: true,
            ..Move::new(address(begin.from), targets, statements, pairs)
        });
    }
    left.retain(|pair| !links.contains(&pair.to) && !links.contains(&pair.from));
    found
}

/// The pairs of two blocks: one statement when every instance kept its key, else one for each.
fn of_block<'r>(plan: &Plan, from: BlockId, to: BlockId, pairs: Vec<&'r Pair>) -> Move<'r> {
    let same_keys = pairs
        .iter()
        .all(|pair| plan.objects[pair.from].key == plan.objects[pair.to].key);
    let keyed = pairs
        .iter()
        .any(|pair| plan.objects[pair.from].key.is_some());
    let all = plan.blocks[from].objects.len() == pairs.len();
    let each: Vec<_> = pairs
        .iter()
        .map(|pair| (plan.address(pair.from), plan.address(pair.to)))
        .collect();
    // Of a block that is still declared only instances can move (Terraform 1.11).
    let gone = plan.resource(from).is_none();
    if pairs.len() > 1 && keyed && same_keys && all && gone && from != to {
        return Move::whole(plan.block_address(from), plan.block_address(to), pairs);
    }
    let address = match each.as_slice() {
        [(only, _)] => only.clone(),
        _ => plan.block_address(from),
    };
    let targets = each.iter().map(|(_, to)| to.clone()).collect();
    Move::new(address, targets, in_order(each), pairs)
}

/// In the order of addresses, without what is no address: a name of a plan that could not be read.
fn in_order(mut statements: Vec<(String, String)>) -> Vec<(String, String)> {
    statements.sort_by(|a, b| natural(&a.0, &b.0));
    statements.retain(|(from, _)| Address::parse(from).is_some());
    statements
}
