//! Finds whom a text calls, and whom a data source looks for.

use super::book::{Book, Text};
use super::call::{Call, Caller};
use super::noun::service;
use super::{How, Mention};
use crate::catalog;
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::{BlockId, ObjectId, Plan};
use foldhash::HashSet;

/// Finds whom a text calls.
pub(super) struct Candidates<'a> {
    pub(super) plan: &'a Plan,
    pub(super) book: &'a Book,
}

impl Candidates<'_> {
    /// Whether somebody wrote the attribute: what providers compute repeats what is known anyway.
    pub(super) fn is_written(&self, text: &Text) -> bool {
        let path = &self.plan.paths[text.path as usize];
        let attribute = path.split(['.', '[']).next().unwrap_or(path);
        let resource = self.plan.resource(self.plan.objects[text.object].block);
        resource.is_some_and(|resource| {
            resource.arguments.is_empty()
                || resource.arguments.iter().any(|name| **name == *attribute)
        })
    }

    pub(super) fn mention(
        &self,
        text: &Text,
        borrowed: &HashSet<(Call, ObjectId)>,
    ) -> Option<Mention> {
        let plan = self.plan;
        let block = plan.objects[text.object].block;
        let kind = &plan.blocks[block].kind;
        let others = self
            .book
            .called(text.call)
            .filter(|id| plan.objects[*id].block != block);
        let own = |id: &ObjectId| text.how == How::Name && plan.block(*id).kind == *kind;
        let mut named: Vec<_> = others
            .filter(|id| !own(id) && !borrowed.contains(&(text.call, *id)))
            .collect();
        if named.len() > 1 {
            named.retain(|id| service(&plan.block(*id).kind) == service(kind));
        }
        let [named] = named[..] else {
            return None;
        };
        let path = Some(Name::clone(&plan.paths[text.path as usize]));
        Some(Mention {
            block,
            object: Some(text.object),
            path,
            named,
            how: text.how,
        })
    }

    /// Data sources that look for, or have found, an object of their own type.
    pub(super) fn lookups(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        let mention = |block, object, named| {
            let path = self
                .plan
                .resource(block)
                .and_then(|data| data.criteria.first());
            let path = path.map(|(path, _)| Name::clone(path));
            Mention {
                block,
                object,
                path,
                named,
                how: How::Lookup,
            }
        };
        for (call, id) in &self.book.read {
            if let [named] = self.book.called(*call).collect::<Vec<_>>()[..] {
                found.push(mention(self.plan.objects[*id].block, Some(*id), named));
            }
        }
        let known: HashSet<BlockId> = found.iter().map(|mention| mention.block).collect();
        for (block, data) in self.plan.blocks.iter().enumerate() {
            if data.mode == Mode::Data
                && !known.contains(&block)
                && let Some(named) = self.looked_for(block)
            {
                found.push(mention(block, data.objects.first().copied(), named));
            }
        }
        found
    }

    /// The one object that has all a data source looks for, as far as its values are known.
    fn looked_for(&self, block: BlockId) -> Option<ObjectId> {
        let kind = &self.plan.blocks[block].kind;
        let caller = Caller(&self.book.hasher);
        let criteria = &self.plan.resource(block)?.criteria;
        let facts = catalog::facts(kind);
        let telling = |path: &str| {
            path.starts_with("tags.")
                || matches!(path, "id" | "arn" | "name")
                || facts.identity.contains(&path)
        };
        let (_, first) = criteria.iter().find(|(path, _)| telling(path))?;
        let fits = |id: &ObjectId| {
            criteria.iter().all(|(path, call)| {
                let has = |call| self.book.called(call).any(|other| other == *id);
                has(*call) || !has(caller.has(kind, path))
            })
        };
        let named: Vec<_> = self.book.called(*first).filter(fits).collect();
        let [named] = named[..] else {
            return None;
        };
        Some(named)
    }
}
