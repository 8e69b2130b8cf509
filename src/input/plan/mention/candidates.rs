//! Finds whom a text calls, and whom a data source looks for.

use super::book::Book;
use super::call::{Call, Caller, Place};
use super::noun::{answered, is_bare, is_common, means_no_object, service, wanted};
use super::values::Text;
use super::walk::Written;
use super::{How, Mention};
use crate::catalog;
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::{BlockId, ObjectId, Plan, attribute_of};
use foldhash::HashSet;

/// Finds whom a text calls.
pub(super) struct Candidates<'a> {
    plan: &'a Plan,
    book: &'a Book,
    /// What calls itself by the id of another is a part of that one: a policy has the id of its queue.
    borrowed: HashSet<(Call, ObjectId)>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(plan: &'a Plan, book: &'a Book, texts: &[Text]) -> Self {
        let mut found = Self {
            plan,
            book,
            borrowed: HashSet::default(),
        };
        let ids = texts.iter().filter(|text| text.written.how == How::Id);
        let ids = ids.filter(|text| found.is_told(text));
        let borrowed: HashSet<_> = ids.map(|text| (text.written.call, text.object)).collect();
        found.borrowed = borrowed;
        found
    }

    /// Everything found, in no order.
    pub(super) fn all(&self, texts: &[Text]) -> Vec<Mention> {
        let mut found = self.lookups();
        for (id, block) in self.plan.blocks.iter().enumerate() {
            if block.mode == Mode::Managed {
                self.written(id, &mut found);
            }
        }
        let literal = |mention: &Mention| (mention.block, argument(mention), mention.named);
        let known: HashSet<_> = found.iter().map(literal).collect();
        // The surest way to read a text comes first.
        let nth = |text: &Text| (text.object, text.written.nth);
        for texts in texts.chunk_by(|one, other| nth(one) == nth(other)) {
            let mut read = texts.iter().filter_map(|text| self.value(text));
            if let Some(mention) = read.next().filter(|read| !known.contains(&literal(read))) {
                found.push(mention);
            }
        }
        found
    }

    /// Whether the configuration tells which attributes somebody wrote.
    fn is_told(&self, text: &Text) -> bool {
        let resource = self.plan.resource(self.plan.objects[text.object].block);
        resource.is_some_and(|resource| resource.arguments.is_some())
    }

    /// Whom the literal texts of a block call, for each of its objects that stay.
    fn written(&self, block: BlockId, found: &mut Vec<Mention>) {
        let Some(resource) = self.plan.resource(block) else {
            return;
        };
        let texts = resource.written.iter();
        let texts: Vec<&Written> = texts
            .filter(|text| self.book.known.has(text.call))
            .collect();
        for texts in texts.chunk_by(|one, other| one.nth == other.nth) {
            let mut named = texts
                .iter()
                .filter_map(|text| Some((text, self.called(block, text)?)));
            let Some((text, named)) = named.next() else {
                continue;
            };
            let objects = self.plan.blocks[block].objects.iter().copied();
            let stay = objects.filter(|id| !self.plan.objects[*id].action().removes());
            found.extend(stay.map(|id| mention(block, id, text, named)));
        }
    }

    fn value(&self, text: &Text) -> Option<Mention> {
        let block = self.plan.objects[text.object].block;
        let named = self.called(block, &text.written)?;
        Some(mention(block, text.object, &text.written, named))
    }

    /// The one object that a text of a block calls.
    fn called(&self, block: BlockId, text: &Written) -> Option<ObjectId> {
        self.named(block, &text.path, text.call, text.how)
            .filter(|named| self.is_there(text.place, *named))
    }

    /// Whether an object may live in the region and the account that an ARN names.
    fn is_there(&self, [region, account]: Place, named: ObjectId) -> bool {
        let plan = self.plan;
        let resource = plan.resource(plan.objects[named].block);
        let provider = resource.and_then(|own| plan.configuration.providers.get(&own.provider));
        let mut places = provider.into_iter().flat_map(|provider| &provider.places);
        let works = places.find(|(name, _)| &**name == "region");
        let works = works.map(|(_, text)| Caller(&self.book.hasher).part(text));
        let accounts = self.book.accounts();
        let known = account == 0 || accounts.is_empty() || accounts.contains(&account);
        known && (region == 0 || works.is_none_or(|works| works == region))
    }

    /// The one object that is called so from a block; of several the one of the same service.
    fn named(&self, block: BlockId, path: &str, call: Call, how: How) -> Option<ObjectId> {
        let plan = self.plan;
        let kind = &plan.blocks[block].kind;
        let key = path.rsplit('.').next().unwrap_or(path);
        let noun = wanted(key).filter(|_| how == How::Name);
        // A cluster's `cluster_identifier` is its own name.
        let noun = noun.as_deref();
        if noun.is_some_and(|noun| {
            means_no_object(noun, kind) || answered(kind).any(|own| own == noun)
        }) {
            return None;
        }
        // A metric is measured by another service than the one whose objects it is of.
        let measured = path.starts_with("dimensions.");
        if measured && how == How::Name && is_bare(key) {
            return None;
        }
        let others = self.book.known.of(call);
        let others = others.filter(|id| plan.objects[*id].block != block);
        let own = |id: &ObjectId| how == How::Name && plan.block(*id).kind == *kind;
        let mut named: Vec<_> = others
            .filter(|id| !own(id) && !self.borrowed.contains(&(call, *id)))
            .collect();
        let module = plan.blocks[block].module;
        let here = |id: &ObjectId| plan.block(*id).module == module;
        if named.len() > 1 && named.iter().any(here) {
            // One module in two regions makes two of one name, and means its own.
            named.retain(here);
        }
        if named.len() > 1 || noun.is_some_and(is_common) && !measured {
            named.retain(|id| service(&plan.block(*id).kind) == service(kind));
        }
        match named[..] {
            [named] => Some(named),
            _ => None,
        }
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
        for (call, id) in self.book.read() {
            if let [named] = self.book.looked_up.of(*call).collect::<Vec<_>>()[..] {
                found.push(mention(self.plan.objects[*id].block, Some(*id), named));
            }
        }
        // What was read has found what it looks for, here or elsewhere.
        let read = self.book.read().iter();
        let known: HashSet<BlockId> = read.map(|(_, id)| self.plan.objects[*id].block).collect();
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
        let data = self.plan.resource(block)?;
        // What else it asks for is not known: it may be another one.
        if !data.references.is_empty() {
            return None;
        }
        let criteria = &data.criteria;
        let facts = catalog::facts(kind);
        let telling = |path: &str| {
            path.starts_with("tags.")
                || matches!(path, "id" | "arn" | "name")
                || facts.identity.contains(&path)
        };
        let (_, first) = criteria.iter().find(|(path, _)| telling(path))?;
        let fits = |id: &ObjectId| {
            criteria.iter().all(|(path, call)| {
                let has = |call| self.book.looked_up.of(call).any(|other| other == *id);
                has(*call) || !has(caller.has(kind, path))
            })
        };
        let named: Vec<_> = self.book.looked_up.of(*first).filter(fits).collect();
        let [named] = named[..] else {
            return None;
        };
        Some(named)
    }
}

fn mention(block: BlockId, object: ObjectId, text: &Written, named: ObjectId) -> Mention {
    Mention {
        block,
        object: Some(object),
        path: Some(Name::clone(&text.path)),
        named,
        how: text.how,
    }
}

/// The argument that a mention stands in.
fn argument(mention: &Mention) -> Option<String> {
    let path = mention.path.as_deref()?;
    Some(attribute_of(path).to_owned())
}
