//! Where a `moved` block has to point when another one leads to the same address already: Terraform (1.11) calls two
//! blocks with one target ambiguous, and follows one that points to where the other begins.

use crate::input::plan::{Plan, inside, join};

/// So many blocks are followed, one behind the other.
const MOST: usize = 8;

/// The address from which the `moved` blocks of the sources lead to this one; the address itself where none does.
pub(super) fn beginning(plan: &Plan, to: &str) -> String {
    let mut address = to.to_owned();
    for _ in 0..MOST {
        match one_before(plan, &address) {
            Some(before) => address = before,
            None => break,
        }
    }
    address
}

fn one_before(plan: &Plan, to: &str) -> Option<String> {
    plan.modules.iter().find_map(|module| {
        let moved = &plan.configuration.modules.get(module.config?)?.moved;
        let here = inside(&module.address, to).filter(|_| !moved.is_empty())?;
        let mut before = moved.iter().filter_map(|[from, to]| {
            let rest = here.strip_prefix(&**to)?;
            let whole = rest.is_empty() || rest.starts_with(['.', '[']);
            whole.then(|| join(&module.address, &[from, rest].concat()))
        });
        before.next()
    })
}
