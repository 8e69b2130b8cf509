//! Reads binary plan files, `terraform plan -out=tfplan`: the sources in them as they stand, the plan itself by
//! asking the program that wrote it.

use super::backend::planned;
use super::document::{self, Document};
use super::json::parts::{elements, get, text_or_none};
use super::plan::ReadOptions;
use super::source::{Archive, Sources};
use crate::error::Error;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use zip::ZipArchive;

/// More source text than this is no configuration: an archive may unpack to any size.
const LARGEST: u64 = 256 << 20;
/// How much of what a program complains about is shown.
const COMPLAINT: usize = 4_000;

/// Whether a file is a zip archive, as plan files are.
pub(super) fn is_one(path: &str) -> bool {
    let mut head = [0; 4];
    // What is taken out of a pipe is gone for who reads it next.
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file())
        && File::open(path)
            .is_ok_and(|mut file| file.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04")
}

/// The sources in a plan file; none when it holds none, or is damaged.
pub(super) fn sources(path: &str) -> Option<Sources> {
    let mut archive = ZipArchive::new(File::open(path).ok()?).ok()?;
    let mut found = Archive::default();
    let mut left = LARGEST;
    for nth in 0..archive.len() {
        let mut entry = archive.by_index(nth).ok()?;
        let name = entry.name().ok()?.into_owned();
        let Some(inside) = name.strip_prefix("tfconfig/") else {
            if name == "tfplan" {
                found.backend = planned(entry);
            }
            continue;
        };
        let mut text = String::new();
        // A file that is no text is none of Terraform's.
        let Ok(read) = entry.by_ref().take(left).read_to_string(&mut text) else {
            continue;
        };
        left -= read as u64;
        // `tfconfig/m-net.leaf/main.tf`; the root module is `m-`.
        if let Some((key, file)) = inside
            .strip_prefix("m-")
            .and_then(|rest| rest.split_once('/'))
        {
            let files = found.modules.entry(key.to_owned()).or_default();
            files.push((file.to_owned(), text));
        } else if inside == "modules.json" {
            found.directories = directories(text.as_bytes());
        }
    }
    (!found.modules.is_empty()).then(|| Sources::of_archive(found))
}

/// Where the modules were when the plan was made.
fn directories(raw: &[u8]) -> BTreeMap<String, String> {
    let text = |entry, key| get(entry, key).and_then(text_or_none).map(Cow::into_owned);
    let directory = |entry| Some((text(entry, "Key")?, text(entry, "Dir")?));
    elements(raw).flatten().filter_map(directory).collect()
}

/// Reads a plan file: its document comes from `terraform show -json`, or `tofu`'s.
///
/// # Errors
/// No such program is there, or it fails: then with what it says.
pub(super) fn read(
    path: &str,
    program: Option<&Path>,
    options: &ReadOptions,
) -> Result<Vec<Document>, Error> {
    let sources = sources(path).map(Arc::new);
    let mut options = options.clone();
    if let Some(sources) = &sources {
        options.sources = Some(Arc::new(super::source::configuration(
            sources,
            &mut super::names::Names::default(),
        )));
    }
    let mut documents = shown(path, program, &options)?;
    for document in &mut documents {
        document.sources.clone_from(&sources);
    }
    Ok(documents)
}

/// What `show -json` prints, read while it is printed.
fn shown(
    path: &str,
    program: Option<&Path>,
    options: &ReadOptions,
) -> Result<Vec<Document>, Error> {
    let (program, mut child) = start(path, program)?;
    let complaint = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            // The rest is passed over, so that the program does not wait for a reader.
            let _ = stderr
                .by_ref()
                .take(COMPLAINT as u64)
                .read_to_end(&mut text);
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            String::from_utf8_lossy(&text).into_owned()
        })
    });
    let output = child
        .stdout
        .take()
        .map(|stdout| document::from_reader(Box::new(stdout), path, options));
    let status = child.wait();
    let complaint = complaint
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default();
    match (status, output) {
        (Ok(status), Some(output)) if status.success() => output,
        _ => Err(Error::new(format!("{program} show -json {path} failed: {}", plain(&complaint)))
            .help("run it where terraform init was run, or give its output: terraform show -json tfplan > plan.json")),
    }
}

/// Starts the first program there is. It must run where the providers are installed: in the working directory, or
/// else beside the plan file.
fn start(path: &str, program: Option<&Path>) -> Result<(String, std::process::Child), Error> {
    let candidates: Vec<PathBuf> = match program {
        Some(program) => vec![program.to_path_buf()],
        None => vec!["terraform".into(), "tofu".into()],
    };
    let file = std::fs::canonicalize(path)
        .map_err(|error| Error::new(format!("cannot read {path}: {error}")))?;
    let initialised = |dir: &Path| dir.join(".terraform").is_dir();
    let beside = file
        .parent()
        .filter(|dir| !initialised(Path::new(".")) && initialised(dir));
    let mut failure = None;
    for candidate in candidates {
        let mut command = Command::new(&candidate);
        command.args(["show", "-json", "-no-color"]).arg(&file);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        if let Some(dir) = beside {
            command.current_dir(dir);
        }
        match command.spawn() {
            Ok(child) => return Ok((candidate.display().to_string(), child)),
            Err(error) => failure = Some(format!("{}: {error}", candidate.display())),
        }
    }
    let failure = failure.unwrap_or_default();
    Err(Error::new(format!("{path} is a binary plan file, and the program that reads it did not start: {failure}"))
        .help("name it with --terraform PATH, or give its output: terraform show -json tfplan > plan.json"))
}

/// A complaint without the terminal codes and frames that programs draw around it.
fn plain(complaint: &str) -> String {
    let text = anstream::adapter::strip_str(complaint).to_string();
    let lines = text
        .lines()
        .map(|line| line.trim_matches(['│', '╷', '╵', ' ']));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::{is_one, plain, read, sources};
    use crate::input::plan::ReadOptions;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    fn plan_file(entries: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut zip = zip::ZipWriter::new(file.reopen().expect("the file"));
        for (name, text) in entries {
            zip.start_file(*name, SimpleFileOptions::default())
                .expect("an entry");
            zip.write_all(text.as_bytes()).expect("written");
        }
        zip.finish().expect("finished");
        file
    }

    #[test]
    fn the_sources_of_every_module_are_found_in_a_plan_file() {
        let file = plan_file(&[
            ("tfplan", "x"),
            (
                "tfconfig/m-/main.tf",
                "module \"net\" {\n  source = \"./net\"\n}\n",
            ),
            (
                "tfconfig/modules.json",
                r#"[{"Key":"","Dir":"."},{"Key":"net","Source":"./net","Dir":"modules/net"}]"#,
            ),
            (
                "tfconfig/m-net/main.tf",
                "resource \"aws_vpc\" \"main\" {}\n",
            ),
        ]);
        let path = file.path().to_str().expect("a path");
        assert!(is_one(path));
        let sources = sources(path).expect("sources");
        let net = sources.module(["net"]).expect("module.net");
        assert_eq!(sources.modules[net].blocks[0].labels, ["aws_vpc", "main"]);
        assert_eq!(sources.files[0].name, "main.tf");
        assert_eq!(sources.files[1].name, "modules/net/main.tf");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let file = plan_file(&[("tfplan", "x")]);
        let path = file.path().to_str().expect("a path");
        let error = read(
            path,
            Some("/nowhere/terraform".as_ref()),
            &ReadOptions::default(),
        )
        .expect_err("no program");
        assert!(error.message().contains("/nowhere/terraform"), "{error}");
    }

    #[test]
    fn complaints_lose_their_frames() {
        assert_eq!(
            plain("\u{1b}[31m╷\n│ Error: no\n│ \n╵\u{1b}[0m\n"),
            "Error: no"
        );
    }
}
