-- How much a resource group may hold and do; NULL is no limit beyond the server's own. The version grows with every change.
ALTER TABLE resource_groups ADD COLUMN quota_configurations BIGINT;
ALTER TABLE resource_groups ADD COLUMN quota_clusters BIGINT;
ALTER TABLE resource_groups ADD COLUMN quota_objects_per_sync BIGINT;
ALTER TABLE resource_groups ADD COLUMN quota_syncs_per_hour BIGINT;
ALTER TABLE resource_groups ADD COLUMN quota_repository_mebibytes BIGINT;
ALTER TABLE resource_groups ADD COLUMN quota_version BIGINT NOT NULL DEFAULT 0;

-- Syncs of the last hour that brought something. The lease's epoch makes counting a run twice harmless; a configuration
-- that is deleted has had its syncs all the same. A revision is fetched once: a run that fails and is tried again is not
-- counted again for it.
CREATE TABLE counted_syncs (
    resource_group_id TEXT   NOT NULL REFERENCES resource_groups (id) ON DELETE CASCADE,
    configuration_id  TEXT   NOT NULL,
    epoch             BIGINT NOT NULL,
    counted_at        BIGINT NOT NULL,
    revision          TEXT,
    PRIMARY KEY (configuration_id, epoch)
);
CREATE INDEX counted_syncs_group ON counted_syncs (resource_group_id, counted_at);

-- A sync that waits for its turn: until when, and which limit it met.
ALTER TABLE configuration_status ADD COLUMN put_off_until BIGINT;
ALTER TABLE configuration_status ADD COLUMN put_off_limit BIGINT;
