//! A commented `tfguard.toml` to begin with.

use super::{AddressGlob, NOT_WAIVABLE, Subject, quoted};
use crate::finding::Finding;
use crate::input::address::config_address;
use crate::rules::{Meta, RULES};
use crate::safe::safe;
use std::fmt::Write as _;

const HEAD: &str = "\
# What tfguard is to know, written by `tfguard init`. It changes nothing in what the check says of the plan it was
# written for: what would is commented out. Take the `#` away from a line, and from the [header] above it, to set it.
# docs/configuration.md has all that can be set, `tfguard explain RULE` what a rule is about.

# fail_on = \"error\"        # the severity from which on a run fails: error, warning, note or never
# max_age = \"1d\"           # how old a plan may be: 90m, 2h, 1d
# source_waivers = true    # whether comments in the sources can waive as well: all but a loss of data
";

/// Everything that is known to write.
#[derive(Debug, Default)]
pub struct Sample {
    /// A glob over the plans that the stack is of; all without one.
    pub plan: Option<String>,
    /// What stands in `[stack]`.
    pub stack: Vec<Setting>,
    /// What stands in `[ownership]`.
    pub ownership: Vec<Setting>,
    /// The rules that found something; without a plan, those that have options.
    pub rules: Vec<&'static Meta>,
    /// Whether they are those of a plan.
    pub of_plan: bool,
    /// What could be waived.
    pub example: Option<Example>,
}

/// A key with its value.
#[derive(Debug)]
pub struct Setting {
    key: &'static str,
    value: String,
    about: &'static str,
    /// Whether it is set, and not commented out.
    pub set: bool,
}

impl Setting {
    /// A text, commented out.
    pub fn text(key: &'static str, text: &str, about: &'static str) -> Self {
        Self::new(key, quoted(&safe(text)), about)
    }

    /// A switch that is on, commented out.
    pub fn on(key: &'static str, about: &'static str) -> Self {
        Self::new(key, "true".to_owned(), about)
    }

    fn new(key: &'static str, value: String, about: &'static str) -> Self {
        Self {
            key,
            value,
            about,
            set: false,
        }
    }
}

/// A rule, and an address glob that covers something it found.
#[derive(Debug)]
pub struct Example {
    rule: &'static str,
    address: String,
}

impl Default for Example {
    fn default() -> Self {
        Self {
            rule: "planned-delete",
            address: "module.sandbox".to_owned(),
        }
    }
}

impl Example {
    /// Of the mildest finding that a waiver can name.
    pub fn of(findings: &[Finding]) -> Option<Self> {
        let waivable = |finding: &&Finding| !NOT_WAIVABLE.contains(&finding.rule);
        let mut mildest = findings.iter().rev().filter(waivable);
        mildest.find_map(|finding| {
            let address = covering(finding)?;
            Some(Self {
                rule: finding.rule,
                address,
            })
        })
    }
}

/// The address of a finding as a glob that covers all of its members: with keys if they stand for themselves, else
/// without.
fn covering(finding: &Finding) -> Option<String> {
    let ways = [
        finding.address.clone(),
        config_address(&finding.address).into_owned(),
    ];
    // Data is waived by whole addresses alone.
    let exact = finding.facts["data_loss"] == true;
    ways.into_iter().find(|address| {
        let literal = !address.is_empty() && !address.contains(['*', '?', '\\']);
        let glob = AddressGlob::new(address).ok().filter(|_| literal);
        glob.is_some_and(|glob| {
            let mut subjects = finding.subjects();
            subjects.all(|subject| {
                if exact {
                    subject == address
                } else {
                    glob.covers(&Subject::new(subject))
                }
            })
        })
    })
}

impl Sample {
    /// What to begin with when there is no plan.
    pub fn without_plan() -> Self {
        let metas = RULES.iter().map(|rule| rule.meta());
        Self {
            stack: vec![
                Setting::text("name", "app-prod", "default: the directory of the plan"),
                Setting::text("owner", "team-app", "default: as CODEOWNERS says"),
                Setting::text("environment", "prod", ""),
            ],
            ownership: owners_of_objects(None),
            rules: metas.filter(|meta| !meta.options.is_empty()).collect(),
            ..Self::default()
        }
    }

    /// The file.
    pub fn write(&self) -> String {
        let mut out = HEAD.to_owned();
        self.write_stack(&mut out);
        let any = self.ownership.iter().any(|setting| setting.set);
        out.push_str("\n# Who owns what.\n");
        line(&mut out, any, "[ownership]");
        settings(&self.ownership, &mut out);
        self.write_rules(&mut out);
        let usual = Example::default();
        write_examples(self.example.as_ref().unwrap_or(&usual), &mut out);
        out
    }

    fn write_stack(&self, out: &mut String) {
        let any = self.stack.iter().any(|setting| setting.set);
        out.push_str("\n# The stack. It is in fingerprints and approvals: without a name it is called after a directory.\n");
        match &self.plan {
            Some(glob) => {
                line(out, any, "[[stack]]");
                line(out, any, &format!("plan = {}", quoted(&safe(glob))));
            }
            None => line(out, any, "[stack]"),
        }
        settings(&self.stack, out);
    }

    fn write_rules(&self, out: &mut String) {
        let which = if self.of_plan {
            "The rules that found something, as they are"
        } else {
            "Rules with options, as they are"
        };
        let _ = write!(
            out,
            "\n# {which}.\n# A severity (error, warning, note or off) that is set is for all that the rule finds.\n"
        );
        for meta in &self.rules {
            let _ = write!(out, "#\n# {}\n# [rules.{}]\n", meta.summary, meta.id);
            let _ = writeln!(out, "# severity = \"{}\"", meta.severity.word());
            for option in meta.options {
                let _ = writeln!(
                    out,
                    "# {} = {}    # {}",
                    option.name, option.default, option.help
                );
            }
        }
    }
}

/// What `[ownership]` can say.
pub fn owners_of_objects(tag: Option<&str>) -> Vec<Setting> {
    let about = "the tag or label whose value names an object's owner";
    vec![
        Setting::text("tag", tag.unwrap_or("Owner"), about),
        Setting::on(
            "codeowners",
            "owners of source files own what nothing else gives an owner",
        ),
    ]
}

fn settings(settings: &[Setting], out: &mut String) {
    for Setting {
        key,
        value,
        about,
        set,
    } in settings
    {
        let about = match *about {
            "" => String::new(),
            about => format!("    # {about}"),
        };
        line(out, *set, &format!("{key} = {value}{about}"));
    }
}

fn line(out: &mut String, set: bool, text: &str) {
    let _ = writeln!(out, "{}{text}", if set { "" } else { "# " });
}

fn write_examples(Example { rule, address }: &Example, out: &mut String) {
    let address = quoted(&safe(address));
    let _ = write!(
        out,
        "
# An exception to one rule. What it waives stays visible with -v; one that is over or waives nothing is told of. A loss
# of data is waived by the whole address of the object only.
# [[waiver]]
# rule = \"{rule}\"
# address = {address}
# reason = \"say why, for whoever reads it in a year\"
# expires = 2027-01-31

# Another severity for some objects, stacks, environments or paths.
# [[override]]
# addresses = [{address}]
# [override.rules.{rule}]
# severity = \"note\"
"
    );
}
