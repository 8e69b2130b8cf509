//! Where an object lives, as its own values say: the region, account or project that a provider configuration
//! works in. An object that vanished because its provider changed still says where it was.

use super::Name;
use crate::input::json::parts::{Member, elements, get, text_or_none, texts};
use crate::input::names::Names;
use std::borrow::Cow;

/// Where an object was when it was last seen: arguments of its provider and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home(pub Vec<(&'static str, Name)>);

/// Arguments of provider configurations that say where they work.
const PLACES: [&str; 4] = ["profile", "project", "region", "subscription_id"];

impl Home {
    /// The first argument in which a provider configuration, that works in some `places`, differs from this, with both
    /// values; `is_own` are arguments that the object says itself.
    pub fn differs<'h>(
        &'h self,
        places: &'h [(Name, Name)],
        is_own: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, &'h str, &'h str)> {
        let homes = self.0.iter().filter(|(argument, _)| !is_own(argument));
        let mut both = homes.filter_map(|(argument, was)| {
            let (_, is) = places.iter().find(|(name, _)| **name == **argument)?;
            Some((*argument, &**was, &**is))
        });
        both.find(|(argument, was, is)| agree(argument, was, is) == Some(false))
    }

    /// Whether it says nothing.
    pub fn is_unknown(&self) -> bool {
        self.0.is_empty()
    }

    /// Itself, when it says anything.
    pub(super) fn known(mut self) -> Option<Box<Self>> {
        self.0.shrink_to_fit();
        (!self.0.is_empty()).then(|| Box::new(self))
    }

    /// Reads it off the values of an object.
    pub(super) fn of(attributes: &[Member<'_>], names: &mut Names) -> Self {
        let [mut region, mut project, mut arn, mut id] = [None; 4];
        for (key, value) in attributes {
            match &**key {
                b"region" => region = Some(*value),
                b"project" => project = Some(*value),
                b"arn" => arn = Some(*value),
                b"id" => id = Some(*value),
                _ => {}
            }
        }
        let text = |value: Option<_>| {
            let text = value.and_then(text_or_none);
            text.filter(|text| !text.is_empty())
        };
        let mut found = Self::default();
        let arn = text(arn).unwrap_or_default();
        let arn: Vec<_> = arn.splitn(6, ':').collect();
        let told = arn.get(3).filter(|region| !region.is_empty());
        if let Some(region) = text(region) {
            // Google writes some as the address of the region.
            let region = region.rsplit('/').next().unwrap_or(&region);
            found.0.push(("region", names.intern(region)));
        } else if let Some(region) = told {
            found.0.push(("region", names.intern(region)));
        }
        let account = arn.get(4).filter(|account| is_account(account));
        found
            .0
            .extend(account.map(|account| ("account", names.intern(account))));
        if let Some(project) = text(project) {
            found.0.push(("project", names.intern(&project)));
        }
        let id = text(id).unwrap_or_default();
        if let Some(rest) = id.strip_prefix("/subscriptions/") {
            let subscription = rest.split('/').next().unwrap_or_default();
            found
                .0
                .push(("subscription_id", names.intern(subscription)));
        }
        found
    }
}

/// Whether two values of an argument of a provider are one place; nothing when that cannot be told: what stands for an
/// account need not be its number.
pub fn agree(argument: &str, one: &str, other: &str) -> Option<bool> {
    let comparable = argument != "account" || is_account(one) && is_account(other);
    (comparable || one == other).then_some(one == other)
}

/// Whether a text is the number of an account of AWS.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a provider configuration works, as its raw expressions say: what is literal, and what a root variable
/// holds. `variables` are the raw ones of the plan.
pub(super) fn places(expressions: &[u8], variables: &[u8], names: &mut Names) -> Vec<(Name, Name)> {
    let told = PLACES.iter().filter_map(|place| {
        let value = value(get(expressions, place)?, variables)?;
        Some((names.intern(place), names.intern(&value)))
    });
    let mut found: Vec<_> = told.collect();
    let account = account(expressions, variables);
    found.extend(account.map(|account| (names.intern("account"), names.intern(&account))));
    found
}

fn value<'v>(expression: &'v [u8], variables: &'v [u8]) -> Option<Cow<'v, str>> {
    let literal = get(expression, "constant_value").and_then(text_or_none);
    literal.or_else(|| variable(expression, variables))
}

/// The account that a provider configuration of AWS works in: that of the role it takes, else the only one it allows. Of
/// an ARN put together from variables it is the one that a variable holds; where none does, what they hold stands for it, or
/// the expression.
fn account<'v>(expressions: &'v [u8], variables: &'v [u8]) -> Option<Cow<'v, str>> {
    let roles = elements(get(expressions, "assume_role").unwrap_or_default()).flatten();
    if let Some(role) = roles.filter_map(|role| get(role, "role_arn")).last() {
        return match value(role, variables) {
            Some(arn) => Some(arn.split(':').nth(4).unwrap_or(&arn).to_owned().into()),
            // Two that are put together in other ways are not known to be one.
            None => Some(
                put_together(role, variables)
                    .map_or_else(|| String::from_utf8_lossy(role), Cow::Owned),
            ),
        };
    }
    let allowed = get(get(expressions, "allowed_account_ids")?, "constant_value")?;
    let mut allowed = elements(allowed).flatten();
    // Terraform takes numbers for texts.
    let first = allowed.next()?;
    let only = text_or_none(first).or_else(|| std::str::from_utf8(first).ok().map(Cow::from));
    only.filter(|_| allowed.next().is_none())
}

/// The values of the root variables in an expression; nothing when it is made of anything else.
fn put_together(expression: &[u8], variables: &[u8]) -> Option<String> {
    let references = texts(get(expression, "references")?);
    let values = references.map(|reference| {
        let variable = get(variables, reference.strip_prefix("var.")?)?;
        text_or_none(get(variable, "value")?)
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    let account = values.iter().find(|value| is_account(value));
    Some(account.map_or_else(|| values.join(" "), ToString::to_string))
}

/// The value of the one root variable that an expression consists of.
fn variable<'v>(expression: &[u8], variables: &'v [u8]) -> Option<Cow<'v, str>> {
    let references: Vec<_> = texts(get(expression, "references")?).collect();
    let [only] = references.as_slice() else {
        return None;
    };
    let value = get(variables, only.strip_prefix("var.")?)?;
    text_or_none(get(value, "value")?)
}

#[cfg(test)]
mod tests {
    use super::{Home, agree, places};
    use crate::input::names::Names;
    use crate::input::plan::attributes::Attributes;

    fn home(object: &str) -> Vec<(&'static str, String)> {
        let attributes = Attributes::of(object.as_bytes());
        let home = Home::of(&attributes.each, &mut Names::default());
        home.0
            .into_iter()
            .map(|(name, value)| (name, value.to_string()))
            .collect()
    }

    #[test]
    fn objects_say_where_they_live() {
        assert_eq!(
            home(r#"{"arn":"arn:aws:sqs:eu-west-1:111111111111:q"}"#),
            [
                ("region", "eu-west-1".to_owned()),
                ("account", "111111111111".to_owned())
            ]
        );
        assert_eq!(
            home(r#"{"region":"us-east-1","arn":"arn:aws:s3:::b"}"#),
            [("region", "us-east-1".to_owned())]
        );
        assert_eq!(
            home(r#"{"id":"/subscriptions/s-1/resourceGroups/g"}"#),
            [("subscription_id", "s-1".to_owned())]
        );
        assert_eq!(
            home(r#"{"arn":"arn:aws:iam::111111111111:role/r","id":"r"}"#),
            [("account", "111111111111".to_owned())]
        );
        assert_eq!(home(r#"{"arn":"arn:aws:iam::aws:policy/p","id":"p"}"#), []);
    }

    #[test]
    fn what_stands_for_an_account_is_no_other_account() {
        let [one, other] = ["111111111111", "222222222222"];
        assert_eq!(agree("account", one, other), Some(false));
        assert_eq!(agree("account", one, one), Some(true));
        assert_eq!(agree("account", one, "deploy prod"), None);
        assert_eq!(agree("region", "eu-west-1", "us-east-1"), Some(false));
    }

    #[test]
    fn provider_configurations_say_where_they_work() {
        let variables = br#"{"r":{"value":"us-east-1"}}"#;
        let shown = |expressions: &str| -> Vec<String> {
            places(expressions.as_bytes(), variables, &mut Names::default())
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        assert_eq!(
            shown(r#"{"region":{"constant_value":"eu-west-1"},"token":{"constant_value":"x"}}"#),
            ["region=eu-west-1"]
        );
        assert_eq!(
            shown(r#"{"region":{"references":["var.r"]}}"#),
            ["region=us-east-1"]
        );
        assert_eq!(
            shown(r#"{"region":{"references":["var.r","var.q"]}}"#),
            [""; 0]
        );
    }

    #[test]
    fn the_account_of_a_provider_configuration_is_that_of_the_role_it_takes() {
        let variables =
            br#"{"a":{"value":"111111111111"},"name":{"value":"deploy"},"r":{"value":"arn:aws:iam::222222222222:role/r"}}"#;
        let account = |expressions: &str| -> Vec<String> {
            places(expressions.as_bytes(), variables, &mut Names::default())
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        let role = |arn: &str| account(&format!(r#"{{"assume_role":[{{"role_arn":{arn}}}]}}"#));
        let literal = r#"{"constant_value":"arn:aws:iam::333333333333:role/r"}"#;
        assert_eq!(role(literal), ["account=333333333333"]);
        assert_eq!(
            role(r#"{"references":["var.r"]}"#),
            ["account=222222222222"]
        );
        assert_eq!(
            role(r#"{"references":["var.a"]}"#),
            ["account=111111111111"]
        );
        assert_eq!(
            role(r#"{"references":["var.a","var.name"]}"#),
            ["account=111111111111"]
        );
        assert_eq!(
            role(r#"{"references":["var.name","var.name"]}"#),
            ["account=deploy deploy"]
        );
        assert_eq!(
            role(r#"{"references":["local.a"]}"#),
            [r#"account={"references":["local.a"]}"#]
        );
        let allowed = |ids| {
            account(&format!(
                r#"{{"allowed_account_ids":{{"constant_value":{ids}}}}}"#
            ))
        };
        assert_eq!(allowed(r#"["1"]"#), ["account=1"]);
        assert_eq!(allowed("[1]"), ["account=1"]);
        assert_eq!(allowed(r#"["1","2"]"#), [""; 0]);
    }
}
