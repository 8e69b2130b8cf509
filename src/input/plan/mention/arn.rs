//! ARNs, taken apart: which type of object they name, and how it is called.

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

/// The words of the type, without the provider's, and the name; nothing for ARNs of no certain object.
pub(super) fn named(arn: &str) -> Option<(String, String)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    // What AWS itself has, everybody has.
    if account == "aws" {
        return None;
    }
    if prefix != "arn" || resource.contains(['*', '?', '$']) && service != "s3" {
        return None;
    }
    if let Some((_, words)) = UNTYPED.iter().find(|(name, _)| *name == service) {
        let name = resource.split('/').next()?;
        let plain = !name.is_empty() && !name.contains(['*', '?', '$', ':']);
        return plain.then(|| ((*words).to_owned(), name.to_owned()));
    }
    let at = resource.find([':', '/'])?;
    let (kind, name) = (&resource[..at], &resource[at + 1..]);
    let typed = TYPED
        .iter()
        .find(|(named, of, _)| *named == service && *of == kind);
    let words = typed.map_or_else(
        || format!("{service}_{}", kind.replace('-', "_")),
        |(.., words)| (*words).to_owned(),
    );
    // Qualifiers behind the name: versions of functions, streams of log groups, tasks.
    let name = match kind {
        "alias" => resource,
        "parameter" => &resource[at..],
        // The path of an IAM name is no part of the name.
        _ if service == "iam" => name.rsplit('/').next()?,
        _ => name.split(':').next()?,
    };
    (!name.is_empty()).then(|| (words, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::named;

    fn shown(arn: &str) -> Option<String> {
        named(arn).map(|(words, name)| format!("{words} {name}"))
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
        ] {
            assert_eq!(shown(arn).unwrap_or_default(), want, "{arn}");
        }
    }
}
