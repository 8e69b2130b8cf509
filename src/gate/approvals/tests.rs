use super::consent::Key;
use super::{Approval, Consent, file, write};
use crate::finding::Identity;
use crate::input::day::Day;
use proptest::prelude::*;
use std::collections::BTreeSet;

pub(super) fn identity(address: &str, action: &str, id: &str) -> Identity {
    Identity {
        address: address.to_owned(),
        action: action.to_owned(),
        provider: "hashicorp/aws".to_owned(),
        id: id.to_owned(),
        ..Identity::default()
    }
}

pub(super) fn consent(objects: &[Identity]) -> Consent {
    Consent {
        key: Key {
            stack: "app".to_owned(),
            rule: "planned-delete".to_owned(),
            address: "aws_x.y".to_owned(),
            cause: "count_decreased".to_owned(),
            detail: String::new(),
        },
        objects: objects.iter().cloned().collect(),
        ..Consent::default()
    }
}

pub(super) fn approval(consent: Consent, reason: &str) -> Approval {
    let [on, expires] = ["2026-11-21", "2026-12-21"].map(|day| Day::parse(day).expect("a day"));
    Approval::new(consent, "Alice", &on, &expires, reason)
}

pub(super) fn text(approvals: &[Approval]) -> String {
    write::write(approvals.iter())
}

pub(super) fn refused(text: &str) -> String {
    let error = file::parse("approvals.toml", text).expect_err("refused");
    format!("{:?}", miette::Report::new(error))
}

/// One approval, as it is written.
pub(super) fn whole() -> String {
    text(&[approval(
        consent(&[identity("aws_x.y[0]", "delete", "")]),
        "why",
    )])
}

#[test]
fn what_is_written_is_read_as_it_was_whatever_stands_in_it() {
    for hostile in [
        "it's \"quoted\" \\ and 'both'",
        "\"\"\"",
        "'''",
        "\u{1b}[31m",
        "a\nb = 1\n[[approval]]",
        "\u{202e}x\u{0}",
        "#",
        "💥",
        "\\u{1b}",
    ] {
        let mut made = approval(consent(&[identity(hostile, "delete", "")]), hostile);
        made.consent.key.address = crate::safe::safe(hostile);
        made.consent.directory = Some(crate::safe::safe(hostile));
        made.consent.objects = made
            .consent
            .objects
            .iter()
            .map(|object| Identity {
                address: crate::safe::safe(&object.address),
                ..object.clone()
            })
            .collect();
        let written = text(&[made.clone()]);
        assert!(
            !written.contains(['\u{1b}', '\u{202e}', '\u{0}']),
            "{written}"
        );
        let read = file::parse("f", &written).expect(&written);
        let known = read.iter().next().expect("one").clone();
        assert_eq!(Approval { line: 0, ..known }, made, "{written}");
    }
}

#[test]
fn a_damaged_file_is_refused_with_its_line_and_never_passed_over() {
    let whole = whole();
    assert_eq!(file::parse("f", &whole).expect("whole").iter().count(), 1);
    let table = [
        (whole.replace("version = 1", ""), "there is no version"),
        (
            whole.replace("version = 1", "version = 2"),
            "no such version",
        ),
        (
            whole.replace("version = 1", "version = \"1\""),
            "no such version",
        ),
        (whole.replace("reason = ", "raeson = "), "raeson"),
        (whole.replace("reason = \"why\"\n", ""), "reason"),
        (
            whole.replace("reason = \"why\"", "reason = \" \""),
            "nothing is said",
        ),
        (whole.replace("by = \"Alice\"\n", ""), "by"),
        (whole.replace("expires = 2026-12-21\n", ""), "expires"),
        (
            whole.replace("expires = 2026-12-21", "expires = \"2026-12-21\""),
            "expires",
        ),
        (
            whole.replace("expires = 2026-12-21", "expires = 2026-12-21T00:00:00Z"),
            "not a day",
        ),
        (
            whole.replace("expires = 2026-12-21", "expires = 2026-02-30"),
            "2026-02-30",
        ),
        (whole.replace("stack = \"app\"\n", ""), "stack"),
        (
            whole.replace("action = \"delete\"", "action = true"),
            "action",
        ),
        (whole.replace("action = ", "acton = "), "acton"),
        (whole.replace("objects = [", "objects = {"), "missing key"),
        (whole.replace("[[approval]]", "[approval]"), "approval"),
        (whole.replace("[[approval]]", "[[aproval]]"), "aproval"),
        (whole[..whole.len() - 20].to_owned(), "damaged"),
        (
            whole.replace("by = ", "<<<<<<< HEAD\nby = "),
            "a merge was not finished",
        ),
        (
            whole.replace("by = ", "=======\nby = "),
            "a merge was not finished",
        ),
        (
            whole.replace("reason = \"why\"", "reason = \"why\"\nreason = \"not\""),
            "reason",
        ),
    ];
    for (text, said) in table {
        let shown = refused(&text);
        assert!(
            shown.contains("nothing is approved") && shown.contains(said),
            "{said}: {shown}"
        );
    }
}

#[test]
fn the_same_approval_twice_is_one_and_two_that_differ_are_refused() {
    let one = approval(consent(&[identity("aws_x.y[0]", "delete", "")]), "why");
    let other = Approval {
        reason: "another".to_owned(),
        ..one.clone()
    };
    assert_eq!(
        file::parse("f", &text(&[one.clone(), one.clone()]))
            .expect("one")
            .iter()
            .count(),
        1
    );
    let shown = refused(&text(&[one, other]));
    assert!(
        shown.contains("also approved in line 5, otherwise"),
        "{shown}"
    );
}

#[test]
fn fewer_of_the_same_destroys_are_covered_and_nothing_else_is() {
    let (a, b) = (
        identity("aws_x.y[0]", "delete", "1"),
        identity("aws_x.y[1]", "delete", "2"),
    );
    let known = consent(&[a.clone(), b.clone()]);
    let differs = |planned: &Consent| known.uncovered(planned).unwrap_or_default();
    assert_eq!(differs(&consent(&[a.clone(), b.clone()])), "");
    assert_eq!(differs(&consent(std::slice::from_ref(&b))), "");
    let c = identity("aws_x.y[2]", "delete", "3");
    assert_eq!(
        differs(&consent(&[a.clone(), b, c])),
        "aws_x.y[2] was not in it"
    );
    let replaced = identity("aws_x.y[0]", "delete, create", "1");
    assert_eq!(
        differs(&consent(&[replaced])),
        "the action on aws_x.y[0] was delete and is delete, create"
    );
    let other = identity("aws_x.y[0]", "delete", "4");
    assert_eq!(
        differs(&consent(&[other])),
        "aws_x.y[0] is another object by now"
    );
    let unknown = identity("aws_x.y[0]", "delete", "");
    assert_eq!(
        differs(&consent(&[unknown])),
        "aws_x.y[0] is another object by now"
    );
    let because = BTreeSet::from(["attributes=ami".to_owned()]);
    let forced = Consent {
        because,
        ..consent(std::slice::from_ref(&a))
    };
    assert_eq!(
        differs(&forced),
        "the reason was none and is attributes=ami"
    );
    let lost = Consent {
        data_loss: true,
        ..consent(&[a])
    };
    assert_eq!(differs(&lost), "data is lost with it, which nobody knew");
    assert_eq!(differs(&consent(&[])), "it had more members");
    let updates = [identity("a", "update", ""), identity("b", "update", "")];
    assert_eq!(
        consent(&updates)
            .uncovered(&consent(&updates[..1]))
            .as_deref(),
        Some("it had more members")
    );
}

fn some_consent() -> impl Strategy<Value = Consent> {
    let word = prop::sample::select(vec!["", "a", "b", "a|b", "it's \"a\"", "a\\"]);
    let key = (
        word.clone(),
        word.clone(),
        word.clone(),
        word.clone(),
        word.clone(),
    );
    let object = (
        word.clone(),
        word.clone(),
        word.clone(),
        prop::sample::select(vec!["delete", "update"]),
    );
    let because = prop::collection::btree_set(word.prop_map(str::to_owned), 0..2);
    (
        key,
        prop::collection::vec(object, 0..3),
        because,
        any::<bool>(),
    )
        .prop_map(|(key, objects, because, data_loss)| {
            // A file has neither of these empty.
            let filled = |text: &str| format!("x{text}");
            let key = Key {
                stack: filled(key.0),
                rule: filled(key.1),
                address: filled(key.2),
                cause: key.3.to_owned(),
                detail: key.4.to_owned(),
            };
            let objects = objects
                .into_iter()
                .map(|(address, id, deposed, action)| Identity {
                    deposed: deposed.to_owned(),
                    ..identity(address, action, id)
                });
            Consent {
                key,
                because,
                data_loss,
                objects: objects.collect(),
                ..Consent::default()
            }
        })
}

proptest! {
    #[test]
    fn an_approval_covers_nothing_of_another_stack_rule_address_or_reason(
        mut known in prop::collection::vec(some_consent(), 1..8),
        planned in some_consent(),
        nth in any::<prop::sample::Index>(),
        same_key in any::<bool>(),
    ) {
        if same_key {
            let nth = nth.index(known.len());
            known[nth].key = planned.key.clone();
        }
        known.sort_by(|a, b| a.key.cmp(&b.key));
        known.dedup_by(|a, b| a.key == b.key);
        let written: Vec<_> = known.iter().cloned().map(|consent| approval(consent, "why")).collect();
        let read = file::parse("f", &text(&written)).expect("whole");
        prop_assert_eq!(read.iter().map(|approval| &approval.consent).collect::<Vec<_>>(), known.iter().collect::<Vec<_>>());
        for consent in &known {
            if consent.uncovered(&planned).is_none() {
                prop_assert_eq!(&consent.key, &planned.key);
                prop_assert_eq!(&consent.because, &planned.because);
                prop_assert!(planned.objects.is_subset(&consent.objects));
                prop_assert!(consent.data_loss || !planned.data_loss);
            }
        }
    }
}
