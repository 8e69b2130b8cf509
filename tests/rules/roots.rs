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
