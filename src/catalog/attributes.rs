//! What attributes tell of any type: what an object is called, what it is part of, what may change while it stays what
//! it is.

/// Names that people give, beside those the cloud knows objects by.
pub const NAMES: [&str; 3] = ["name", "display_name", "tags.Name"];

/// Texts that tell one object from another; most others are words of a provider.
pub const TELLING: [&str; 17] = [
    "address_prefix",
    "bucket_prefix",
    "cidr_block",
    "content",
    "domain_name",
    "email",
    "fqdn",
    "hostname",
    "identifier",
    "identifier_prefix",
    "input",
    "ip_cidr_range",
    "key",
    "name_prefix",
    "path",
    "title",
    "url",
];

/// Attributes of what people stick on objects.
pub const TAGS: [&str; 3] = ["labels", "tags", "tags_all"];

/// Attributes that an object may change without being another one. Whatever else differs may be what it is part of:
/// a repository, a zone, a database.
const DETAILS: [&str; 24] = [
    "ami",
    "assume_role_policy",
    "billing_mode",
    "comment",
    "content",
    "description",
    "engine_version",
    "handler",
    "image",
    "image_id",
    "instance_class",
    "instance_type",
    "machine_type",
    "node_type",
    "policy",
    "runtime",
    "size",
    "sku",
    "sku_name",
    "storage_class",
    "storage_type",
    "user_data",
    "version",
    "volume_type",
];

/// Whether an attribute of this name names another object, or where it is. Asked for each attribute of every object:
/// a `match` is a tree of comparisons, a list would be gone through.
fn is_whole(key: &[u8]) -> bool {
    matches!(
        key,
        b"account"
            | b"bucket"
            | b"catalog"
            | b"cluster"
            | b"collection"
            | b"container"
            | b"database"
            | b"directory"
            | b"domain"
            | b"environment"
            | b"group"
            | b"host"
            | b"instance"
            | b"keyspace"
            | b"location"
            | b"log_group"
            | b"namespace"
            | b"network"
            | b"organization"
            | b"owner"
            | b"parent"
            | b"project"
            | b"queue"
            | b"region"
            | b"registry"
            | b"repository"
            | b"rest_api"
            | b"role"
            | b"rule"
            | b"scalable_dimension"
            | b"schema"
            | b"scope"
            | b"server"
            | b"service"
            | b"set_identifier"
            | b"table"
            | b"topic"
            | b"type"
            | b"user"
            | b"vault"
            | b"workspace"
            | b"zone"
    )
}

/// Whether the last word of an attribute says that it names another object.
fn has_end(key: &[u8]) -> bool {
    let last = memchr::memrchr(b'_', key).map(|at| &key[at + 1..]);
    matches!(
        last,
        Some(b"arn" | b"id" | b"identifier" | b"name" | b"namespace" | b"project" | b"url")
    )
}

/// Of those, what the object only uses, and what its cloud calls it.
const NOT_WHERE: [&[u8]; 9] = [
    b"_domain_name",
    b"certificate",
    b"execution",
    b"hosted_zone",
    b"kms",
    b"last_",
    b"role_arn",
    b"unique_id",
    b"version",
];

/// Words in attributes of what an object uses, and may use another of while it is the same.
const USED: [&str; 21] = [
    "_arns",
    "_groups",
    "_ids",
    "certificate",
    "desired",
    "environment",
    "iam_instance_profile",
    "image",
    "kms",
    "labels",
    "option_group",
    "parameter_group",
    "password",
    "policy",
    "role_arn",
    "secret",
    "subnet_group",
    "subnets",
    "tags",
    "task_definition",
    "user_data",
];

/// Whether an object may be the same though this refers to something else: what it uses, not what it is part of.
pub fn is_use(attribute: &str) -> bool {
    USED.iter().any(|word| attribute.contains(word))
}

/// Whether a path is nested, or among the attributes that an object may change without being another one.
pub fn is_detail(path: &str) -> bool {
    path.contains(['.', '[']) || DETAILS.contains(&path)
}

/// Whether an attribute tells what an object is part of. A name is one of many: each function has a permission of the same
/// statement id, each zone a record of the same name.
pub fn is_whereabouts(key: &[u8]) -> bool {
    is_whole(key)
        || has_end(key)
            && !NOT_WHERE
                .iter()
                .any(|used| memchr::memmem::find(key, used).is_some())
}

/// Types whose names mean the same in every region: of services that have none (IAM, Route 53, `CloudFront`), and buckets,
/// whose names are one list for all regions. Source: AWS General Reference, "Global services"; S3 user guide, "Bucket naming
/// rules".
const EVERYWHERE: [&str; 5] = [
    "aws_cloudfront_",
    "aws_iam_",
    "aws_route53_",
    "aws_s3_bucket",
    "aws_s3_object",
];

/// Whether there may be several objects of a type under one name, side by side.
pub fn may_share_name(kind: &str) -> bool {
    kind == "aws_route53_zone"
}

/// Whether the name of an object of a type is taken in all regions at once.
pub fn is_everywhere(kind: &str) -> bool {
    !kind.starts_with("aws_route53_resolver_")
        && EVERYWHERE.iter().any(|prefix| kind.starts_with(prefix))
}

/// Data sources that return the same as long as nobody edits them: who asks and where, and what is put together from
/// arguments alone. In the order of names.
const SETTLED: [&str; 18] = [
    "archive_file",
    "aws_arn",
    "aws_billing_service_account",
    "aws_caller_identity",
    "aws_canonical_user_id",
    "aws_default_tags",
    "aws_elb_service_account",
    "aws_iam_policy_document",
    "aws_partition",
    "aws_region",
    "azurerm_client_config",
    "azurerm_subscription",
    "cloudinit_config",
    "google_client_config",
    "google_iam_policy",
    "google_project",
    "null_data_source",
    "template_file",
];

/// Whether a data source of a type returns another value by itself, but so seldom that an edit is likelier, unless the old
/// value is in what it returns no more.
pub fn hardly_changes(kind: &str) -> bool {
    kind == "aws_availability_zones"
}

/// Whether a data source of a type never returns another value by itself.
pub fn is_settled(kind: &str) -> bool {
    SETTLED.binary_search(&kind).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SETTLED, is_settled, is_whereabouts};

    #[test]
    fn what_an_object_is_part_of_is_told_from_what_it_uses() {
        assert!(SETTLED.is_sorted());
        assert!(is_settled("aws_caller_identity") && !is_settled("aws_ami"));
        for part in ["function_name", "zone_id", "role", "bucket", "rest_api_id"] {
            assert!(is_whereabouts(part.as_bytes()), "{part}");
        }
        for used in [
            "kms_key_id",
            "role_arn",
            "description",
            "name",
            "version_id",
        ] {
            assert!(!is_whereabouts(used.as_bytes()), "{used}");
        }
    }
}
