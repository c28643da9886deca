//! Quotas: how much a resource group may hold and do. Without one only the server's own limits hold.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::violation::{Field, Rule, Violations};

/// The largest number that a quota may have; far beyond what the server itself allows.
pub const QUOTA_MAX: u32 = 1_000_000;
/// Bytes of a mebibyte, in which repositories are measured.
pub const MEBIBYTE: u64 = 1024 * 1024;

/// How much one resource group may hold and do. `None` is no limit beyond the server's own, and the default of all five.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Configurations on all its clusters together; none may be made beyond that. What is there already stays.
    pub configurations: Option<u32>,
    /// Connected clusters; none may be connected beyond that. What is there already stays.
    pub clusters: Option<u32>,
    /// Objects that one sync of one configuration may bring. A sync with more fails before it applies anything.
    pub objects_per_sync: Option<u32>,
    /// Syncs of all its configurations together within any 60 minutes that bring something: a revision that was not
    /// looked at before, or objects to make or to put right. A look that finds everything as it was costs nothing, and
    /// so does deleting what a person confirmed. A sync beyond that waits until it is allowed.
    pub syncs_per_hour: Option<u32>,
    /// Size in mebibytes of what is fetched of one repository; the server's own limit holds besides.
    pub repository_mebibytes: Option<u32>,
}

/// One of the five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuotaKind {
    Configurations,
    Clusters,
    ObjectsPerSync,
    SyncsPerHour,
    RepositorySize,
}

impl QuotaKind {
    /// In the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Configurations,
        Self::Clusters,
        Self::ObjectsPerSync,
        Self::SyncsPerHour,
        Self::RepositorySize,
    ];

    /// The field of the form.
    pub fn field(self) -> Field {
        match self {
            Self::Configurations => Field::QuotaConfigurations,
            Self::Clusters => Field::QuotaClusters,
            Self::ObjectsPerSync => Field::QuotaObjectsPerSync,
            Self::SyncsPerHour => Field::QuotaSyncsPerHour,
            Self::RepositorySize => Field::QuotaRepositoryMebibytes,
        }
    }

    /// The least number: what is counted while it is there may be forbidden, a sync may not, for it would wait forever.
    pub fn min(self) -> u32 {
        match self {
            Self::Configurations | Self::Clusters => 0,
            Self::ObjectsPerSync | Self::SyncsPerHour | Self::RepositorySize => 1,
        }
    }
}

impl Quota {
    /// The limit of one kind.
    pub fn limit(&self, kind: QuotaKind) -> Option<u32> {
        match kind {
            QuotaKind::Configurations => self.configurations,
            QuotaKind::Clusters => self.clusters,
            QuotaKind::ObjectsPerSync => self.objects_per_sync,
            QuotaKind::SyncsPerHour => self.syncs_per_hour,
            QuotaKind::RepositorySize => self.repository_mebibytes,
        }
    }

    /// What may be fetched of one repository, in bytes.
    pub fn repository_bytes(&self) -> Option<u64> {
        self.repository_mebibytes.map(|mebibytes| u64::from(mebibytes).saturating_mul(MEBIBYTE))
    }
}

/// A quota as somebody types it: empty is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuotaDraft {
    pub configurations: String,
    pub clusters: String,
    pub objects_per_sync: String,
    pub syncs_per_hour: String,
    pub repository_mebibytes: String,
}

impl QuotaDraft {
    /// As the form shows a quota.
    pub fn of(quota: &Quota) -> Self {
        let text = |kind| quota.limit(kind).map(|limit| limit.to_string()).unwrap_or_default();
        Self {
            configurations: text(QuotaKind::Configurations),
            clusters: text(QuotaKind::Clusters),
            objects_per_sync: text(QuotaKind::ObjectsPerSync),
            syncs_per_hour: text(QuotaKind::SyncsPerHour),
            repository_mebibytes: text(QuotaKind::RepositorySize),
        }
    }

    /// What was typed for one kind.
    pub fn text(&self, kind: QuotaKind) -> &str {
        match kind {
            QuotaKind::Configurations => &self.configurations,
            QuotaKind::Clusters => &self.clusters,
            QuotaKind::ObjectsPerSync => &self.objects_per_sync,
            QuotaKind::SyncsPerHour => &self.syncs_per_hour,
            QuotaKind::RepositorySize => &self.repository_mebibytes,
        }
    }

    /// The quota, or every number that is none.
    pub fn validate(&self) -> Result<Quota, Violations> {
        let mut violations = Violations::default();
        let mut limit =
            |kind: QuotaKind| violations.keep(kind.field(), parse(kind, self.text(kind))).flatten();
        let quota = Quota {
            configurations: limit(QuotaKind::Configurations),
            clusters: limit(QuotaKind::Clusters),
            objects_per_sync: limit(QuotaKind::ObjectsPerSync),
            syncs_per_hour: limit(QuotaKind::SyncsPerHour),
            repository_mebibytes: limit(QuotaKind::RepositorySize),
        };
        violations.or(|| quota)
    }
}

fn parse(kind: QuotaKind, text: &str) -> Result<Option<u32>, Rule> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number =
        text.parse::<u32>().ok().filter(|number| digits && (kind.min()..=QUOTA_MAX).contains(number));
    number.map(Some).ok_or(Rule::NumberRange { min: kind.min(), max: QUOTA_MAX })
}

/// What of a quota is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaUse {
    /// Configurations there are.
    pub configurations: u32,
    /// Connected clusters.
    pub clusters: u32,
    /// Objects of the configuration that has most.
    pub objects_per_sync: u32,
    /// Syncs that were counted within the last 60 minutes.
    pub syncs_per_hour: u32,
}

impl QuotaUse {
    /// Of one kind; `None` for what is measured only while it is fetched.
    pub fn of(&self, kind: QuotaKind) -> Option<u32> {
        match kind {
            QuotaKind::Configurations => Some(self.configurations),
            QuotaKind::Clusters => Some(self.clusters),
            QuotaKind::ObjectsPerSync => Some(self.objects_per_sync),
            QuotaKind::SyncsPerHour => Some(self.syncs_per_hour),
            QuotaKind::RepositorySize => None,
        }
    }
}

/// A limit with nothing left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaReached {
    pub quota: QuotaKind,
    pub limit: u32,
    pub used: u32,
}

impl QuotaReached {
    /// `Some` when one more would be too many.
    pub fn of(quota: &Quota, usage: &QuotaUse, kind: QuotaKind) -> Option<Self> {
        let (limit, used) = (quota.limit(kind)?, usage.of(kind)?);
        (used >= limit).then_some(Self { quota: kind, limit, used })
    }
}

/// A sync that waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutOff {
    /// When it begins.
    pub until: Moment,
    /// Syncs that the resource group may have per hour.
    pub limit: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(configurations: &str, syncs_per_hour: &str) -> QuotaDraft {
        QuotaDraft {
            configurations: configurations.to_owned(),
            syncs_per_hour: syncs_per_hour.to_owned(),
            ..QuotaDraft::default()
        }
    }

    #[test]
    fn an_empty_field_is_no_limit_and_every_other_one_a_number_within_its_range() {
        let from = |min| Err(Rule::NumberRange { min, max: QUOTA_MAX });
        // (typed, what it is for things that are there, and for syncs)
        for (typed, things, syncs) in [
            ("", Ok(None), Ok(None)),
            ("  ", Ok(None), Ok(None)),
            ("0", Ok(Some(0)), from(1)),
            ("1", Ok(Some(1)), Ok(Some(1))),
            (" 12 ", Ok(Some(12)), Ok(Some(12))),
            ("007", Ok(Some(7)), Ok(Some(7))),
            ("1000000", Ok(Some(QUOTA_MAX)), Ok(Some(QUOTA_MAX))),
            ("1000001", from(0), from(1)),
            ("99999999999999999999", from(0), from(1)),
            ("-1", from(0), from(1)),
            ("+1", from(0), from(1)),
            ("1.5", from(0), from(1)),
            ("1e3", from(0), from(1)),
            ("١", from(0), from(1)),
            ("none", from(0), from(1)),
        ] {
            assert_eq!(parse(QuotaKind::Configurations, typed), things, "{typed:?}");
            assert_eq!(parse(QuotaKind::SyncsPerHour, typed), syncs, "{typed:?}");
        }
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let violations = draft("x", "0").validate().unwrap_err();
        let fields: Vec<Field> = violations.0.iter().map(|violation| violation.field).collect();
        assert_eq!(fields, [Field::QuotaConfigurations, Field::QuotaSyncsPerHour]);
    }

    #[test]
    fn a_quota_is_typed_as_it_is_shown() {
        let quota = draft("3", "12").validate().unwrap();
        let expected = Quota { configurations: Some(3), syncs_per_hour: Some(12), ..Quota::default() };
        assert_eq!(quota, expected);
        assert_eq!(QuotaDraft::of(&quota), draft("3", "12"));
        assert_eq!(QuotaDraft::default().validate(), Ok(Quota::default()));
    }

    #[test]
    fn a_limit_is_reached_when_one_more_would_be_too_many() {
        let usage = QuotaUse { configurations: 2, ..QuotaUse::default() };
        let reached = |limit| {
            let quota = Quota { configurations: limit, ..Quota::default() };
            QuotaReached::of(&quota, &usage, QuotaKind::Configurations).is_some()
        };
        for (limit, expected) in [(None, false), (Some(3), false), (Some(2), true), (Some(0), true)] {
            assert_eq!(reached(limit), expected, "{limit:?}");
        }
    }
}
