-- An operator that has to go belongs to a cluster, not to its entry: it is remembered when the cluster is disconnected,
-- and goes when that cluster is connected again.

CREATE TABLE retirements_kept (
    id                     TEXT   PRIMARY KEY,
    cluster_id             TEXT   NOT NULL,
    cluster_uid            TEXT   NOT NULL,
    configuration_id       TEXT   NOT NULL,
    configuration_name     TEXT   NOT NULL,
    operator_namespace     TEXT   NOT NULL,
    operator_instance_name TEXT   NOT NULL,
    operator_scope         TEXT   NOT NULL,
    operator_objects       TEXT   NOT NULL,
    after_generation       BIGINT NOT NULL,
    requested_at           BIGINT NOT NULL,
    requested_by           TEXT   NOT NULL,
    next_at                BIGINT NOT NULL,
    failures               BIGINT NOT NULL DEFAULT 0,
    last_error             TEXT,
    finished_at            BIGINT,
    state                  TEXT
);
INSERT INTO retirements_kept
SELECT r.id, r.cluster_id, k.uid, r.configuration_id, r.configuration_name, r.operator_namespace,
       r.operator_instance_name, r.operator_scope, r.operator_objects, r.after_generation, r.requested_at,
       r.requested_by, r.next_at, r.failures, r.last_error, r.finished_at, r.state
FROM retirements r JOIN clusters k ON k.id = r.cluster_id;
DROP TABLE retirements;
ALTER TABLE retirements_kept RENAME TO retirements;
CREATE INDEX retirements_due ON retirements (next_at) WHERE finished_at IS NULL;
CREATE INDEX retirements_cluster ON retirements (cluster_uid);

-- The newest generation whose operator objects were made: only then the earlier ones may go.
ALTER TABLE configuration_status ADD COLUMN operator_generation BIGINT NOT NULL DEFAULT 0;
