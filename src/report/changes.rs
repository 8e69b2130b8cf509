//! What a plan does, in a line.

use crate::gate::StackReport;

/// `1 to destroy, 2 to create; 7 left alone`.
pub(super) fn changes(stack: &StackReport) -> String {
    let counts = &stack.changes;
    let table = [
        (counts.delete, "to destroy"),
        (counts.replace, "to replace"),
        (counts.forget, "to forget"),
        (counts.create, "to create"),
        (counts.update, "to update"),
        (counts.read, "to read"),
        (counts.import, "to import"),
        (counts.moved, "to move"),
        (counts.other, "of unknown kind"),
    ];
    let some: Vec<_> = table
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    let some = if some.is_empty() {
        "no changes".to_owned()
    } else {
        some.join(", ")
    };
    format!("{some}; {} left alone", counts.no_op)
}
