//! The audit as a file.

use domain::access::Actor;
use domain::service::{ActivityQuery, ServiceError};
use serde::Serialize;

use super::Activity;
use crate::error::internal;

/// Entries that are read at once.
const BATCH: u32 = 1_000;

/// The last line of an export that does not hold everything: no entry, and told apart from one by its first field.
#[derive(Serialize)]
struct LastLine {
    cut: bool,
    /// Entries above this line.
    entries: u32,
    /// `before` of the export that goes on behind them.
    before: i64,
}

impl Activity {
    /// At most so many entries, and a line more when there are others.
    pub(super) async fn export_up_to(
        &self,
        actor: &Actor,
        query: &ActivityQuery,
        most: u32,
    ) -> Result<String, ServiceError> {
        let mut query = query.clone();
        let mut lines = String::new();
        let mut left = most;
        loop {
            // One more than is written tells whether there are others.
            let wanted = left.min(BATCH);
            let mut entries = self.read(actor, &query, wanted + 1).await?;
            let others = entries.len() > wanted as usize;
            entries.truncate(wanted as usize);
            for entry in &entries {
                push_line(&mut lines, entry)?;
            }
            left -= wanted;
            let Some(last) = entries.last().filter(|_| others) else { break };
            query.before = Some(last.seq);
            if left == 0 {
                push_line(&mut lines, &LastLine { cut: true, entries: most, before: last.seq })?;
                break;
            }
        }
        Ok(lines)
    }
}

fn push_line(lines: &mut String, value: &impl Serialize) -> Result<(), ServiceError> {
    let line = serde_json::to_string(value)
        .map_err(|error| internal("an audit entry could not be written as JSON", &error))?;
    lines.push_str(&line);
    lines.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::access::Via;
    use domain::clock::{Clock, Timestamp};
    use domain::id::UserId;
    use serde_json::Value;
    use storage::{AuditEntry, Storage};

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp(1_795_435_200_000)
        }
    }

    #[tokio::test]
    async fn an_export_that_is_cut_says_so_and_the_next_goes_on_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fairlead.db");
        let storage = Arc::new(Storage::open(path.to_str().unwrap(), Arc::new(Noon)).await.unwrap());
        let actor = Actor {
            user: UserId(uuid::Uuid::nil()),
            name: "ada".to_owned(),
            administrator: true,
            grants: Vec::new(),
            limit: None,
            via: Via::default(),
        };
        for number in 0..5 {
            let mut entry = AuditEntry::done(&actor, "x", "thing", number.to_string(), "");
            entry.actor = None;
            let mut unit = storage.begin().await.unwrap();
            unit.audit(&entry).await.unwrap();
            unit.commit().await.unwrap();
        }
        let activity = Activity::new(storage, Arc::new(Noon));
        let export = async |before, most| {
            let query = ActivityQuery { before, ..ActivityQuery::default() };
            let lines = activity.export_up_to(&actor, &query, most).await.unwrap();
            lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
        };
        let whole = export(None, 5).await;
        assert_eq!(whole.len(), 5);
        assert!(whole.iter().all(|line| line.get("cut").is_none()), "{whole:?}");
        let cut = export(None, 3).await;
        assert_eq!((&cut[..3], cut.len()), (&whole[..3], 4));
        assert_eq!((&cut[3]["cut"], &cut[3]["entries"]), (&true.into(), &3.into()));
        assert_eq!(export(cut[3]["before"].as_i64(), 3).await, whole[3..]);
    }
}
