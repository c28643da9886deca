//! `fairlead manifests --against`: asks a portal what a revision would change in a cluster, before it is merged.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use reqwest::StatusCode;
use serde_json::{Value, json};
use url::Url;

use super::Form;
use crate::rest::portal::plan::{Difference, Plan, Step};

/// The server fetches, reads and compares; it gives up itself before this.
const TIMEOUT: Duration = Duration::from_mins(2);
/// There is something to do; what the exit code of `diff` is 1 for would be an error here.
const CHANGES: u8 = 2;

/// A plan by a portal, in place of a repository that is read here.
#[derive(Debug, Args)]
pub(super) struct Against {
    /// Configuration whose own repository is read, on the server: subscription/resource group/cluster/name.
    #[arg(
        id = "against",
        long = "against",
        value_name = "PATH",
        requires_all = ["revision", "portal", "token_file"]
    )]
    pub(super) configuration: Option<String>,
    /// Branch or commit to plan.
    #[arg(long, value_name = "REVISION", requires = "against")]
    revision: Option<String>,
    /// Address of the portal.
    #[arg(long, value_name = "URL", requires = "against")]
    portal: Option<Url>,
    /// File with a token whose owner may change the configuration.
    #[arg(long, value_name = "FILE", requires = "against")]
    token_file: Option<PathBuf>,
    /// `connectedClusters` or `managedClusters`, where clusters of both types have this name.
    #[arg(long, value_name = "TYPE", requires = "against")]
    cluster_type: Option<String>,
}

/// Exit code 0 when nothing would change, 2 when something would, 1 when it cannot be told.
pub(super) async fn run(command: Against, form: Form) -> anyhow::Result<ExitCode> {
    let Against { configuration, revision, portal, token_file, cluster_type } = command;
    let (configuration, revision) = (configuration.unwrap_or_default(), revision.unwrap_or_default());
    let portal = portal.context("--portal is missing")?;
    let file = token_file.context("--token-file is missing")?;
    let token = std::fs::read_to_string(&file)
        .with_context(|| format!("the token file {} cannot be read", file.display()))?;
    let address = address(&portal, &configuration, cluster_type.as_deref())?;
    let plan = ask(address, token.trim(), &revision).await?;
    print(form, &plan)?;
    Ok(if plan.changes { ExitCode::from(CHANGES) } else { ExitCode::SUCCESS })
}

fn address(portal: &Url, against: &str, cluster_type: Option<&str>) -> anyhow::Result<Url> {
    let names: Vec<&str> = against.split('/').collect();
    let [subscription, group, cluster, configuration] = names.as_slice() else {
        bail!("--against is subscription/resource group/cluster/name, not {against:?}");
    };
    let mut address = portal.clone();
    address
        .path_segments_mut()
        .map_err(|()| anyhow::anyhow!("--portal is the address of a portal, not {portal}"))?
        .pop_if_empty()
        .extend(["api", "v1", "subscriptions", subscription, "resourceGroups", group])
        .extend(["clusters", cluster, "configurations", configuration, "plan"]);
    if let Some(cluster_type) = cluster_type {
        address.query_pairs_mut().append_pair("clusterType", cluster_type);
    }
    Ok(address)
}

async fn ask(address: Url, token: &str, revision: &str) -> anyhow::Result<Plan> {
    let portal = address.origin().ascii_serialization();
    // A token goes to the portal that was named, and nowhere else.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .context("no HTTP client can be made")?;
    let request = client.post(address).bearer_auth(token).json(&json!({ "revision": revision }));
    let response = request.send().await.with_context(|| format!("the portal {portal} does not answer"))?;
    let status = response.status();
    let text = response.text().await.with_context(|| format!("the answer of {portal} broke off"))?;
    if status == StatusCode::OK {
        return serde_json::from_str(&text)
            .with_context(|| format!("{portal} answered something else than a plan"));
    }
    let error: Value = serde_json::from_str(&text).unwrap_or_default();
    let said = |field: &str| error["error"][field].as_str().unwrap_or_default().to_owned();
    let details = error["error"]["details"].as_array().into_iter().flatten();
    let details: Vec<&str> = details.filter_map(|detail| detail["message"].as_str()).collect();
    bail!("{portal} answered {status} {}: {} {}", said("code"), said("message"), details.join(" "))
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(form: Form, plan: &Plan) -> anyhow::Result<()> {
    match form {
        Form::Json => println!("{}", serde_json::to_string_pretty(plan)?),
        Form::Table => {
            println!("revision {}", plan.revision);
            for step in &plan.steps {
                println!("{}", line(step));
                for Difference { path, before, after } in &step.fields {
                    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                    println!("    {path}: {} -> {}", value(before), value(after));
                }
            }
            for warning in &plan.warnings {
                println!("warning: {warning}");
            }
        }
    }
    Ok(())
}

/// A sign as in a patch first, so that eyes and `grep` find what changes.
fn line(step: &Step) -> String {
    let Step { action, group, kind, namespace, name, place, message, fields: _ } = step;
    let sign = match action.as_str() {
        "Create" => '+',
        "Configure" => '~',
        "Delete" => '-',
        "Skip" => '!',
        _ => ' ',
    };
    let kind = if group.is_empty() { kind.clone() } else { format!("{kind}.{group}") };
    let name = namespace.as_ref().map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}"));
    let message = message.as_ref().map(|message| format!("  {message}")).unwrap_or_default();
    format!("{sign} {kind:<32} {name:<40} {place}{message}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_named_by_its_four_names() {
        let portal: Url = "https://fairlead.example.com/base/".parse().expect("an address");
        let address = address(&portal, "s/my group/c/n", Some("managedClusters")).expect("an address");
        assert_eq!(
            address.as_str(),
            "https://fairlead.example.com/base/api/v1/subscriptions/s/resourceGroups/my%20group/clusters/c/\
             configurations/n/plan?clusterType=managedClusters"
        );
        assert!(super::address(&portal, "s/g/c", None).is_err());
    }

    #[test]
    fn a_step_is_one_line_that_begins_with_what_happens() {
        let step = Step {
            action: "Configure".to_owned(),
            group: "apps".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: Some("team-a".to_owned()),
            name: "web".to_owned(),
            place: "web.yaml:1".to_owned(),
            message: None,
            fields: Vec::new(),
        };
        let line = line(&step);
        assert!(
            line.starts_with("~ Deployment.apps")
                && line.ends_with("team-a/web                               web.yaml:1"),
            "{line:?}"
        );
    }
}
