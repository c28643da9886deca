//! The sample repository: what a cluster operator keeps for all teams.

/// Paths inside the repository with their text.
pub(super) fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("README.md", include_str!("../../sample/README.md")),
        ("namespaces/team-a.yaml", include_str!("../../sample/namespaces/team-a.yaml")),
        ("namespaces/team-b.yaml", include_str!("../../sample/namespaces/team-b.yaml")),
        ("namespaces/itops.yaml", include_str!("../../sample/namespaces/itops.yaml")),
        ("team-a/endpoints.yaml", include_str!("../../sample/team-a/endpoints.yaml")),
        ("cluster-apps/arc-k8s-demo.yaml", include_str!("../../sample/cluster-apps/arc-k8s-demo.yaml")),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_sample_is_committed() {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sample");
        assert_eq!(count(folder.as_ref()), super::files().len());
    }
}
