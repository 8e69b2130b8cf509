//! Which type of object an attribute wants the name of: `role` and `iam_role_name` want an `aws_iam_role`.

use super::text::has_space;
use crate::input::environment::lower_words;
use foldhash::HashMap;
use std::borrow::Cow;

/// Words behind the noun of an attribute.
const TAILS: [&str; 10] = [
    "arn",
    "arns",
    "id",
    "identifier",
    "identifiers",
    "ids",
    "link",
    "name",
    "names",
    "self",
];
/// Nouns that name no single type of object, or something everybody has in common.
const EVERYBODY: [&str; 20] = [
    "account",
    "class",
    "environment",
    "family",
    "format",
    "kind",
    "label",
    "location",
    "mode",
    "owner",
    "project",
    "protocol",
    "region",
    "stage",
    "status",
    "tier",
    "type",
    "value",
    "version",
    "zone",
];
/// Names of environments and other words that are equal by chance.
const COMMON: [&str; 26] = [
    "all",
    "any",
    "auto",
    "default",
    "dev",
    "development",
    "disabled",
    "enabled",
    "external",
    "false",
    "internal",
    "latest",
    "main",
    "none",
    "primary",
    "private",
    "prod",
    "production",
    "public",
    "qa",
    "shared",
    "stage",
    "staging",
    "standard",
    "test",
    "true",
];
/// A shorter name could be anything.
const SHORTEST: usize = 3;
/// Keys of other formats, and what they want.
const ALIASES: [(&str, &str); 5] = [
    ("AutoScalingGroupName", "autoscaling_group"),
    ("key_name", "key_pair"),
    ("awslogs-group", "log_group"),
    ("valueFrom", "parameter"),
    ("DBInstanceIdentifier", "db_instance"),
];
/// Where services put what they write, and what is named behind it.
const CONVENTIONS: [(&str, &str); 5] = [
    ("codebuild/", "codebuild_project"),
    ("eks/", "eks_cluster"),
    ("lambda/", "lambda_function"),
    ("rds/cluster/", "rds_cluster"),
    ("rds/instance/", "db_instance"),
];

/// How the names of KMS aliases begin, wherever a key is wanted; no other name does.
pub(super) const ALIAS: &str = "alias/";

/// What keys want the name of, found out once for each.
#[derive(Default)]
pub(super) struct Nouns {
    known: HashMap<Box<str>, usize>,
    nouns: Vec<Option<Box<str>>>,
}

/// Keys of maps are anybody's: of more than this, the rest is found out each time.
const MOST_KEYS: usize = 4096;

impl Nouns {
    pub(super) fn wanted(&mut self, key: &str) -> Option<Cow<'_, str>> {
        let nth = match self.known.get(key) {
            Some(nth) => *nth,
            None if self.nouns.len() >= MOST_KEYS => return wanted(key).map(Cow::Owned),
            None => {
                self.known.insert(key.into(), self.nouns.len());
                self.nouns.push(wanted(key).map(Into::into));
                self.nouns.len() - 1
            }
        };
        self.nouns[nth].as_deref().map(Cow::Borrowed)
    }
}

/// Nouns of one word that mean one type wherever they stand.
const UNMISTAKABLE: [&str; 10] = [
    "bucket",
    "function",
    "namespace",
    "parameter",
    "queue",
    "repository",
    "role",
    "secret",
    "table",
    "vault",
];

/// Whether a noun means types of several services: `cluster`, `group`, `topic`.
pub(super) fn is_common(noun: &str) -> bool {
    GROUPS.contains(&noun) || !noun.contains('_') && !is_unmistakable(noun)
}

/// Nouns of two words that several services have: those of databases, caches, warehouses.
const GROUPS: [&str; 3] = ["option_group", "parameter_group", "subnet_group"];

/// Whether a noun of one word means one type wherever it stands.
pub(super) fn is_unmistakable(noun: &str) -> bool {
    UNMISTAKABLE.contains(&noun)
}

/// What an attribute or key wants the name of; nothing when it says no more than "name" or "id".
pub(super) fn wanted(key: &str) -> Option<String> {
    if let Some((_, noun)) = ALIASES.iter().find(|(alias, _)| *alias == key) {
        return Some((*noun).to_owned());
    }
    let mut words: Vec<_> = lower_words(key).collect();
    let count = words.len();
    while words.last().is_some_and(|word| TAILS.contains(&&**word)) {
        words.pop();
    }
    // `ROLE` in an environment is a word of the program that reads it.
    let shouted = !key.contains(|c: char| c.is_ascii_lowercase());
    if shouted && words.len() == 1 && words.len() == count {
        return None;
    }
    let last = words.last_mut()?;
    let plural = last.len() > 3 && last.ends_with('s') && !last.ends_with("ss");
    if plural && last != "alias" && last != "kinesis" {
        last.pop();
    }
    let noun = words.join("_");
    (!EVERYBODY.contains(&&*noun)).then_some(noun)
}

/// Whether an attribute wants the name of another type of object than this one.
pub(crate) fn wants_another(attribute: &str, kind: &str) -> bool {
    const MORE: [&str; 6] = ["cluster", "db", "group", "instance", "topic", "user"];
    wanted(attribute).is_some_and(|noun| {
        let is_type = is_unmistakable(&noun) || MORE.contains(&&*noun);
        is_type && !answered(kind).any(|own| own == noun)
    })
}

/// Whether a noun means something else where an object of a type stands: metrics have namespaces of their own.
pub(super) fn means_no_object(noun: &str, kind: &str) -> bool {
    noun == "namespace" && kind.starts_with("aws_cloudwatch_")
}

/// Whether a key is a noun alone: a dimension `TopicName` has the name of a topic, `Topic` that of something inside of a
/// cluster.
pub(super) fn is_bare(key: &str) -> bool {
    let last = lower_words(key).last();
    last.is_none_or(|word| !TAILS.contains(&&*word))
}

/// The nouns that a type answers to: `role`, `iam_role` for `aws_iam_role`.
pub(super) fn answered(kind: &str) -> impl Iterator<Item = &str> {
    let own = kind.split_once('_').map_or(kind, |(_, own)| own);
    let starts = own.match_indices('_').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).map(|at| &own[at..])
}

/// The part of a provider a type belongs to: `iam` of `aws_iam_role`.
pub(super) fn service(kind: &str) -> &str {
    kind.split('_').nth(1).unwrap_or_default()
}

/// What stands behind the prefix of a convention: `/aws/lambda/NAME`.
pub(super) fn convention(text: &str) -> Option<(&'static str, &str)> {
    let place = text.strip_prefix("/aws/")?;
    let (prefix, noun) = CONVENTIONS
        .iter()
        .find(|(prefix, _)| place.starts_with(prefix))?;
    let name = place[prefix.len()..].split('/').next()?;
    (!name.is_empty()).then_some((noun, name))
}

/// Whether a text may be the name of one certain object, rather than a word, a number or a range.
pub(super) fn is_name(text: &str) -> bool {
    let fits = (SHORTEST..=256).contains(&text.len());
    fits && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !has_space(text)
        && !COMMON.iter().any(|word| word.eq_ignore_ascii_case(text))
        && !is_region(text)
}

/// Whether a text is what a region or a zone is called: `eu-west-1`, `us-gov-east-1a`, `europe-west4-b`.
pub(crate) fn is_region(text: &str) -> bool {
    let zone = text
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .unwrap_or(text);
    let zone = zone.strip_suffix('-').unwrap_or(zone);
    if !zone.ends_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let mut steps = zone.split('-');
    let (first, last) = (
        steps.next().unwrap_or_default(),
        steps.next_back().unwrap_or_default(),
    );
    let amazon =
        first.len() == 2 && steps.next().is_some() && last.bytes().all(|b| b.is_ascii_digit());
    let google = ["north", "south", "east", "west", "central"]
        .iter()
        .any(|way| last.contains(way));
    amazon || google
}

#[cfg(test)]
mod tests {
    use super::{answered, convention, is_bare, is_name, wanted};

    #[test]
    fn a_dimension_of_a_noun_alone_names_no_object() {
        assert!(is_bare("Topic") && is_bare("Service"));
        assert!(
            !is_bare("TopicName") && !is_bare("DBInstanceIdentifier") && !is_bare("InstanceId")
        );
    }

    #[test]
    fn attributes_want_types() {
        for (key, want) in [
            ("role", "role"),
            ("FunctionName", "function"),
            ("function_name", "function"),
            ("db_subnet_group_name", "db_subnet_group"),
            ("TABLE_NAME", "table"),
            ("groups", "group"),
            ("security_group_ids", "security_group"),
            ("awslogs-group", "log_group"),
            ("key_name", "key_pair"),
            ("AutoScalingGroupName", "autoscaling_group"),
            ("name", ""),
            ("id", ""),
            ("environment", ""),
            ("region", ""),
            ("project", ""),
        ] {
            assert_eq!(wanted(key).unwrap_or_default(), want, "{key}");
        }
    }

    #[test]
    fn types_answer_to_their_last_words() {
        let nouns: Vec<_> = answered("aws_db_subnet_group").collect();
        assert_eq!(nouns, ["db_subnet_group", "subnet_group", "group"]);
    }

    #[test]
    fn words_and_places_are_no_names() {
        for word in [
            "prod",
            "Default",
            "true",
            "80",
            "10.0.0.0/16",
            "a",
            "eu-west-1",
            "eu-west-1a",
            "europe-west4",
            "us-gov-east-1",
            "two words",
        ] {
            assert!(!is_name(word), "{word}");
        }
        for name in [
            "orders",
            "acme-prod-api",
            "/acme/dsn",
            "app",
            "north-star-1x",
        ] {
            assert!(is_name(name), "{name}");
        }
    }

    #[test]
    fn conventions_name_what_writes_there() {
        assert_eq!(
            convention("/aws/lambda/api"),
            Some(("lambda_function", "api"))
        );
        assert_eq!(
            convention("/aws/eks/main/cluster"),
            Some(("eks_cluster", "main"))
        );
        assert_eq!(convention("/aws/lambda/"), None);
        assert_eq!(convention("/acme/api"), None);
    }
}
