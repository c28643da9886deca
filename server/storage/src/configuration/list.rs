//! Reading configurations for pages.

use std::collections::HashMap;

use domain::access::Visible;
use domain::clock::Timestamp;
use domain::id::{ClusterId, ConfigurationId};
use domain::page::{PAGE_SIZE, Page, PageQuery};
use domain::service::ComplianceCounts;
use sqlx::QueryBuilder;

use super::{ConfigurationRecord, ConfigurationSummary, SUMMARY, StoredState, SummaryRow, readable};
use crate::Storage;
use crate::column::{self, ColumnError};
use crate::database::Driver;
use crate::error::StorageError;
use crate::visibility::{contains_pattern, push_visible};

/// Which configurations a list shows.
#[derive(Clone, Debug)]
pub struct ConfigurationFilter {
    /// What the actor may see.
    pub visible: Visible,
    /// Of one cluster only.
    pub cluster: Option<ClusterId>,
}

/// A configuration that was found by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedConfiguration {
    /// Which.
    pub id: ConfigurationId,
    /// Its name as written.
    pub name: String,
    /// For optimistic saving.
    pub spec_version: i64,
}

/// A page and how everything under its [`ConfigurationFilter`] stands, whatever the text filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationPage {
    /// Rows of this page: failed first, then pending, then by name.
    pub page: Page<ConfigurationSummary>,
    /// How all of them stand.
    pub counts: ComplianceCounts,
}

impl Storage {
    /// A page of configurations; two queries whatever the number of rows.
    #[tracing::instrument(name = "db.configuration.list", skip_all, err(level = "debug"))]
    pub async fn configurations(
        &self,
        filter: &ConfigurationFilter,
        page: &PageQuery,
    ) -> Result<ConfigurationPage, StorageError> {
        let (total, counts) = self.configuration_counts(filter, &page.filter).await?;
        let mut query = QueryBuilder::new(SUMMARY);
        push_filter(&mut query, filter);
        if !page.filter.is_empty() {
            query.push(" AND ");
            push_text(&mut query, &page.filter);
        }
        query.push(
            " ORDER BY CASE s.compliance WHEN 'Installed' THEN 2 WHEN 'Pending' THEN 1 ELSE 0 END, \
             c.name_key, c.id LIMIT ",
        );
        query.push_bind(i64::from(PAGE_SIZE)).push(" OFFSET ").push_bind(i64::from(page.offset()));
        let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(ConfigurationPage { page: Page { items: readable(rows), total, page: page.page.max(1) }, counts })
    }

    /// Rows that the text filter leaves, and how all stand without it.
    #[tracing::instrument(name = "db.configuration.count", skip_all, err(level = "debug"))]
    async fn configuration_counts(
        &self,
        filter: &ConfigurationFilter,
        text: &str,
    ) -> Result<(u32, ComplianceCounts), StorageError> {
        let mut query = QueryBuilder::new("SELECT COUNT(*) AS n_all, COALESCE(SUM(CASE WHEN ");
        push_text(&mut query, text);
        query.push(
            " THEN 1 ELSE 0 END), 0) AS n_matching, \
             COALESCE(SUM(CASE s.compliance WHEN 'Installed' THEN 1 ELSE 0 END), 0) AS n_installed, \
             COALESCE(SUM(CASE s.compliance WHEN 'Pending' THEN 1 ELSE 0 END), 0) AS n_pending \
             FROM configurations c \
             JOIN configuration_status s ON s.configuration_id = c.id \
             JOIN clusters k ON k.id = c.cluster_id \
             JOIN resource_groups g ON g.id = k.resource_group_id WHERE 1 = 1",
        );
        push_filter(&mut query, filter);
        let (all, matching, installed, pending): (i64, i64, i64, i64) =
            query.build_query_as().fetch_one(self.database().read()).await?;
        let counts = ComplianceCounts {
            installed: count(installed),
            pending: count(pending),
            failed: count(all - installed - pending),
        };
        Ok((count(matching), counts))
    }

    /// The live states of these configurations; those that are gone are missing from the answer.
    #[tracing::instrument(name = "db.configuration.states", skip_all, err(level = "debug"))]
    pub async fn configuration_states(
        &self,
        visible: &Visible,
        ids: &[ConfigurationId],
    ) -> Result<Vec<StoredState>, StorageError> {
        let mut query = QueryBuilder::new(SUMMARY);
        push_visible(&mut query, visible);
        query.push(" AND c.id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        let summaries: Vec<ConfigurationSummary> = readable(rows);
        Ok(summaries.into_iter().map(|summary| summary.state).collect())
    }

    /// A row of the list; readable even when the spec is not.
    #[tracing::instrument(name = "db.configuration.summary", skip_all, err(level = "debug"))]
    pub async fn configuration_summary(
        &self,
        id: ConfigurationId,
    ) -> Result<Option<ConfigurationSummary>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(SUMMARY);
        query.push(" AND c.id = ").push_bind(id.to_string());
        let row: Option<SummaryRow> = query.build_query_as().fetch_optional(self.database().read()).await?;
        row.map(ConfigurationSummary::try_from).transpose()
    }

    /// The configuration of this name on a cluster, any case; found even when its spec cannot be read.
    #[tracing::instrument(name = "db.configuration.find", skip_all, err(level = "debug"))]
    pub async fn configuration_by_name(
        &self,
        cluster: ClusterId,
        name: &str,
    ) -> Result<Option<NamedConfiguration>, StorageError> {
        let row: Option<(String, String, i64)> = sqlx::query_as(
            "SELECT id, name, spec_version FROM configurations WHERE cluster_id = $1 AND name_key = $2",
        )
        .bind(cluster.to_string())
        .bind(name.to_lowercase())
        .fetch_optional(self.database().read())
        .await?;
        let Some((id, name, spec_version)) = row else { return Ok(None) };
        let id = column::id("id", &id).map_err(|error| error.of("configuration", &id))?;
        Ok(Some(NamedConfiguration { id, name, spec_version }))
    }

    /// Everything of one configuration but its inventory and history.
    #[tracing::instrument(name = "db.configuration.get", skip_all, err(level = "debug"))]
    pub async fn configuration(
        &self,
        id: ConfigurationId,
    ) -> Result<Option<ConfigurationRecord>, StorageError> {
        let Some(summary) = self.configuration_summary(id).await? else { return Ok(None) };
        let mut query = QueryBuilder::<Driver>::new(RECORD);
        query.push(" WHERE c.id = ").push_bind(id.to_string());
        let row: Option<RecordRow> = query.build_query_as().fetch_optional(self.database().read()).await?;
        row.map(|row| row.with(summary).map_err(|error| error.of("configuration", &id.to_string())))
            .transpose()
    }

    /// A page of a cluster's configurations by name, behind the one whose name is given, and where the next page begins;
    /// three queries whatever the number of rows. What cannot be read is left out, and the log says why.
    #[tracing::instrument(name = "db.configuration.records", skip_all, err(level = "debug"))]
    pub async fn configurations_after(
        &self,
        cluster: ClusterId,
        after: Option<&str>,
        top: u32,
    ) -> Result<(Vec<ConfigurationRecord>, Option<String>), StorageError> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, name_key FROM configurations WHERE cluster_id = $1 AND name_key > $2 \
             ORDER BY name_key LIMIT $3",
        )
        .bind(cluster.to_string())
        .bind(after.map(str::to_lowercase).unwrap_or_default())
        .bind(i64::from(top) + 1)
        .fetch_all(self.database().read())
        .await?;
        let (found, next) = page(found, top, |(_, name)| name.clone());
        let ids: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
        let mut query = QueryBuilder::new(SUMMARY);
        query.push(" AND ");
        push_ids(&mut query, &ids);
        query.push(" ORDER BY c.name_key");
        let summaries: Vec<SummaryRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        let mut query = QueryBuilder::new(RECORD);
        query.push(" WHERE ");
        push_ids(&mut query, &ids);
        let records: Vec<RecordRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        let mut records: HashMap<String, RecordRow> =
            records.into_iter().map(|row| (row.id.clone(), row)).collect();
        let record = |summary: ConfigurationSummary| {
            let id = summary.state.id.to_string();
            let record = records.remove(&id)?.with(summary);
            record
                .inspect_err(|error| tracing::error!("configuration {id} is left out of a list: {error}"))
                .ok()
        };
        Ok((readable(summaries).into_iter().filter_map(record).collect(), next))
    }
}

/// Columns of a [`RecordRow`].
const RECORD: &str = "SELECT c.id, c.spec, c.generation, c.spec_version, c.created_at, c.updated_at, \
    c.repository_public_key, s.observed_generation, s.detail, s.revision_subject, s.last_config_applied, \
    s.left_out, s.operator_objects, s.sync_requested_at, s.next_due_at \
    FROM configurations c JOIN configuration_status s ON s.configuration_id = c.id";

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: String,
    spec: String,
    generation: i64,
    spec_version: i64,
    created_at: i64,
    updated_at: i64,
    repository_public_key: Option<String>,
    observed_generation: i64,
    detail: Option<String>,
    revision_subject: Option<String>,
    last_config_applied: Option<i64>,
    left_out: String,
    operator_objects: String,
    sync_requested_at: Option<i64>,
    next_due_at: i64,
}

impl RecordRow {
    fn with(self, summary: ConfigurationSummary) -> Result<ConfigurationRecord, ColumnError> {
        Ok(ConfigurationRecord {
            summary,
            spec: column::json("spec", &self.spec)?,
            generation: self.generation,
            spec_version: self.spec_version,
            observed_generation: self.observed_generation,
            detail: self.detail,
            revision_subject: self.revision_subject,
            last_config_applied: self.last_config_applied.map(Timestamp),
            left_out: column::json("left_out", &self.left_out)?,
            operator_objects: column::json("operator_objects", &self.operator_objects)?,
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
            repository_public_key: self.repository_public_key,
            sync_requested_at: self.sync_requested_at.map(Timestamp),
            next_due_at: Timestamp(self.next_due_at),
        })
    }
}

fn push_ids(query: &mut QueryBuilder<Driver>, ids: &[String]) {
    query.push("c.id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.clone());
    }
    query.push(")");
}

fn push_filter(query: &mut QueryBuilder<Driver>, filter: &ConfigurationFilter) {
    push_visible(query, &filter.visible);
    if let Some(cluster) = filter.cluster {
        query.push(" AND c.cluster_id = ").push_bind(cluster.to_string());
    }
}

/// Name or URL contains the text, any case.
fn push_text(query: &mut QueryBuilder<Driver>, text: &str) {
    let pattern = contains_pattern(text);
    query.push("(c.name_key LIKE ").push_bind(pattern.clone()).push(r" ESCAPE '\'");
    query.push(" OR LOWER(c.repository_url) LIKE ").push_bind(pattern).push(r" ESCAPE '\')");
}

/// Cuts off the one row more than asked for that was read: it tells that there is a next page.
pub(crate) fn page<Row>(
    mut rows: Vec<Row>,
    top: u32,
    key: impl Fn(&Row) -> String,
) -> (Vec<Row>, Option<String>) {
    let top = usize::try_from(top).unwrap_or(usize::MAX);
    let more = rows.len() > top;
    rows.truncate(top);
    let next = rows.last().filter(|_| more).map(key);
    (rows, next)
}

/// A `COUNT(*)` as the domain counts.
pub(crate) fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
