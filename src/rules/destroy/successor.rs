//! How the successor of a replaced object comes.

use crate::catalog;
use crate::input::plan::{Action, Kept, ObjectId, PathId, Plan};
use foldhash::HashMap;

/// Whether successors are created before what they replace is destroyed.
pub(super) fn order(plan: &Plan, members: &[ObjectId]) -> &'static str {
    let first =
        |id: &ObjectId| plan.objects[*id].action() == Action::Replace { create_first: true };
    match members.iter().filter(|id| first(id)).count() {
        0 => "destroy_first",
        n if n == members.len() => "create_first",
        _ => "mixed",
    }
}

/// Objects whose successor is created first and has the same name in the cloud, in the same place.
pub(super) fn collisions(plan: &Plan, members: &[ObjectId]) -> Vec<String> {
    let keeps_name = |id: &&ObjectId| {
        let kept = plan.objects[**id].change().kept.as_deref();
        let same = |kept: &Kept| {
            let before = |at| kept.before.get(plan, at);
            let mut names = names(plan, **id);
            names.any(|at| before(at).is_some() && before(at) == kept.after.get(plan, at))
        };
        comes_beside(plan, **id) && kept.is_some_and(same)
    };
    let found = members.iter().filter(keeps_name);
    found.map(|id| plan.address(*id)).collect()
}

/// Objects that are created under a name that a member has until its own successor is there: one waits for the other in
/// no apply (Terraform 1.11).
pub(super) fn takeovers(plan: &Plan, members: &[ObjectId], created: &[ObjectId]) -> Vec<String> {
    let kept = |id: ObjectId| plan.objects[id].change().kept.as_deref();
    let mut holders: HashMap<_, ObjectId> = HashMap::default();
    for id in members.iter().filter(|id| comes_beside(plan, **id)) {
        for at in names(plan, *id) {
            let name = kept(*id).and_then(|kept| kept.before.get(plan, at));
            holders.extend(name.map(|name| ((&plan.block(*id).kind, at, name.bits()), *id)));
        }
    }
    let takes = |id: &&ObjectId| {
        let is_taken = |kept: &Kept| {
            names(plan, **id).any(|at| {
                let name = kept.after.get(plan, at);
                let kind = &plan.block(**id).kind;
                let holder = name.and_then(|name| holders.get(&(kind, at, name.bits())));
                holder.is_some_and(|other| other != *id)
            })
        };
        kept(**id).is_some_and(is_taken)
    };
    let beside = members.iter().filter(|id| comes_beside(plan, **id));
    let found = beside.chain(created).filter(takes);
    found.map(|id| plan.address(*id)).collect()
}

/// Where the name of an object stands by which its cloud knows it.
fn names(plan: &Plan, id: ObjectId) -> impl Iterator<Item = PathId> {
    let identity = catalog::facts(&plan.block(id).kind).identity.iter();
    let at = |name: &&str| plan.paths.iter().position(|path| **path == **name);
    let found = identity.filter_map(at);
    found.map(|at| at.try_into().unwrap_or(PathId::MAX))
}

/// Whether the successor comes while the old one is still there, and where it is.
fn comes_beside(plan: &Plan, id: ObjectId) -> bool {
    let kind = &*plan.block(id).kind;
    plan.objects[id].action() == Action::Replace { create_first: true }
        && !plan.objects[id]
            .change()
            .forced_by
            .iter()
            .any(|forced| is_place(kind, &forced.path))
}

/// Whether an attribute may tell where a name must be unique: in a network, a cluster. A list of ids, a role, a key or what
/// is run there does not; the name of a target group is unique in its region, whatever the network (`CreateTargetGroup` of
/// Elastic Load Balancing).
fn is_place(kind: &str, path: &str) -> bool {
    const PLACES: [&str; 15] = [
        "bucket",
        "cluster",
        "database",
        "group",
        "location",
        "namespace",
        "network",
        "parent",
        "project",
        "region",
        "role",
        "scope",
        "server",
        "user",
        "zone",
    ];
    const MATERIAL: [&str; 9] = [
        "ami",
        "certificate",
        "image",
        "key",
        "policy",
        "profile",
        "role",
        "snapshot",
        "template",
    ];
    let attribute = path.rsplit_once('.').map_or(path, |(_, last)| last);
    if attribute == "vpc_id" && kind.ends_with("lb_target_group") || is_everywhere(kind, attribute)
    {
        return false;
    }
    let of_another = ["_id", "_arn", "_name"];
    let other = of_another
        .iter()
        .find_map(|tail| attribute.strip_suffix(tail));
    let is_material = |other: &str| other.split('_').any(|word| MATERIAL.contains(&word));
    PLACES.contains(&attribute) || other.is_some_and(|other| !is_material(other))
}

/// Whether a type's names must be unique beyond what an attribute tells: those of Azure in their group wherever that is,
/// of storage accounts and buckets in the world, of Google's databases in the project, of subnetworks in their region; a
/// group of subnets has no names in it.
fn is_everywhere(kind: &str, attribute: &str) -> bool {
    let of_the_world = || {
        let kinds = ["azurerm_storage_account", "google_storage_bucket"];
        kinds.contains(&kind)
    };
    match attribute {
        "location" => kind.starts_with("azurerm_") || of_the_world(),
        "resource_group_name" => of_the_world(),
        "region" => kind == "google_sql_database_instance",
        "network" => kind == "google_compute_subnetwork",
        _ => attribute.ends_with("subnet_group_name"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_place;

    #[test]
    fn a_name_is_free_in_another_network_and_taken_beside_other_subnets() {
        for (kind, path) in [
            ("aws_security_group", "vpc_id"),
            ("aws_eks_node_group", "cluster_name"),
            ("aws_iam_role_policy", "role"),
            ("kubernetes_service", "metadata[0].namespace"),
            ("azurerm_virtual_network", "resource_group_name"),
            ("google_compute_instance", "zone"),
            ("aws_wafv2_web_acl", "scope"),
        ] {
            assert!(is_place(kind, path), "{path}");
        }
        for (kind, path) in [
            ("aws_eks_node_group", "subnet_ids"),
            ("aws_eks_node_group", "node_role_arn"),
            (
                "aws_eks_cluster",
                "encryption_config[0].provider[0].key_arn",
            ),
            ("aws_eks_cluster", "vpc_config[0].subnet_ids"),
            ("aws_launch_configuration", "image_id"),
            ("aws_db_instance", "kms_key_id"),
            ("aws_lb_target_group", "vpc_id"),
            ("aws_lb_target_group", "port"),
            ("azurerm_storage_account", "resource_group_name"),
            ("azurerm_virtual_network", "location"),
            ("google_storage_bucket", "location"),
            ("google_compute_subnetwork", "network"),
            ("aws_elasticache_cluster", "subnet_group_name"),
            ("aws_rds_cluster", "db_subnet_group_name"),
        ] {
            assert!(!is_place(kind, path), "{path}");
        }
    }
}
