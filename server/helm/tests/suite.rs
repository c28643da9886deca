//! Charts, fetched from real repositories and registries. One binary: the tests share the helpers below.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod suite {
    mod registries;
    mod repositories;
    mod versions;
}

use std::time::Duration;

use engine::port::helm::{ChartAccess, ChartRequest};
use engine::port::source::HttpsCredential;
use helm::charts::{ChartFolder, ChartPackage, Charts};
use outbound::{Policy, Proxies};
use tempfile::TempDir;

/// More than any of these tests fetches.
const KEPT: u64 = 64 * 1024 * 1024;

/// What fetches, with a cache of its own.
struct Fixture {
    charts: Charts,
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::under(Policy::allowing(&["127.0.0.0/8", "::1/128"]).unwrap())
    }

    fn under(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let charts = Charts::new(&folder.path().join("kept"), KEPT, policy, Proxies::default()).unwrap();
        Self { charts, folder }
    }

    /// What a file of the chart holds.
    fn text(&self, package: &ChartPackage, path: &str) -> String {
        let chart = ChartFolder::unpack(self.folder.path(), &package.bytes).unwrap();
        std::fs::read_to_string(chart.path().join(path)).unwrap()
    }
}

/// A request that takes an index of any age.
fn request(repository: &str, name: &str, version: &str) -> ChartRequest {
    ChartRequest {
        repository: repository.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        access: ChartAccess { tenant: "team".into(), ..ChartAccess::default() },
        index_age: Duration::from_hours(1),
    }
}

/// The request with a credential for this host.
fn as_ada(request: ChartRequest, word: &str, origin: &str) -> ChartRequest {
    let credential = HttpsCredential { user: "ada".to_owned().into(), key: word.to_owned().into() };
    let access = ChartAccess {
        identity: word.to_owned(),
        credential: Some(credential),
        credential_origin: origin.to_owned(),
        ..request.access
    };
    ChartRequest { access, ..request }
}

fn trusting(request: ChartRequest, pem: &str) -> ChartRequest {
    ChartRequest { access: ChartAccess { authorities: Some(pem.to_owned()), ..request.access }, ..request }
}
