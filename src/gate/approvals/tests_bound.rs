//! What consents are bound to.

use super::tests::{approval, consent, identity, refused, text, whole};
use super::{Consent, file};
use crate::finding::Identity;

#[test]
fn keys_that_stand_in_the_wrong_place_or_number_are_refused() {
    let whole = whole();
    let late = whole
        .replace("version = 1", "")
        .replace("rule = ", "version = 1\nrule = ");
    assert!(refused(&late).contains("too late"));
    let more = whole.replace("action = ", "beside = [\"a\"], action = ");
    assert!(refused(&more).contains("for each of the anchors"));
}

/// A consent to the destroy of an object that is told by what stands beside it.
fn beside(directory: Option<&str>, anchors: &[(&str, &str)]) -> Consent {
    let text = |text: &str| text.to_owned();
    let object = Identity {
        beside: anchors
            .iter()
            .map(|(a, hash)| (text(a), text(hash)))
            .collect(),
        ..identity("aws_x.y[0]", "delete", "")
    };
    Consent {
        anchors: anchors.iter().map(|(anchor, _)| text(anchor)).collect(),
        directory: directory.map(text),
        ..consent(&[object])
    }
}

#[test]
fn a_consent_holds_where_it_was_given_and_one_anchor_is_enough_to_tell() {
    let known = beside(Some("dev"), &[("a", "1"), ("b", "2"), ("c", "3")]);
    let differs = |planned: &Consent| known.uncovered(planned).unwrap_or_default();
    assert_eq!(differs(&known), "");
    assert_eq!(differs(&beside(Some("dev"), &[("b", "2")])), "");
    assert_eq!(
        differs(&beside(Some("prod"), &[("b", "2")])),
        "it was given for dev"
    );
    assert_eq!(
        differs(&beside(None, &[("b", "2")])),
        "it was given for dev"
    );
    assert_eq!(
        differs(&beside(Some("dev"), &[])),
        "it was given for another state"
    );
    assert_eq!(
        differs(&beside(Some("dev"), &[("b", "9")])),
        "aws_x.y[0] is another object by now"
    );
    // What a file of before does not say is not asked.
    let old = consent(&[identity("aws_x.y[0]", "delete", "")]);
    assert_eq!(
        old.uncovered(&Consent {
            directory: Some("dev".to_owned()),
            ..old.clone()
        }),
        None
    );
}

#[test]
fn a_guard_that_is_gone_and_another_attribute_are_not_covered() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let object = |action, guards: &[&str], changes: &[&str]| Identity {
        guards: words(guards),
        changes: words(changes),
        ..identity("a", action, "1")
    };
    let differs = |was: Identity, is: Identity| consent(&[was]).uncovered(&consent(&[is]));
    let guarded = || object("delete", &["deletion_protection"], &[]);
    assert_eq!(differs(guarded(), guarded()), None);
    assert_eq!(differs(object("delete", &[], &[]), guarded()), None);
    assert_eq!(
        differs(guarded(), object("delete", &[], &[])).as_deref(),
        Some("deletion_protection stood against it on a and does no more")
    );
    let changes = |changes| object("update", &[], changes);
    assert_eq!(differs(changes(&["tags.a"]), changes(&["tags.a"])), None);
    assert_eq!(differs(changes(&[]), changes(&["tags.a"])), None);
    assert_eq!(
        differs(changes(&["tags.a"]), changes(&["ingress", "tags.a"])).as_deref(),
        Some("on a it was to change tags.a, and it changes ingress, tags.a")
    );
}

#[test]
fn stacks_of_one_name_have_an_approval_each_and_one_stack_has_one() {
    let of = |consent| approval(consent, "why");
    let (dev, prod) = (beside(Some("dev"), &[]), beside(Some("prod"), &[]));
    let (one, other) = (beside(None, &[("a", "1")]), beside(None, &[("b", "2")]));
    for (first, second) in [(dev.clone(), prod), (one.clone(), other)] {
        let written = text(&[of(first), of(second)]);
        let read = file::parse("f", &written).expect(&written);
        assert_eq!(text(&read.iter().cloned().collect::<Vec<_>>()), written);
    }
    let grown = beside(None, &[("a", "1"), ("b", "2")]);
    let shown = refused(&text(&[of(one.clone()), of(grown.clone())]));
    assert!(shown.contains("also approved"), "{shown}");
    let mut known = file::parse("f", &text(&[of(one)])).expect("one");
    known.replace(of(grown));
    known.replace(of(dev));
    assert_eq!(known.iter().count(), 1, "of what is not bound nobody knows");
}
