//! Finds blocks that come back under another type: providers give a type a new name (`aws_s3_bucket_object`,
//! `aws_s3_object`) or split it up, and few of them can move an object from one to the other.

use crate::finding::{Finding, Related};
use crate::input::plan::{Action, Block, BlockId, ModuleId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// A `moved` block across types needs a provider that knows how (Terraform 1.8).
const FIX: &str = "If it is the same object under another type, its destroy may take along what is created: let it go with a \
                   removed block (destroy = false) and take it in with an import block, or add a moved block where the \
                   provider can move it between the types; else have the destroy reviewed.";

/// Blocks of which objects are created, by their module and name.
pub(super) struct Retyped<'p> {
    plan: &'p Plan,
    comes: BTreeMap<(ModuleId, &'p str), Vec<BlockId>>,
}

impl<'p> Retyped<'p> {
    /// Those that have the name of one that is gone with some objects: a large plan creates thousands.
    pub(super) fn new(plan: &'p Plan, gone: impl Iterator<Item = ObjectId>) -> Self {
        let name = |id: BlockId| (plan.blocks[id].module, &*plan.blocks[id].name);
        let gone: BTreeSet<_> = gone.map(|id| name(plan.objects[id].block)).collect();
        let created = plan
            .managed()
            .filter(|(_, object)| object.action() == Action::Create);
        let blocks = created.map(|(_, object)| object.block);
        let blocks: BTreeSet<BlockId> = blocks.filter(|id| gone.contains(&name(*id))).collect();
        let mut comes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for id in blocks {
            let block = &plan.blocks[id];
            comes
                .entry((block.module, &*block.name))
                .or_default()
                .push(id);
        }
        Self { plan, comes }
    }

    /// Tells of what removed blocks may be by now.
    pub(super) fn tell(&self, members: &[ObjectId], mut finding: Finding) -> Finding {
        let pairs = self.of(members);
        let related = pairs.iter().map(|(new, old)| {
            let message = format!(
                "is created under its name: it may be {} under another type",
                self.plan.config_address(*old)
            );
            Related::new(self.plan.block_address(*new), message)
        });
        finding = finding.related(related);
        if pairs.is_empty() {
            finding
        } else {
            finding.fix(FIX)
        }
    }

    /// What blocks may be by now, each with what it may have been.
    fn of(&self, members: &[ObjectId]) -> BTreeSet<(BlockId, BlockId)> {
        let gone: BTreeSet<_> = members
            .iter()
            .map(|id| self.plan.objects[*id].block)
            .collect();
        let pairs = gone.into_iter().flat_map(|id| {
            let old = &self.plan.blocks[id];
            let all = self.comes.get(&(old.module, &*old.name));
            let all = all.into_iter().flatten();
            all.filter(|new| is_retyped(old, &self.plan.blocks[**new]))
                .map(move |new| (*new, id))
        });
        pairs.collect()
    }
}

fn is_retyped(old: &Block, new: &Block) -> bool {
    old.kind != new.kind && old.provider == new.provider && are_alike(&old.kind, &new.kind)
}

/// Whether two types are called alike: they end in the same word, and the one has all words of the other. A version
/// at the end is none of them, and `alb` is what `lb` was called.
fn are_alike(one: &str, other: &str) -> bool {
    let words = |kind| {
        let words = str::split(kind, '_').filter(|word| !is_version(word));
        words.map(|word| if word == "alb" { "lb" } else { word })
    };
    let sets = [one, other].map(|kind| words(kind).collect::<BTreeSet<_>>());
    words(one).next_back() == words(other).next_back()
        && (sets[0].is_subset(&sets[1]) || sets[1].is_subset(&sets[0]))
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::are_alike;

    #[test]
    fn types_are_alike_that_were_renamed_and_not_those_that_hang_on_each_other() {
        for (old, new) in [
            ("aws_s3_bucket_object", "aws_s3_object"),
            ("aws_alb_listener", "aws_lb_listener"),
            ("kubernetes_deployment", "kubernetes_deployment_v1"),
            ("azurerm_virtual_machine", "azurerm_linux_virtual_machine"),
            (
                "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule",
            ),
        ] {
            assert!(are_alike(old, new) && are_alike(new, old), "{old}");
        }
        for (old, new) in [
            ("aws_s3_bucket", "aws_s3_bucket_policy"),
            ("aws_sns_topic", "aws_sqs_queue"),
            ("aws_instance", "aws_launch_template"),
            ("aws_subnet", "aws_db_subnet_group"),
        ] {
            assert!(!are_alike(old, new), "{old}");
        }
    }
}
