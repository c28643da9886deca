//! Ids of new rows: `UUIDv7`, so that they sort by time, made from the clock handed in.

use domain::clock::Timestamp;
use uuid::{Builder, Uuid};

use crate::error::StorageError;

/// A new id that nobody can guess from another.
pub(crate) fn new_uuid(now: Timestamp) -> Result<Uuid, StorageError> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(StorageError::Random)?;
    let milliseconds = u64::try_from(now.0).unwrap_or_default();
    Ok(Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let earlier = new_uuid(Timestamp(1_700_000_000_000)).unwrap();
        let later = new_uuid(Timestamp(1_700_000_000_001)).unwrap();
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
    }
}
