//! Categories: one for each stack, so that the alerts of one do not close those of another.

use super::super::links::fnv;

/// The longest category that is a name as it is.
const LONGEST: usize = 100;

/// The categories of stacks of different names, all different: GitHub rejects a file in which two runs share one.
pub(super) fn categories(stacks: &[&str]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for stack in stacks {
        let wanted = category(stack);
        let free = (2..).map(|n| format!("{wanted}-{n}"));
        let mut free = std::iter::once(wanted.clone()).chain(free);
        taken.extend(free.find(|name| !taken.contains(name)));
    }
    taken
}

/// A stack's name as a part of `automationDetails.id`, where a slash would begin another part. One that has to be
/// altered gets a hash of itself, which no other stack of the run changes.
fn category(stack: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !stack.is_empty() && stack.len() <= LONGEST && stack.chars().all(plain) {
        return stack.to_owned();
    }
    let altered = stack.chars().map(|c| if plain(c) { c } else { '-' });
    let altered: String = altered.take(LONGEST).collect();
    format!("{altered}-{:016x}", fnv(stack))
}

#[cfg(test)]
mod tests {
    use super::categories;

    #[test]
    fn stacks_have_categories_of_their_own_whatever_their_names() {
        let names = ["app", "a/b", "a b", "", &"x".repeat(300)];
        let found = categories(&names);
        assert_eq!(found[0], "app");
        assert_eq!(found[1], "a-b-e620c3190468cf61");
        assert!(found[1] != found[2] && found[4].len() < 120, "{found:?}");
        assert!(found.iter().all(|name| !name.contains('/')));
    }

    #[test]
    fn a_name_that_is_made_like_a_category_takes_none_away() {
        let altered = categories(&["a/b"]).remove(0);
        let found = categories(&[&altered, "a/b"]);
        assert_ne!(found[0], found[1]);
    }
}
