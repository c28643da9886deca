//! Bases on other hosts, which are in memory here; that a real host is read so, `source` and the whole server prove.

use super::*;

/// What an administrator lists in these tests.
const HOSTS: &str = "git.example, other.example:8443";

fn allowing(bases: &MemoryBases) -> Generator {
    let remote_hosts = RemoteHosts::parse(HOSTS).expect("hosts");
    Generator::new(Settings { remote_hosts, ..settings() }, Arc::new(bases.clone()))
}

/// The repository of a configuration with one entry in its only kustomization.
fn naming(entry: &str) -> MemoryTree {
    MemoryTree::new(&[
        ("prod/.flux.yaml", &flux_yaml(&["kustomize build ."])),
        ("prod/kustomization.yaml", &format!("resources: ['{entry}']\nnamespace: prod\n")),
    ])
}

/// A repository with a kustomization in its folder `deploy`.
fn base(kustomization: &str) -> MemoryTree {
    MemoryTree::new(&[
        ("deploy/kustomization.yaml", kustomization),
        ("deploy/map.yaml", &map("settings")),
        ("secret/kustomization.yaml", "resources: [map.yaml]\n"),
        ("secret/map.yaml", &map("secret")),
    ])
}

async fn printed_with(generator: &Generator, tree: MemoryTree) -> Result<String, String> {
    let generation = generate_with(generator, tree, &["prod"], PATIENCE).await;
    let generation = generation.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&generation.generated[0].bytes).into_owned())
}

/// The sentence about an entry that leads to a base with this kustomization.
async fn failure_of_base(kustomization: &str) -> String {
    let bases = MemoryBases::default();
    bases.put("https://git.example/team/base", base(kustomization));
    printed_with(&allowing(&bases), naming("https://git.example/team/base//deploy")).await.unwrap_err()
}

#[tokio::test]
async fn a_base_on_an_allowed_host_is_built_like_one_of_the_repository() {
    let bases = MemoryBases::default();
    bases.put("https://git.example/team/base?ref=v1", base("resources: [map.yaml]\nnamePrefix: v1-\n"));
    let entry = "https://git.example/team/base//deploy?ref=v1";
    let printed = printed_with(&allowing(&bases), naming(entry)).await.unwrap();
    assert!(printed.contains("  name: v1-settings\n  namespace: prod\n"), "{printed}");
}

#[tokio::test]
async fn bases_of_bases_are_read_and_each_repository_once() {
    let bases = MemoryBases::default();
    let middle =
        "resources: ['https://other.example:8443/team/end//deploy', ../local]\nnamePrefix: middle-\n";
    let tree = base(middle).file("local/kustomization.yaml", "resources: [map.yaml]\n");
    bases.put("https://git.example/team/base", tree.file("local/map.yaml", &map("local")));
    bases.put("https://other.example:8443/team/end", base("resources: [map.yaml]\n"));
    let tree = naming("https://git.example/team/base//deploy").file(
        "prod/kustomization.yaml",
        "resources: ['https://git.example/team/base//deploy', 'https://git.example/team/base//secret']\n",
    );
    let printed = printed_with(&allowing(&bases), tree).await.unwrap();
    for name in ["middle-settings", "middle-local", "secret"] {
        assert!(printed.contains(&format!("  name: {name}\n")), "{name}: {printed}");
    }
    assert_eq!(bases.asked(), ["https://git.example/team/base", "https://other.example:8443/team/end"]);
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_refused_by_name_with_the_setting_that_would_allow_it() {
    // S-A5, S-E3
    let bases = MemoryBases::default();
    for (entry, host) in [
        ("https://elsewhere.example/a/b//c", "elsewhere.example"),
        ("https://git.example:8443/a/b//c", "git.example:8443"),
        ("http://git.example/a/b//c", "git.example:80"),
        ("github.com/a/b//c", "github.com"),
    ] {
        let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
        let words = format!("prod/kustomization.yaml names {entry}, which is on another host");
        assert!(error.contains(&words), "{error}");
        let words = format!("may allow the host {host} with the setting `generate_remote_hosts`");
        assert!(error.contains(&words), "{error}");
    }
    assert!(bases.asked().is_empty(), "nobody is asked for what is refused");
}

#[tokio::test]
async fn a_base_leads_only_to_allowed_hosts_and_not_out_of_its_own_repository() {
    // S-A5, S-E3
    for (kustomization, words) in [
        ("resources: [../../outside]\n", "names ../../outside, which leaves that repository"),
        ("resources: [../../../repository/prod]\n", "which leaves that repository"),
        ("components: [/etc]\n", "names /etc, which leaves that repository"),
        ("bases: ['https://elsewhere.example/a/b']\n", "may allow the host elsewhere.example"),
        ("resources: ['git@git.example:a/b']\n", "over http(s) alone"),
        ("resources: ['https://git.example/x.yaml']\n", "only folders of Git repositories"),
        ("patches: [{path: 'https://git.example/p.yaml'}]\n", "a generator has no network"),
        ("Resources: [../../../repository/prod]\n", "has a field Resources, which is not written so"),
        ("RESOURCES: ['https://elsewhere.example/a/b']\n", "has a field RESOURCES"),
    ] {
        let error = failure_of_base(kustomization).await;
        let place = "deploy/kustomization.yaml of https://git.example/team/base ";
        assert!(error.contains(place) && error.contains(words), "{kustomization}: {error}");
    }
}

#[tokio::test]
async fn a_base_reads_no_file_of_the_repository_that_names_it() {
    // S-A5
    let file = "configMapGenerator: [{name: x, files: [../../../repository/prod/kustomization.yaml]}]\n";
    let error = failure_of_base(file).await;
    assert!(error.contains("ended with exit code 1") && error.contains("security"), "{error}");
    assert!(error.contains("remotes/1 is https://git.example/team/base at aaaaaaa"), "{error}");

    let bases = MemoryBases::default();
    bases.put("https://git.example/team/base", base(file));
    let unrestricted = flux_yaml(&["kustomize build --load-restrictor=LoadRestrictionsNone ."]);
    let tree = naming("https://git.example/team/base//deploy").file("prod/.flux.yaml", &unrestricted);
    let error = printed_with(&allowing(&bases), tree).await.unwrap_err();
    assert!(error.contains("without load restrictions the base https://git.example/team/base"), "{error}");
}

#[tokio::test]
async fn a_link_out_of_a_base_fails_and_one_inside_is_left_out() {
    // S-A1
    let bases = MemoryBases::default();
    let tree = base("resources: [link.yaml]\n").link("deploy/link.yaml", "../secret/map.yaml");
    bases.put("https://git.example/team/base", tree.clone());
    let entry = "https://git.example/team/base//deploy";
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    assert!(error.contains("deploy/link.yaml of https://git.example/team/base (a symbolic link)"), "{error}");
    bases.put("https://git.example/team/base", tree.link("deploy/link.yaml", "../../../repository/prod"));
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    assert_eq!(error, "deploy/link.yaml of https://git.example/team/base: link leaves the repository path");
}

#[tokio::test]
async fn bases_that_lead_to_each_other_and_chains_without_end_are_stopped() {
    // S-F2
    let bases = MemoryBases::default();
    let to_other = "resources: ['https://other.example:8443/team/end//deploy']\n";
    bases.put("https://git.example/team/base", base(to_other));
    let back = "resources: ['https://git.example/team/base//deploy']\n";
    bases.put("https://other.example:8443/team/end", base(back));
    let entry = "https://git.example/team/base//deploy";
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    assert!(error.contains("cycle"), "{error}");

    for number in 0..10 {
        let next = format!("resources: ['https://git.example/team/chain//deploy?ref=v{}']\n", number + 1);
        bases.put(&format!("https://git.example/team/chain?ref=v{number}"), base(&next));
    }
    let entry = "https://git.example/team/chain//deploy?ref=v0";
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    assert!(error.contains("more than 4 repositories lead from one to the next"), "{error}");

    let entries: Vec<String> =
        (0..17).map(|number| format!("'https://git.example/team/many//deploy?ref=v{number}'")).collect();
    for number in 0..17 {
        bases.put(&format!("https://git.example/team/many?ref=v{number}"), base("namePrefix: x-\n"));
    }
    let kustomization = format!("resources: [{}]\n", entries.join(", "));
    let tree = naming("").file("prod/kustomization.yaml", &kustomization);
    let error = printed_with(&allowing(&bases), tree).await.unwrap_err();
    assert!(error.contains("more than 16 commits of other repositories"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_with_the_hosts_words() {
    let bases = MemoryBases::default();
    let entry = "https://git.example/team/base//deploy?ref=v2";
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    let words =
        format!("names {entry}, which could not be read: nothing is at https://git.example/team/base?ref=v2");
    assert!(error.contains(&words), "{error}");
    bases.put("https://git.example/team/base", base("resources: []\n"));
    for folder in ["missing", "deploy/map.yaml"] {
        let entry = format!("https://git.example/team/base//{folder}?ref=");
        let error = printed_with(&allowing(&bases), naming(&entry)).await.unwrap_err();
        assert!(error.contains(&format!("but {folder} is no folder there at commit aaaaaaa")), "{error}");
    }
    let broken = MemoryTree::new(&[("deploy/kustomization.yaml", "resources: [\n")]);
    bases.put("https://git.example/team/base", broken);
    let entry = "https://git.example/team/base//deploy";
    let error = printed_with(&allowing(&bases), naming(entry)).await.unwrap_err();
    assert!(error.starts_with("deploy/kustomization.yaml of https://git.example/team/base:"), "{error}");
}

#[tokio::test]
async fn a_base_that_moved_is_built_anew_and_one_that_did_not_is_asked_for_and_not_built() {
    let bases = MemoryBases::default();
    let (generator, entry) = (allowing(&bases), "https://git.example/team/base//deploy?ref=main");
    let kustomization = |prefix: &str| format!("resources: [map.yaml]\nnamePrefix: {prefix}-\n");
    let id = generator.tree_id(&naming(entry), &repository_paths(&["prod"])).unwrap();
    assert!(bases.asked().is_empty(), "the id of a tree asks no host");

    bases.put("https://git.example/team/base?ref=main", base(&kustomization("one")));
    assert!(printed_with(&generator, naming(entry)).await.unwrap().contains("one-settings"));
    // Nothing that could run is there any more.
    let idle = generator.with_settings(Settings {
        renderer: None,
        remote_hosts: RemoteHosts::parse(HOSTS).unwrap(),
        ..settings()
    });
    assert!(printed_with(&idle, naming(entry)).await.unwrap().contains("one-settings"));
    assert_eq!(bases.asked().len(), 2);

    bases.put("https://git.example/team/base?ref=main", base(&kustomization("two")).at("b"));
    assert!(printed_with(&generator, naming(entry)).await.unwrap().contains("two-settings"));
    let other = naming("https://git.example/team/base//deploy?ref=next");
    assert_ne!(id, generator.tree_id(&other, &repository_paths(&["prod"])).unwrap());
    assert_eq!(id, generator.tree_id(&naming(entry), &repository_paths(&["prod"])).unwrap());
}

#[tokio::test]
async fn other_programs_run_in_their_repository_and_the_bases_lie_beside_it() {
    let bases = MemoryBases::default();
    bases.put("https://git.example/team/base", base("resources: [map.yaml]\n"));
    let commands = ["kustomize build .", "sh -c 'find .. ../../remotes -name map.yaml'"];
    let tree = naming("https://git.example/team/base//deploy").file("prod/.flux.yaml", &flux_yaml(&commands));
    let generation = generate_with(&allowing(&bases), tree, &["prod"], PATIENCE).await.unwrap();
    let found = String::from_utf8_lossy(&generation.generated[1].bytes);
    assert_eq!(found, "../../remotes/1/deploy/map.yaml\n");
}
