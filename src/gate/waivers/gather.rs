//! Collects the waivers of a run: from `tfguard.toml`, and from the sources of its stacks.

use super::told;
use super::waiver::{Only, Scope, Waiver};
use crate::config::{AddressGlob, Config, NOT_WAIVABLE, recognise};
use crate::finding::{Finding, Location};
use crate::gate::{Seen, StackReport};
use crate::input::source::{Allowance, Beside, Said, Sources, line_and_column};
use crate::rules;
use crate::safe::safe;
use std::collections::BTreeMap;

/// The waivers, and findings about comments that are none.
#[derive(Default)]
pub(super) struct Gathered<'a> {
    pub(super) waivers: Vec<Waiver<'a>>,
    pub(super) faults: Vec<Finding>,
}

/// A comment by its file and place: stacks share modules.
type Comments = BTreeMap<(String, usize), Comment>;

struct Comment {
    said: Result<Said, &'static str>,
    beside: Vec<(usize, Beside)>,
    location: Location,
    stack: usize,
}

pub(super) fn gather<'a>(
    stacks: &[StackReport],
    config: &'a Config,
    seen: &Seen<'_>,
) -> Gathered<'a> {
    let mut gathered = Gathered::default();
    gathered
        .waivers
        .extend(config.waivers.iter().map(|waiver| Waiver {
            rule: waiver.rule,
            address: waiver.address.clone(),
            scope: Scope::Config(waiver),
            reason: waiver.reason.clone(),
            expires: waiver.expires.clone(),
            location: waiver.location.clone(),
        }));
    let mut comments = Comments::new();
    for (stack, sources) in seen.sources.iter().enumerate() {
        let Some(sources) = sources else { continue };
        for allowance in sources.allowances() {
            note(&mut comments, stack, sources, allowance);
        }
    }
    for comment in comments.into_values() {
        gathered.read(&comment, &stacks[comment.stack].name, config.source_waivers);
    }
    let globs = gathered.waivers.iter_mut().filter_map(Waiver::glob_mut);
    recognise(globs.collect(), seen.plans);
    gathered
}

fn note(comments: &mut Comments, stack: usize, sources: &Sources, allowance: Allowance) {
    let file = &sources.files[allowance.file];
    let beside = allowance.beside.into_iter().map(|beside| (stack, beside));
    let key = (file.name.clone(), allowance.span.start);
    let comment = comments.entry(key).or_insert_with(|| {
        let (line, column) = line_and_column(&file.text, allowance.span.start);
        let (end_line, end_column) = line_and_column(&file.text, allowance.span.end);
        Comment {
            said: allowance.said,
            beside: Vec::new(),
            location: Location {
                file: safe(&file.name),
                line,
                column,
                end_line,
                end_column,
                ..Location::default()
            },
            stack,
        }
    });
    comment.beside.extend(beside);
}

impl Gathered<'_> {
    fn read(&mut self, comment: &Comment, stack: &str, allowed: bool) {
        let first = comment.beside.iter().find_map(|(_, beside)| match beside {
            Beside::Block(address) => Some(safe(address)),
            Beside::Backend => None,
        });
        let address = first.unwrap_or_else(|| match comment.beside.as_slice() {
            [] => comment.location.file.clone(),
            _ => stack.to_owned(),
        });
        let mut fault = |rule: &str, why: &str| {
            let finding = told::fault(stack, &address, rule, why, &comment.location);
            self.faults.push(finding);
        };
        let said = match &comment.said {
            Err(why) => return fault("", why),
            Ok(_) if !allowed => return fault("", told::NOT_ALLOWED),
            Ok(_) if comment.beside.is_empty() => return fault("", told::NO_BLOCK),
            Ok(said) => said,
        };
        for (name, instance) in &said.rules {
            let found = meta(name).and_then(|meta| Ok((meta, only(instance.as_deref())?)));
            match found {
                Err(why) => fault(name, &why),
                Ok((meta, only)) => self.waivers.push(Waiver {
                    rule: meta.id,
                    address: safe(&limited(&address, instance.as_deref())),
                    scope: Scope::Comment {
                        beside: comment.beside.clone(),
                        only,
                    },
                    reason: said.reason.clone(),
                    expires: said.expires.clone(),
                    location: comment.location.clone(),
                }),
            }
        }
    }
}

fn meta(name: &str) -> Result<&'static rules::Meta, String> {
    let near = || rules::nearest(name).map(|near| format!(": did you mean {near}?"));
    let rule = rules::find(name).ok_or_else(|| {
        let name = safe(name);
        format!("there is no rule {name}{}", near().unwrap_or_default())
    })?;
    let meta = rule.meta();
    if NOT_WAIVABLE.contains(&meta.id) {
        return Err(format!("no waiver is about waivers, which {} is", meta.id));
    }
    Ok(meta)
}

fn only(instance: Option<&str>) -> Result<Option<Only>, String> {
    let Some(text) = instance else {
        return Ok(None);
    };
    if text.starts_with('[') {
        return Ok(Some(Only::Key(text.to_owned())));
    }
    // Anything else that is no address is a reason without its dashes.
    let glob = AddressGlob::new(text).ok().filter(|_| text.contains('.'));
    let glob = glob.ok_or_else(|| {
        format!(
            "{} is neither a key nor an address; the reason comes after --",
            safe(text)
        )
    })?;
    Ok(Some(Only::Address(glob)))
}

fn limited(address: &str, instance: Option<&str>) -> String {
    match instance {
        Some(key) if key.starts_with('[') => format!("{address}{key}"),
        Some(address) => address.to_owned(),
        None => address.to_owned(),
    }
}
