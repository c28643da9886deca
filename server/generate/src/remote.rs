//! Bases on other hosts: the server reads them, for a generator has no network.
//!
//! Each repository that a kustomization names is read at one commit and followed as the configuration's own is, under
//! the same list of hosts; what was read lies beside the copy of the configuration's repository, and the entries that
//! named it name that place.

mod entry;
mod hosts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::outbound::Narrowing;
use engine::load::LoadError;
use engine::port::remote_base::{RemoteBases, RemoteRepository};
use engine::port::source::{EntryKind, Tree};
use engine::tree_id;

pub(crate) use self::entry::{RemoteFolder, is_remote, parse};
pub use self::hosts::{RemoteHosts, RemoteHostsError};
pub(crate) use self::hosts::{SETTING, entry};
use crate::blocking::blocking;
use crate::path::{join, parent, relative};
use crate::place::Place;
use crate::reach::{Reach, RemoteBase};
use crate::workspace::{Part, REMOTES, REPOSITORY};

/// Commits of other repositories that one configuration may lead to: each costs its host a question at every sync.
const MAX_REPOSITORIES: usize = 16;

/// Repositories that lead to each other one after another: who names a base answers for what it leads to, and can
/// look through so many.
const MAX_DEPTH: u32 = 4;

/// What was read from other hosts.
#[derive(Default)]
pub(crate) struct Remotes {
    repositories: Vec<Repository>,
}

/// One of them at one commit.
struct Repository {
    wanted: RemoteRepository,
    /// For sentences.
    address: String,
    tree: Arc<dyn Tree>,
    reach: Reach,
}

impl Remotes {
    /// Reads what entries name, and what that leads to; all of it within `time`.
    pub(crate) async fn read(
        bases: &dyn RemoteBases,
        outbound: &Narrowing,
        hosts: &RemoteHosts,
        named: Vec<RemoteBase>,
        time: Duration,
    ) -> Result<Self, LoadError> {
        let Some(first) = named.first() else { return Ok(Self::default()) };
        let asked = first.asked.clone();
        let late = || {
            let seconds = time.as_secs();
            let sentence = format!("what it names on other hosts was not read within {seconds} seconds");
            asked.failed(sentence, String::new())
        };
        tokio::time::timeout(time, Self::follow(bases, outbound, hosts, named, time))
            .await
            .map_err(|_| late())?
    }

    async fn follow(
        bases: &dyn RemoteBases,
        outbound: &Narrowing,
        hosts: &RemoteHosts,
        named: Vec<RemoteBase>,
        time: Duration,
    ) -> Result<Self, LoadError> {
        let mut remotes = Self::default();
        let mut ahead: VecDeque<(RemoteBase, u32)> = named.into_iter().map(|base| (base, 1)).collect();
        while let Some((base, depth)) = ahead.pop_front() {
            let position = match remotes.position(&base.target.repository) {
                Some(position) => position,
                None => remotes.add(bases, outbound, &base, depth, time).await?,
            };
            let found = remotes.repositories[position].add_folder(&base, hosts).await?;
            ahead.extend(found.into_iter().map(|base| (base, depth + 1)));
        }
        Ok(remotes)
    }

    fn position(&self, wanted: &RemoteRepository) -> Option<usize> {
        self.repositories.iter().position(|repository| repository.wanted == *wanted)
    }

    async fn add(
        &mut self,
        bases: &dyn RemoteBases,
        outbound: &Narrowing,
        base: &RemoteBase,
        depth: u32,
        time: Duration,
    ) -> Result<usize, LoadError> {
        let RemoteBase { place, named, target, asked, .. } = base;
        if depth > MAX_DEPTH {
            return Err(asked.refused(format!(
                "{place} names {named}, and more than {MAX_DEPTH} repositories lead from one to the next: is it a loop?"
            )));
        }
        if self.repositories.len() == MAX_REPOSITORIES {
            return Err(asked.refused(format!(
                "{place} names {named}, and more than {MAX_REPOSITORIES} commits of other repositories are needed"
            )));
        }
        let wanted = target.repository.clone();
        let tree = bases.read(&wanted, outbound, time).await.map_err(|error| {
            let detail = error.detail.unwrap_or_else(|| format!("{:?}", error.reason));
            asked.failed(format!("{place} names {named}, which could not be read: {detail}"), String::new())
        })?;
        let address = wanted.url.without_user();
        self.repositories.push(Repository { wanted, address, tree, reach: Reach::default() });
        Ok(self.repositories.len() - 1)
    }

    /// One id of everything that a generator is given from here and from its own repository.
    pub(crate) fn id(&self, own: String) -> String {
        if self.repositories.is_empty() {
            return own;
        }
        let commit = |Repository { wanted, tree, .. }: &Repository| {
            format!("{} {:?} {}", wanted.url, wanted.reference, tree.revision())
        };
        let lines: Vec<String> = std::iter::once(own).chain(self.repositories.iter().map(commit)).collect();
        tree_id::combined(&lines)
    }

    /// What a run gets: its own repository, and beside it what its bases are.
    pub(crate) fn parts<'parts>(
        &'parts self,
        tree: &'parts dyn Tree,
        reach: &'parts Reach,
    ) -> Vec<Part<'parts>> {
        let own = (REPOSITORY.to_owned(), Place { tree, address: None }, reach);
        let others = self
            .repositories
            .iter()
            .enumerate()
            .map(|(position, repository)| (folder(position), repository.place(), &repository.reach));
        let needed = if reach.bases().is_empty() { 0 } else { self.repositories.len() };
        std::iter::once(own)
            .chain(others.take(needed))
            .map(|(folder, place, reach)| Part {
                written: self.written(&folder, reach),
                folder,
                place,
                reach,
            })
            .collect()
    }

    /// The kustomizations of a part that are not given as they are.
    fn written(&self, part: &str, reach: &Reach) -> BTreeMap<String, Vec<u8>> {
        let written = reach.written().map(|(kustomization, bases)| {
            let here = join(part, parent(&kustomization.file));
            let replaced = bases.into_iter().filter_map(|base| {
                let position = self.position(&base.target.repository)?;
                let there = join(&folder(position), &base.target.folder);
                Some((base.named.as_str(), relative(&here, &there)))
            });
            (kustomization.file.clone(), kustomization.written(&replaced.collect()))
        });
        written.collect()
    }
}

impl Repository {
    fn place(&self) -> Place<'_> {
        Place { tree: self.tree.as_ref(), address: Some(&self.address) }
    }

    /// Follows a folder of it; gives back what that names on other hosts.
    async fn add_folder(
        &mut self,
        base: &RemoteBase,
        hosts: &RemoteHosts,
    ) -> Result<Vec<RemoteBase>, LoadError> {
        let RemoteBase { place, named, target, asked, .. } = base.clone();
        let (tree, address, hosts) = (Arc::clone(&self.tree), self.address.clone(), hosts.clone());
        let mut reach = std::mem::take(&mut self.reach);
        let failed = asked.clone();
        let following = move || {
            let before = reach.bases().len();
            let folder = &target.folder;
            let entry = if folder.is_empty() { None } else { tree.entry(folder)? };
            if !folder.is_empty() && entry.is_none_or(|entry| entry.kind != EntryKind::Folder) {
                let commit = tree.revision().short();
                return Err(asked.refused(format!(
                    "{place} names {named}, but {folder} is no folder there at commit {commit}"
                )));
            }
            let there = Place { tree: tree.as_ref(), address: Some(&address) };
            reach.add_kustomization(&there, folder, &hosts, &asked)?;
            let found = reach.bases()[before..].to_vec();
            Ok((reach, found))
        };
        let followed = blocking(following).await.map_err(|error| failed.failed(error, String::new()))?;
        let (reach, found) = followed?;
        self.reach = reach;
        Ok(found)
    }
}

/// Where a repository of another host lies in the private folder.
fn folder(position: usize) -> String {
    format!("{REMOTES}/{}", position + 1)
}
