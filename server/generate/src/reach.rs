//! What a run of kustomize can read: the folders of its kustomizations, followed from one to the next. Exactly these
//! are given to it, so what is not found here does not exist for it.

use std::collections::{BTreeMap, BTreeSet};

use domain::repository::RepositoryUrl;
use engine::load::LoadError;
use engine::port::source::EntryKind;

use crate::kustomization::Kustomization;
use crate::path::{follow, is_within};
use crate::place::Place;
use crate::refused::Asked;
use crate::remote::{RemoteFolder, RemoteHosts, SETTING, entry, is_remote, parse};

/// Kustomizations of one repository that the commands of a `.flux.yaml` may lead to: more is a loop or a trap.
const MAX_KUSTOMIZATIONS: usize = 1_000;

/// Folders of a repository, each with all that lies below; the empty one is all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    folders: BTreeSet<String>,
    /// Folders whose kustomizations have been followed.
    followed: BTreeSet<String>,
    /// Kustomizations that are written anew for the run, by their paths.
    written: BTreeMap<String, Kustomization>,
    bases: Vec<RemoteBase>,
}

/// An entry of a kustomization that names a folder on an allowed host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteBase {
    /// The kustomization's path.
    pub(crate) file: String,
    /// The same for a sentence.
    pub(crate) place: String,
    /// As written there.
    pub(crate) named: String,
    pub(crate) target: RemoteFolder,
    /// On whose behalf.
    pub(crate) asked: Asked,
}

impl Reach {
    /// Without those that lie below another.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let is_below =
            |folder: &&String| self.folders.iter().any(|other| other != *folder && is_within(other, folder));
        self.folders.iter().filter(move |folder| !is_below(folder)).map(String::as_str)
    }

    pub(crate) fn add(&mut self, folder: &str) {
        self.folders.insert(folder.to_owned());
    }

    /// What it leads to on other hosts.
    pub(crate) fn bases(&self) -> &[RemoteBase] {
        &self.bases
    }

    /// The kustomizations that are not given as they are, with their paths and what each names on other hosts.
    pub(crate) fn written(&self) -> impl Iterator<Item = (&Kustomization, Vec<&RemoteBase>)> {
        self.written.values().map(|kustomization| {
            let of_it = self.bases.iter().filter(|base| base.file == kustomization.file);
            (kustomization, of_it.collect())
        })
    }

    /// Adds what the kustomization of a folder leads to. What is on a host that is not allowed is refused here, by
    /// its name.
    ///
    /// What strangers wrote leads nowhere out of their own repository. To be sure that kustomize sees there what was
    /// followed here, their kustomizations are written anew too.
    pub(crate) fn add_kustomization(
        &mut self,
        place: &Place<'_>,
        folder: &str,
        hosts: &RemoteHosts,
        asked: &Asked,
    ) -> Result<(), LoadError> {
        let mut ahead = vec![folder.to_owned()];
        while let Some(folder) = ahead.pop() {
            if !self.followed.insert(folder.clone()) {
                continue;
            }
            if self.followed.len() > MAX_KUSTOMIZATIONS {
                return Err(
                    asked.refused(format!("it leads to more than {MAX_KUSTOMIZATIONS} kustomizations"))
                );
            }
            self.add(&folder);
            let read = Kustomization::read(place.tree, &folder).map_err(|error| place.located(error))?;
            let Some(kustomization) = read else { continue };
            let file = place.name(&kustomization.file);
            if let Some(named) = kustomization.remote_file() {
                return Err(asked.refused(format!(
                    "{file} names {named}, which is on another host, and a generator has no network: keep a copy of \
                     it in this repository"
                )));
            }
            let is_strange = place.address.is_some();
            if let Some(field) = kustomization.misspelt_field().filter(|_| is_strange) {
                return Err(asked.refused(format!("{file} has a field {field}, which is not written so")));
            }
            let before = self.bases.len();
            for named in kustomization.named() {
                match lead(place, &folder, named, &file, hosts, asked)? {
                    Lead::Folder(folder) => ahead.push(folder),
                    Lead::Remote(target) => self.bases.push(RemoteBase {
                        file: kustomization.file.clone(),
                        place: file.clone(),
                        named: named.to_owned(),
                        target,
                        asked: asked.clone(),
                    }),
                    Lead::Nothing => {}
                }
            }
            if is_strange || self.bases.len() > before {
                self.written.insert(kustomization.file.clone(), kustomization);
            }
        }
        Ok(())
    }
}

/// Where an entry of a kustomization leads.
enum Lead {
    Folder(String),
    Remote(RemoteFolder),
    /// A file needs nothing: it lies in a folder that is there already, or is not for this kustomization to read.
    Nothing,
}

fn lead(
    place: &Place<'_>,
    folder: &str,
    named: &str,
    file: &str,
    hosts: &RemoteHosts,
    asked: &Asked,
) -> Result<Lead, LoadError> {
    let path = follow(folder, named);
    if let Some(path) = &path {
        let entry = if path.is_empty() { None } else { place.tree.entry(path)? };
        if path.is_empty() || entry.is_some_and(|entry| entry.kind == EntryKind::Folder) {
            return Ok(Lead::Folder(path.clone()));
        }
    }
    if is_remote(named) {
        let allowed = |target: RemoteFolder| {
            let url = &target.repository.url;
            if hosts.allow(url) { Ok(target) } else { Err(not_allowed(url)) }
        };
        let target = parse(named).and_then(allowed);
        let refused =
            |why| asked.refused(format!("{file} names {named}, which is on another host, and {why}"));
        return target.map(Lead::Remote).map_err(refused);
    }
    if path.is_none() {
        let repository = if place.address.is_some() { "that" } else { "the" };
        return Err(asked.refused(format!("{file} names {named}, which leaves {repository} repository")));
    }
    Ok(Lead::Nothing)
}

fn not_allowed(url: &RepositoryUrl) -> String {
    format!(
        "a generator has no network: keep a copy of it in this repository, or ask the administrator, who may allow \
         the host {} with the setting `{SETTING}`",
        entry(url)
    )
}
