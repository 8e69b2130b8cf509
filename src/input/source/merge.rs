//! Merges override files into the blocks they override.

use super::block::{Argument, Block};

/// Adds the blocks of a file. Those of an override file replace arguments of the block of the same name, one by
/// one; nested blocks of a type replace all of that type (Terraform 1.11, `configs/module_merge.go`).
pub(super) fn merge(blocks: &mut Vec<Block>, added: Vec<Block>, overrides: bool) {
    for block in added {
        let same =
            |other: &&mut Block| other.keyword == block.keyword && other.labels == block.labels;
        let original = if overrides && block.keyword != "locals" {
            blocks.iter_mut().find(same)
        } else {
            None
        };
        match original {
            Some(original) => replace(original, block.arguments),
            None => blocks.push(block),
        }
    }
}

fn replace(original: &mut Block, arguments: Vec<Argument>) {
    // `depends_on` may not be overridden, and of `lifecycle` only these three are.
    let may = |name: &str| match name.strip_prefix("lifecycle.") {
        Some(inner) => matches!(
            inner,
            "ignore_changes" | "prevent_destroy" | "create_before_destroy"
        ),
        None => name != "depends_on",
    };
    let arguments: Vec<_> = arguments
        .into_iter()
        .filter(|argument| may(&argument.name))
        .collect();
    original
        .arguments
        .retain(|old| !arguments.iter().any(|new| new.name == old.name));
    original.arguments.extend(arguments);
}

#[cfg(test)]
mod tests {
    use super::super::{block, scan};
    use super::merge;
    use crate::input::source::block::Block;

    fn blocks(text: &str, file: usize) -> Vec<Block> {
        let header = scan::headers(text).0.remove(0);
        let arguments = block::arguments(text, 0, file).expect("HCL");
        vec![Block {
            keyword: header.keyword,
            labels: header.labels,
            file,
            head: header.head,
            whole: header.whole,
            arguments,
        }]
    }

    #[test]
    fn an_override_replaces_arguments_one_by_one() {
        let mut found = blocks(
            "resource \"a\" \"b\" {\n x = var.old\n y = var.kept\n depends_on = [a.q]\n}",
            0,
        );
        merge(
            &mut found,
            blocks(
                "resource \"a\" \"b\" {\n x = var.new\n depends_on = [a.z]\n}",
                1,
            ),
            true,
        );
        assert_eq!(found.len(), 1);
        let texts: Vec<_> = found[0]
            .arguments
            .iter()
            .flat_map(|a| &a.references)
            .map(|r| &*r.0.text)
            .collect();
        assert_eq!(texts, ["var.kept", "a.q", "var.new"]);
    }

    #[test]
    fn a_block_of_the_same_name_elsewhere_is_another_block() {
        let mut found = blocks("locals {\n x = var.a\n}", 0);
        merge(&mut found, blocks("locals {\n y = var.b\n}", 1), false);
        assert_eq!(found.len(), 2);
    }
}
