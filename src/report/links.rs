//! Links of a report, and the hash by which what was posted is known again.

/// Where tfguard is at home.
pub(super) const HOME: &str = "https://github.com/tfguard/tfguard";

/// The page of a rule.
pub(super) fn page(rule: &str) -> String {
    format!("{HOME}/blob/main/rules/{rule}.md")
}

/// A path as a relative URI reference; one outside the working directory by its last name alone, since an
/// absolute one would make GitHub reject the whole file.
pub(super) fn uri(path: &str) -> String {
    let forward = path.replace('\\', "/");
    let path = forward.strip_prefix("./").unwrap_or(&forward);
    let outside = path.starts_with('/')
        || path.split('/').any(|part| part == "..")
        || path.get(1..3) == Some(":/");
    let path = if path == "-" {
        "plan.json"
    } else if outside {
        path.rsplit('/').next().unwrap_or(path)
    } else {
        path
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-~".contains(&b);
    path.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// FNV-1a, 64 bits: any fixed hash will do, and this one is four lines.
pub(super) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{fnv, uri};

    #[test]
    fn uris_are_relative_and_escaped() {
        assert_eq!(uri("./a b/plan.json"), "a%20b/plan.json");
        assert_eq!(uri("/abs/plan.json"), "plan.json");
        assert_eq!(uri("../x/plan.json"), "plan.json");
        assert_eq!(uri("C:\\x\\plan.json"), "plan.json");
        assert_eq!(uri("module.x:1"), "module.x%3A1");
        assert_eq!(uri("-"), "plan.json");
    }

    #[test]
    fn the_hash_is_the_one_that_earlier_runs_used() {
        assert_eq!(fnv("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
