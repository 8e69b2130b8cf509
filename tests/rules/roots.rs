//! What a replacement is blamed on.

use crate::{common, only};
use common::check_with;

#[test]
fn values_that_a_provider_computes_in_a_new_block_hide_no_edit() {
    let case = "planned-replace/flags-block-with-computed-values";
    let finding = only(case);
    assert_eq!(finding.facts["attributes"][0], "ebs_block_device");
    assert_eq!(finding.cause, Some("attribute"));
    let dir = common::root().join("fixtures").join(case);
    let with_sources = check_with(&dir, Some("planned-replace"), true);
    assert_eq!(with_sources.findings[0].message, finding.message);
    assert!(!finding.message.contains("function"), "{}", finding.message);
}

/// The plan has what stands literally in a call: where the new word is in it, somebody wrote it there.
#[test]
fn a_word_that_stands_in_the_call_of_a_module_was_edited_there() {
    let case = common::root().join("fixtures/planned-replace/flags-word-in-a-call");
    let report = check_with(&case, Some("planned-replace"), true);
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.address, "module.shop.var.env");
    let place = finding.location.as_ref().expect("a place");
    assert!(place.file.ends_with("after/main.tf"), "{}", place.file);
    assert_eq!(place.line, 3);
}
