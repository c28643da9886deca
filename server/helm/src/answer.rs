//! What helm says: releases and histories as JSON, and faults as text.

use engine::port::helm::{Deployed, HelmError, HelmFault, Revision};
use serde::Deserialize;
use serde_json::Value;

/// Of what a failed call wrote, so many lines are told, from the end, where the cause is.
const TOLD_LINES: usize = 12;
/// And so many characters.
const TOLD_CHARACTERS: usize = 1_500;
/// Stands before each function that a template calls on the way to what failed.
const STEP: &str = ": error calling ";
/// A longer way than this is told by its beginning and its end.
const TOLD_STEPS: usize = 4;
/// How the program ends when it gets no more memory; what it writes then is about its own insides.
const OUT_OF_MEMORY: [&str; 3] = [
    "fatal error: runtime: cannot allocate memory",
    "fatal error: runtime: out of memory",
    "fatal error: stack overflow",
];
/// Longest notes that are kept.
const NOTES_CHARACTERS: usize = 16 * 1024;

/// A release, as `upgrade` and `status` print it.
#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    info: Info,
    #[serde(default)]
    manifest: String,
    #[serde(default)]
    config: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    status: String,
    notes: String,
}

/// An entry of `history`.
#[derive(Deserialize)]
struct Entry {
    revision: u32,
    #[serde(default)]
    updated: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    chart: String,
    #[serde(default)]
    app_version: String,
    #[serde(default)]
    description: String,
}

/// A release.
pub(crate) fn release(stdout: &[u8]) -> Result<Deployed, HelmError> {
    let Release { version, info, manifest, config } = json(stdout)?;
    let notes = info.notes.chars().take(NOTES_CHARACTERS).collect();
    Ok(Deployed { revision: version, status: info.status, notes, manifest, values: config })
}

/// A history, oldest first.
pub(crate) fn history(stdout: &[u8]) -> Result<Vec<Revision>, HelmError> {
    let mut entries: Vec<Entry> = json(stdout)?;
    entries.sort_by_key(|entry| entry.revision);
    let read = |entry: Entry| {
        let Entry { revision, updated, status, chart, app_version, description } = entry;
        // `Upgrade "web" failed: …`: what was refused may quote a value, also one of a Secret.
        let (description, _) = description.split_once(": ").unwrap_or((&description, ""));
        Revision { revision, updated, status, chart, app_version, description: told(description) }
    };
    Ok(entries.into_iter().map(read).collect())
}

/// Text that helm printed, fit to be shown.
pub(crate) fn text(bytes: &[u8]) -> String {
    told(&String::from_utf8_lossy(bytes))
}

/// Why a call failed, in helm's words. Warnings that come before the error say nothing about it.
pub(crate) fn refusal(stderr: &[u8]) -> HelmError {
    let said = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = said.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| OUT_OF_MEMORY.contains(line)) {
        let message = "helm needed more memory than it may have: the chart is too large, or a template of it \
                       includes itself without end";
        return HelmError::new(HelmFault::Refused, message);
    }
    let begin = lines.iter().position(|line| line.starts_with("Error: ")).unwrap_or_default();
    let text = told(&shortened(&lines[begin..].join("\n")));
    let text = text.strip_prefix("Error: ").unwrap_or(&text);
    let message = if text.is_empty() { "helm failed and did not say why" } else { text };
    HelmError::new(HelmFault::Refused, message)
}

fn json<T: serde::de::DeserializeOwned>(stdout: &[u8]) -> Result<T, HelmError> {
    serde_json::from_slice(stdout).map_err(|_| {
        HelmError::new(HelmFault::Internal, "helm answered something that is not a release as JSON")
    })
}

/// A template that includes itself is on its way a thousand times, and the cause stands at the end. It is cut where
/// nothing of a value stands: what is hidden later is found whole.
fn shortened(text: &str) -> String {
    let steps: Vec<&str> = text.split(STEP).collect();
    match steps[..] {
        [first, .., last] if steps.len() > TOLD_STEPS => format!("{first}{STEP}… {last}"),
        _ => text.to_owned(),
    }
}

fn told(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(TOLD_LINES)..].join("\n");
    last.chars()
        .filter(|character| !character.is_control() || *character == '\n')
        .take(TOLD_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_from_what_helm_prints() {
        let printed = br#"{"name":"web","info":{"status":"deployed","notes":"Hello"},"manifest":"---\nkind: A\n","version":3,
            "config":{"a":1},"namespace":"ns"}"#;
        let release = release(printed).unwrap();
        assert_eq!(
            (release.revision, release.status.as_str(), release.notes.as_str()),
            (3, "deployed", "Hello")
        );
        assert_eq!(
            (release.manifest.as_str(), release.values),
            ("---\nkind: A\n", serde_json::json!({"a": 1}))
        );
    }

    #[test]
    fn of_a_revision_that_failed_it_is_not_told_what_was_refused() {
        let printed = br#"[{"revision":2,"description":"Upgrade \"web\" failed: data[hunter2]: Invalid value: \"hunter2\""},
            {"revision":1,"description":"Install complete"}]"#;
        let told: Vec<String> =
            history(printed).unwrap().into_iter().map(|revision| revision.description).collect();
        assert_eq!(told, ["Install complete", "Upgrade \"web\" failed"]);
    }

    #[test]
    fn a_refusal_is_told_without_the_warnings_before_it() {
        let said = b"WARNING: something\nError: UPGRADE FAILED: cannot patch \"x\"\nmore\x07\n";
        assert_eq!(refusal(said).message, "UPGRADE FAILED: cannot patch \"x\"\nmore");
        assert_eq!(refusal(b"").message, "helm failed and did not say why");
    }

    // S-F2
    #[test]
    fn of_a_template_that_includes_itself_the_beginning_and_the_cause_are_told() {
        let step =
            "include: template: web/templates/a.yaml:1:23: executing \"again\" at <include \"again\" .>";
        let said =
            format!("Error: template: web/templates/a.yaml:1:55{}", format!("{STEP}{step}").repeat(1_000));
        let said = format!(
            "{said}{STEP}include: rendering template has a nested reference name: again\n\nUse --debug\n"
        );
        assert_eq!(
            refusal(said.as_bytes()).message,
            "template: web/templates/a.yaml:1:55: error calling … include: rendering template has a nested reference \
             name: again\nUse --debug"
        );
    }

    #[test]
    fn a_chart_that_takes_all_memory_is_told_without_the_insides_of_helm() {
        for line in OUT_OF_MEMORY {
            let said = format!("runtime: something\n{line}\n\ngoroutine 1 [running]:\nmain.main()\n");
            assert!(refusal(said.as_bytes()).message.starts_with("helm needed more memory"), "{line}");
        }
    }
}
