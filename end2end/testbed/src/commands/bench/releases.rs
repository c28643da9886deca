//! What Helm releases cost: the first install, and a look that finds nothing new.

use std::time::Duration;

use serde_json::Value;
use testbed::{Browser, Cluster, ConfigurationFields, GitServer, Portal};

use super::meter::Meter;
use super::report::{print, say};

/// Where the releases and what they make are.
const NAMESPACE: &str = "bench-releases";
/// Between two looks at a release, in seconds.
const INTERVAL: u64 = 20;
/// A first install of many releases takes minutes; what takes longer than this will not come.
const LIMIT: Duration = Duration::from_mins(20);

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  key: {{ .Values.key | quote }}\n---\n\
                        apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector:\n    app: {{ .Release.Name }}\n  ports:\n    - port: 80\n";

/// Prints the figures.
pub(super) async fn measure(size: usize) -> anyhow::Result<()> {
    let (cluster, git, portal) = tokio::try_join!(Cluster::start(), GitServer::start(), Portal::start())?;
    let repository = git.repository_named("bench/releases").await?;
    let mut change = repository
        .change()
        .write("charts/web/Chart.yaml", CHART)
        .write("charts/web/values.yaml", "key: value\n")
        .write("charts/web/templates/all.yaml", TEMPLATE)
        .write(
            "namespace.yaml",
            format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {NAMESPACE}\n"),
        );
    for number in 0..size {
        change = change.write(&format!("releases/{number}.yaml"), release(number, repository.url()));
    }
    change.commit("Add the releases").await?;
    let browser = portal.sign_in().await?;
    let id = browser.connect_cluster(&cluster.kubeconfig(), "default", "bench").await?;
    let none = |_: &str, _: &str| false;

    say(format_args!("{size} Helm releases: first install"));
    let helm = helm_processes(&browser).await?;
    let meter = Meter::start(&cluster, &portal).await?;
    let fields = ConfigurationFields::named_apart("releases", repository.url())?
        .with("enable_helm_operator", "true")
        .with("chart_values", &format!("--set helm.versions=v3 --set chartsSyncInterval={INTERVAL}s"));
    browser.add_configuration(&id, &fields).await?;
    until_released(&cluster, size).await?;
    let first = meter.stop(&cluster, &portal, none).await?;
    let installed = helm_processes(&browser).await?;

    say(format_args!("{size} Helm releases: one look at each"));
    // What the installs have left to be written down.
    tokio::time::sleep(Duration::from_secs(INTERVAL + 5)).await;
    let before = helm_processes(&browser).await?;
    let meter = Meter::start(&cluster, &portal).await?;
    tokio::time::sleep(Duration::from_secs(INTERVAL)).await;
    let calm = meter.stop(&cluster, &portal, none).await?;
    let after = helm_processes(&browser).await?;
    print(&format!(
        "
{size} Helm releases of 2 objects, one chart in the configuration's repository
  first install       {first}; helm processes {}
  nothing new, {INTERVAL} s   {calm}; helm processes {}
  peak memory of the portal's process {} MiB",
        installed - helm,
        after - before,
        portal.usage()?.peak_memory / (1024 * 1024),
    ));
    Ok(())
}

fn release(number: usize, url: &str) -> String {
    format!(
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata:\n  name: app-{number}\n  namespace: {NAMESPACE}\nspec:\n  \
         releaseName: app-{number}\n  chart:\n    git: {url}\n    ref: main\n    path: charts/web\n"
    )
}

async fn until_released(cluster: &Cluster, size: usize) -> anyhow::Result<()> {
    let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{NAMESPACE}/helmreleases");
    let all = async {
        loop {
            let list = cluster.object(&path).await?.unwrap_or_default();
            let items = list["items"].as_array().cloned().unwrap_or_default();
            let released = |object: &&Value| object["status"]["phase"] == "Succeeded";
            if items.iter().filter(released).count() >= size {
                return anyhow::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(LIMIT, all).await?
}

/// Processes of helm that the portal has started.
async fn helm_processes(browser: &Browser) -> anyhow::Result<u64> {
    let metrics = browser.get("/metrics").await?.body;
    let line = metrics.lines().find_map(|line| line.strip_prefix("fairlead_helm_processes_total "));
    Ok(line.and_then(|number| number.trim().parse().ok()).unwrap_or_default())
}
