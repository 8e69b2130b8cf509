//! The `backend` or `cloud` block of the root module.

use super::{Argument, Sources};
use crate::input::backend::{Backend, Setting};
use std::ops::Range;

/// Where a block stands: its file, and its bytes.
pub(super) type At = (usize, Range<usize>);

/// The block that counts: one in an override file replaces any other, of either kind.
pub(super) fn backend(sources: &Sources) -> Option<(Backend, At)> {
    let settings = sources.modules.first()?.of("terraform");
    let named = |argument: &&Argument| matches!(&*argument.name, "backend" | "cloud");
    let blocks = settings.flat_map(|block| block.arguments.iter().filter(named));
    let mut found: Option<(bool, Backend, At)> = None;
    for argument in blocks {
        let file = &sources.files[argument.file];
        let text = &file.text[argument.span.clone()];
        let backend = if text.starts_with(['{', '[']) {
            Backend::of_json(text.as_bytes(), argument.name == "cloud")
        } else {
            Backend::of_hcl(text)
        };
        let overrides = super::tree::is_override(&file.name);
        if let Some(backend) = backend
            && found
                .as_ref()
                .is_none_or(|(before, ..)| overrides || !before)
        {
            found = Some((overrides, backend, (argument.file, argument.span.clone())));
        }
    }
    found.map(|(_, backend, at)| (backend, at))
}

/// What the block says and what `terraform init` or the plan file knows, which is more; of another kind of backend it
/// knows what was, before the block was changed.
pub(super) fn unite(block: Option<Backend>, known: Option<Backend>) -> Option<Backend> {
    match (block, known) {
        (Some(block), Some(mut known)) if block.kind == known.kind => {
            let told = block
                .settings
                .into_iter()
                .filter(|(_, value)| *value != Setting::Other);
            known.settings.extend(told);
            Some(known)
        }
        (Some(block), _) => Some(block),
        (None, known) => known,
    }
}
