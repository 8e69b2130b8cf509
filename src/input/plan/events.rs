//! What readers of plan documents are asked for, and what they tell.

use super::{Configuration, Head, Malformed};
use std::sync::Arc;

/// What the reader of a plan document is asked for beside the facts every rule needs.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The tag or label that names an object's owner.
    pub owner_tag: Option<String>,
    /// The configuration as the sources have it.
    pub sources: Option<Arc<Configuration>>,
    /// The hasher that all plans of a run share, so that what stands in one can be found in another.
    pub hasher: foldhash::fast::RandomState,
    /// The blocks that the printed graph names.
    pub printed: Option<Arc<Configuration>>,
    /// Whether objects that change are to be known again in another plan.
    pub identify: bool,
}

/// What a reader of plan documents tells, in the order of the document.
pub(crate) trait PlanEvents {
    /// A top-level value begins, behind so many bytes. It replaces an earlier one of the same key: the last one counts.
    fn begin(&mut self, key: &str, offset: u64);
    /// A top-level value that is small, or wanted whole.
    fn whole(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// `raw` begins with an element of a list like `resource_changes`; more may follow. Returns its length; after an error nothing has been taken in.
    fn element(&mut self, key: &str, raw: &[u8]) -> Result<usize, Malformed>;
    /// Whether `planned_values` holds resources.
    fn planned(&mut self, anything: bool);
    /// `raw` begins with a resource of `prior_state`, as above.
    fn state_resource(&mut self, raw: &[u8]) -> Result<usize, Malformed>;
    /// The configuration has a root module.
    fn root_module(&mut self);
    /// A member of the configuration's root module other than its calls.
    fn root_field(&mut self, key: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// A module call of the configuration's root module.
    fn root_call(&mut self, name: &str, raw: &[u8]) -> Result<(), Malformed>;
    /// The outputs of `prior_state`, or of a state.
    fn state_outputs(&mut self, raw: &[u8]) -> Result<(), Malformed>;
    /// `raw` begins with an instance of a raw state, as above.
    fn raw_instance(&mut self, head: &Head, raw: &[u8]) -> Result<usize, Malformed>;
}
