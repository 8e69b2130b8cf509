use super::{Backend, Setting, initialised, planned};
use proptest::prelude::*;
use std::fs;

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

#[test]
fn blocks_tell_what_is_kept_and_nothing_else() {
    let block = "backend \"s3\" {\n  bucket = \"b\"\n  key = \"app/${var.x}\"\n  secret_key = \"S3CR3T\"\n  use_lockfile = \"true\"\n  dynamodb_table = null\n  prefix = \"\"\n}";
    let backend = Backend::of_hcl(block).expect("a backend");
    assert_eq!((backend.kind.as_str(), backend.whole), ("s3", false));
    let settings: Vec<_> = backend.settings.into_iter().collect();
    assert_eq!(
        settings,
        [
            ("bucket".to_owned(), text("b")),
            ("key".to_owned(), Setting::Other),
            ("use_lockfile".to_owned(), Setting::Bool(true)),
        ]
    );
    let cloud = "cloud {\n  organization = \"o\"\n  workspaces {\n    name = \"app-prod\"\n  }\n}";
    let backend = Backend::of_hcl(cloud).expect("a backend");
    assert_eq!(backend.kind, "cloud");
    assert_eq!(backend.text("workspaces.name"), Some("app-prod"));
    let json = br#"[{"remote": {"token": "S3CR3T", "workspaces": [{"prefix": "app-"}]}}]"#;
    let backend = Backend::of_json(json, false).expect("a backend");
    assert_eq!(backend.kind, "remote");
    assert_eq!(backend.text("workspaces.prefix"), Some("app-"));
    assert!(!format!("{backend:?}").contains("S3CR3T"));
}

#[test]
fn init_leaves_the_whole_backend_and_the_workspace() {
    let data = tempfile::tempdir().expect("a folder");
    assert_eq!(initialised(&data.path().join("gone")), None);
    let local = initialised(data.path()).expect("initialised");
    assert_eq!((local.kind.as_str(), local.whole), ("local", true));
    assert_eq!(local.workspace.as_deref(), Some("default"));
    let record = r#"{"version":3,"backend":{"type":"http","config":{"address":"http://u:S3CR3T@h/x","lock_address":null,"password":"S3CR3T"},"hash":1}}"#;
    fs::write(data.path().join("terraform.tfstate"), record).expect("written");
    fs::write(data.path().join("environment"), "blue").expect("written");
    let http = initialised(data.path()).expect("initialised");
    assert_eq!((http.kind.as_str(), http.whole), ("http", true));
    assert!(http.text("address").is_some() && http.text("lock_address").is_none());
    assert_eq!(http.workspace.as_deref(), Some("blue"));
    fs::write(data.path().join("terraform.tfstate"), "{\"backend\": [").expect("written");
    assert_eq!(initialised(data.path()).expect("initialised").kind, "local");
}

/// As Terraform 1.11 wrote it, for `-backend-config=path=state/app-prod.tfstate` and the workspace `blue`.
const PLAN: &[u8] = b"\x08\x03\x1a\x03abc\x6a\x3d\n\x05local\x12.\n,\x82\xa4path\xb6state/app-prod.tfstate\xadworkspace_dir\xc0\x1a\x04blue\x72\x061.11.4";

#[test]
fn a_plan_file_tells_the_backend_with_all_that_init_was_told() {
    let backend = planned(PLAN).expect("a backend");
    assert_eq!((backend.kind.as_str(), backend.whole), ("local", true));
    assert_eq!(backend.text("path"), Some("state/app-prod.tfstate"));
    assert_eq!(backend.settings.len(), 1);
    assert_eq!(backend.workspace.as_deref(), Some("blue"));
}

#[test]
fn a_damaged_plan_file_tells_less_and_never_more() {
    for end in 0..PLAN.len() {
        let _ = planned(&PLAN[..end]);
    }
    assert_eq!(
        planned(&b"\x6a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"[..]),
        None
    );
    assert_eq!(planned(&[0xff; 100][..]), None);
    let deep = [
        &[0x6a, 0xd0, 0x0f, 0x12, 0xcd, 0x0f, 0x0a, 0xca, 0x0f][..],
        &[0x81, 0xa1, b'a'].repeat(700),
    ]
    .concat();
    assert_eq!(planned(&*deep), None);
}

proptest! {
    #[test]
    fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = planned(&*bytes);
        super::msgpack::each(&bytes, &mut |_, _| {});
        let text = String::from_utf8_lossy(&bytes);
        let _ = Backend::of_hcl(&text);
        let _ = Backend::of_json(&bytes, false);
    }
}
