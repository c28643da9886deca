-- A person may stop the syncs of a configuration; since when, or NULL while they go on.

ALTER TABLE configurations ADD COLUMN suspended_at BIGINT;
