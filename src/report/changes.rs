//! What a plan does, in a line.

use crate::gate::StackReport;

/// `1 to destroy, 2 to create; 7 left alone`.
pub(super) fn changes(stack: &StackReport) -> String {
    if !stack.planned {
        return "no plan".to_owned();
    }
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
    let some = table.iter().filter(|(n, _)| *n > 0);
    let mut some: Vec<_> = some.map(|(n, what)| format!("{n} {what}")).collect();
    match counts.output {
        0 if some.is_empty() => some.push("no changes".to_owned()),
        0 => {}
        1 => some.push("1 output changes".to_owned()),
        n => some.push(format!("{n} outputs change")),
    }
    format!("{}; {} left alone", some.join(", "), counts.no_op)
}
