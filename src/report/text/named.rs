//! What a finding has said by name, so that it need not be listed again.

use crate::finding::{Finding, Related};
use foldhash::HashSet;

/// The first members, so many of them; where there are more, those with data before all others.
pub(super) fn first_with_data(finding: &Finding, most: usize) -> impl Iterator<Item = &String> {
    let data: HashSet<&str> = finding.data_objects().collect();
    let mut members: Vec<&String> = finding.members.iter().collect();
    if members.len() > most {
        members.sort_by_key(|member| !data.contains(member.as_str()));
    }
    members.into_iter().take(most)
}

/// Whether the address or the message of a finding names something.
pub(super) fn is_named(finding: &Finding, name: &str) -> bool {
    finding.address == name || has_word(&finding.message, name)
}

/// Whether a related thing of another stack is a member that was named, or stands in a stack that is one.
pub(super) fn repeats(finding: &Finding, related: &Related) -> bool {
    let Some((stack, _)) = related.address.split_once(':') else {
        return false;
    };
    let mut members = finding.members.iter();
    members.any(|member| {
        (*member == related.address || member == stack) && has_word(&finding.message, member)
    })
}

/// Whether a name stands in a text by itself, and not as a part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    let within = |c: char| c.is_alphanumeric() || "_-.[\\\"/#:".contains(c);
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        // A sentence may end behind it.
        let ends = after.trim_start_matches(['.', ':']);
        let ends = ends.is_empty() || ends.starts_with(' ');
        !before.ends_with(within) && (ends || !after.starts_with(within))
    })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_name_within_a_longer_one_is_not_named() {
        assert!(has_word("which app still reads", "app"));
        assert!(has_word("which app-prod (team-app) reads", "app-prod"));
        assert!(has_word("is read by app: mind it", "app") && has_word("by app.", "app"));
        for text in [
            "which app-prod reads",
            "an application",
            "net/app",
            "app.b",
            "x:app",
        ] {
            assert!(!has_word(text, "app"), "{text}");
        }
        assert!(!has_word("aws_vpc.a[0] goes", "aws_vpc.a"));
    }
}
