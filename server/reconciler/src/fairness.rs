//! Who is next: fairly between teams, bounded per cluster.
//!
//! Pure: from what is due and what is running to what may start. A team with a thousand due configurations
//! and one with a single one take turns; a cluster that is slow holds back only its own.

use std::collections::BTreeMap;

use domain::id::{ClusterId, ConfigurationId, ResourceGroupId};

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Which configuration.
    pub(crate) configuration: ConfigurationId,
    /// On which cluster.
    pub(crate) cluster: ClusterId,
    /// Of which team.
    pub(crate) team: ResourceGroupId,
}

/// What is running now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running {
    /// Syncs per cluster.
    pub(crate) clusters: BTreeMap<ClusterId, usize>,
    /// Syncs per team.
    pub(crate) teams: BTreeMap<ResourceGroupId, usize>,
}

impl Running {
    /// Counts one that starts.
    pub(crate) fn start(&mut self, candidate: &Candidate) {
        *self.clusters.entry(candidate.cluster).or_default() += 1;
        *self.teams.entry(candidate.team).or_default() += 1;
    }

    /// Counts one that ended.
    pub(crate) fn end(&mut self, candidate: &Candidate) {
        less(&mut self.clusters, candidate.cluster);
        less(&mut self.teams, candidate.team);
    }
}

fn less<Key: Ord>(counts: &mut BTreeMap<Key, usize>, key: Key) {
    let std::collections::btree_map::Entry::Occupied(mut count) = counts.entry(key) else { return };
    *count.get_mut() -= 1;
    if *count.get() == 0 {
        count.remove();
    }
}

/// Chooses what may start now, at most `free`: again and again the team with the fewest syncs running, within
/// a team in the order given (oldest due first), never more than `per_cluster` on one cluster.
pub(crate) fn choose(
    due: &[Candidate],
    running: &Running,
    free: usize,
    per_cluster: usize,
) -> Vec<Candidate> {
    let mut running = running.clone();
    let mut waiting: Vec<&Candidate> = due.iter().collect();
    let mut chosen = Vec::new();
    while chosen.len() < free {
        let startable = waiting.iter().enumerate().filter(|(_, candidate)| {
            running.clusters.get(&candidate.cluster).copied().unwrap_or_default() < per_cluster
        });
        let next = startable.min_by_key(|(position, candidate)| {
            (running.teams.get(&candidate.team).copied().unwrap_or_default(), *position)
        });
        let Some((position, _)) = next else { break };
        let candidate = waiting.remove(position);
        running.start(candidate);
        chosen.push(*candidate);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn candidate(number: u32, cluster: u32, team: u32) -> Candidate {
        let id = |number: u32| format!("00000000-0000-0000-0000-{number:012}");
        Candidate {
            configuration: ConfigurationId::from_str(&id(number)).unwrap(),
            cluster: ClusterId::from_str(&id(cluster)).unwrap(),
            team: ResourceGroupId::from_str(&id(team)).unwrap(),
        }
    }

    #[test]
    fn a_small_team_does_not_wait_behind_a_large_one() {
        let mut due: Vec<Candidate> = (1..100).map(|number| candidate(number, number, 1)).collect();
        due.push(candidate(100, 100, 2));
        let chosen = choose(&due, &Running::default(), 2, 4);
        assert_eq!(chosen, [candidate(1, 1, 1), candidate(100, 100, 2)]);
    }

    #[test]
    fn a_full_cluster_holds_back_only_its_own() {
        let due = [candidate(1, 7, 1), candidate(2, 7, 1), candidate(3, 8, 1)];
        let mut running = Running::default();
        running.start(&candidate(9, 7, 1));
        let chosen = choose(&due, &running, 8, 2);
        assert_eq!(chosen, [candidate(1, 7, 1), candidate(3, 8, 1)]);
    }

    #[test]
    fn what_ended_leaves_no_trace() {
        let mut running = Running::default();
        running.start(&candidate(1, 1, 1));
        running.end(&candidate(1, 1, 1));
        assert!(running.clusters.is_empty() && running.teams.is_empty());
    }
}
