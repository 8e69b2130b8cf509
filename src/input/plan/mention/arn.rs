//! ARNs, taken apart: which type of object they name, and how it is called.

use std::borrow::Cow;

/// Services whose objects have no type in their ARN, and the words of the Terraform type.
const UNTYPED: [(&str, &str); 3] = [
    ("s3", "s3_bucket"),
    ("sns", "sns_topic"),
    ("sqs", "sqs_queue"),
];

/// Types whose words in an ARN are not those of Terraform, AWS provider 5.
const TYPED: [(&str, &str, &str); 12] = [
    ("elasticache", "cluster", "elasticache_cluster"),
    ("events", "event-bus", "cloudwatch_event_bus"),
    ("events", "rule", "cloudwatch_event_rule"),
    (
        "firehose",
        "deliverystream",
        "kinesis_firehose_delivery_stream",
    ),
    ("kms", "alias", "kms_alias"),
    ("logs", "log-group", "cloudwatch_log_group"),
    ("rds", "cluster", "rds_cluster"),
    ("rds", "db", "db_instance"),
    ("secretsmanager", "secret", "secretsmanager_secret"),
    ("ssm", "parameter", "ssm_parameter"),
    ("states", "stateMachine", "sfn_state_machine"),
    ("iam", "instance-profile", "iam_instance_profile"),
];

/// An ARN in its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arn<'a> {
    service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("arn")?;
        let mut colons = memchr::memchr_iter(b':', rest.as_bytes());
        let (first, partition) = (colons.next()?, colons.next()?);
        let (service, region, account) = (colons.next()?, colons.next()?, colons.next()?);
        (first == 0).then(|| Self {
            service: &rest[partition + 1..service],
            region: &rest[service + 1..region],
            account: &rest[region + 1..account],
            resource: &rest[account + 1..],
        })
    }
}

/// Whether a name stands for several objects, or is to be filled in.
fn is_pattern(name: &str) -> bool {
    memchr::memchr3(b'*', b'?', b'$', name.as_bytes()).is_some()
}

/// The words of the type, without the provider's, and the name; nothing for ARNs of no certain object.
pub(super) fn named(arn: Arn<'_>) -> Option<(Cow<'static, str>, &str)> {
    let Arn {
        service,
        account,
        resource,
        ..
    } = arn;
    // What AWS itself has, everybody has.
    if account == "aws" || service != "s3" && is_pattern(resource) {
        return None;
    }
    if let Some((_, words)) = UNTYPED.iter().find(|(name, _)| *name == service) {
        let name = resource.split('/').next()?;
        let plain = !name.is_empty() && !is_pattern(name) && !name.contains(':');
        return plain.then_some((Cow::Borrowed(*words), name));
    }
    let at = resource.find([':', '/'])?;
    let (kind, name) = (&resource[..at], &resource[at + 1..]);
    let typed = TYPED
        .iter()
        .find(|(named, of, _)| *named == service && *of == kind);
    let words = typed.map_or_else(
        || Cow::Owned([service, &kind.replace('-', "_")].join("_")),
        |(.., words)| Cow::Borrowed(*words),
    );
    // Qualifiers behind the name: versions of functions, streams of log groups, tasks.
    let name = match kind {
        "alias" => resource,
        "parameter" => &resource[at..],
        // The path of an IAM name is no part of the name.
        _ if service == "iam" => name.rsplit('/').next()?,
        _ => name.split(':').next()?,
    };
    (!name.is_empty()).then_some((words, name))
}

#[cfg(test)]
mod tests {
    use super::{Arn, named};

    fn shown(arn: &str) -> Option<String> {
        named(Arn::parse(arn)?).map(|(words, name)| format!("{words} {name}"))
    }

    #[test]
    fn arns_tell_the_type_and_the_name() {
        for (arn, want) in [
            ("arn:aws:iam::111111111111:role/app", "iam_role app"),
            ("arn:aws:iam::111111111111:role/service/app", "iam_role app"),
            ("arn:aws:s3:::acme-logs/*", "s3_bucket acme-logs"),
            ("arn:aws:sqs:eu-west-1:1:orders", "sqs_queue orders"),
            (
                "arn:aws:lambda:eu-west-1:1:function:api:3",
                "lambda_function api",
            ),
            (
                "arn:aws:dynamodb:eu-west-1:1:table/orders",
                "dynamodb_table orders",
            ),
            (
                "arn:aws-cn:kms:cn-north-1:1:alias/main",
                "kms_alias alias/main",
            ),
            (
                "arn:aws:ssm:eu-west-1:1:parameter/acme/dsn",
                "ssm_parameter /acme/dsn",
            ),
            ("arn:aws:logs:eu-west-1:1:log-group:/app:*", ""),
            ("arn:aws:iam::aws:policy/AmazonSQSFullAccess", ""),
            ("arn:aws:s3:::*", ""),
            ("arn:aws:iam", ""),
            ("not:an:arn:a:b:c/d", ""),
            ("arn:aws:foo-bar:eu-west-1:1:b-z/app", "foo-bar_b_z app"),
            // Alibaba's, which has no account where AWS has one.
            ("acs:ram::512:role/app", ""),
        ] {
            assert_eq!(shown(arn).unwrap_or_default(), want, "{arn}");
        }
    }
}
