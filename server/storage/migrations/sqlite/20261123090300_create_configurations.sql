-- Configurations, what is known of them, and the objects they manage.

-- Name, URL, branch and operator stand beside the spec because lists show, filter and compare them.
CREATE TABLE configurations (
    id                     TEXT   PRIMARY KEY,
    cluster_id             TEXT   NOT NULL REFERENCES clusters (id),
    cluster_uid            TEXT   NOT NULL,
    name                   TEXT   NOT NULL,
    name_key               TEXT   NOT NULL,
    operator_namespace     TEXT   NOT NULL,
    operator_instance_name TEXT   NOT NULL,
    operator_scope         TEXT   NOT NULL,
    repository_url         TEXT   NOT NULL,
    branch                 TEXT   NOT NULL,
    spec                   TEXT   NOT NULL,
    generation             BIGINT NOT NULL,
    spec_version           BIGINT NOT NULL,
    secret_versions        TEXT   NOT NULL DEFAULT '{}',
    created_at             BIGINT NOT NULL,
    created_by             TEXT   NOT NULL,
    updated_at             BIGINT NOT NULL,
    UNIQUE (cluster_id, name_key),
    UNIQUE (cluster_uid, operator_namespace, operator_instance_name)
);

-- `version` grows with every change that a page shows. `next_due_at` alone decides when the next sync is due:
-- every wish for a sync moves it forward. A wish that comes while a run is on is kept beside it
-- (`sync_requested_at` of a person, `hint_at` of a watch or webhook) until the run is recorded.
CREATE TABLE configuration_status (
    configuration_id    TEXT   PRIMARY KEY REFERENCES configurations (id) ON DELETE CASCADE,
    version             BIGINT NOT NULL,
    observed_generation BIGINT NOT NULL,
    compliance          TEXT   NOT NULL,
    level               TEXT   NOT NULL,
    reason              TEXT   NOT NULL,
    detail              TEXT,
    revision            TEXT,
    revision_subject    TEXT,
    tree_id             TEXT,
    last_config_applied BIGINT,
    last_sync           BIGINT,
    syncing             TEXT,
    counts              TEXT   NOT NULL,
    health              TEXT,
    left_out            TEXT   NOT NULL DEFAULT '[]',
    operator_objects    TEXT   NOT NULL DEFAULT '[]',
    next_due_at         BIGINT NOT NULL,
    sync_requested_at   BIGINT,
    hint_at             BIGINT,
    failures            BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX configuration_status_due ON configuration_status (next_due_at);

-- The fence: every write of a run names holder and epoch. The holder stays when the lease is given back, so that
-- the term grows only when another one takes over.
CREATE TABLE leases (
    configuration_id TEXT   PRIMARY KEY REFERENCES configurations (id) ON DELETE CASCADE,
    holder           TEXT   NOT NULL,
    epoch            BIGINT NOT NULL,
    term             BIGINT NOT NULL,
    held_until       BIGINT NOT NULL
);

-- One object of one cluster belongs to one configuration of the whole installation. The namespace of a
-- cluster-scoped object is empty, because NULLs are never equal in an index.
CREATE TABLE inventory (
    configuration_id TEXT    NOT NULL REFERENCES configurations (id) ON DELETE CASCADE,
    cluster_uid      TEXT    NOT NULL,
    object_group     TEXT    NOT NULL,
    kind             TEXT    NOT NULL,
    namespace        TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    api_version      TEXT    NOT NULL,
    plural           TEXT    NOT NULL,
    namespaced       BOOLEAN NOT NULL,
    state            TEXT    NOT NULL,
    place            TEXT    NOT NULL,
    uid              TEXT,
    manifest_hash    TEXT,
    own_fields_hash  TEXT,
    checksum         TEXT,
    health           TEXT    NOT NULL,
    message          TEXT,
    reason           TEXT,
    detail           TEXT,
    PRIMARY KEY (cluster_uid, object_group, kind, namespace, name)
);
CREATE INDEX inventory_configuration ON inventory (configuration_id);

-- One row per run: the epoch of its lease makes recording it twice harmless.
CREATE TABLE change_sets (
    id               TEXT   PRIMARY KEY,
    configuration_id TEXT   NOT NULL REFERENCES configurations (id) ON DELETE CASCADE,
    epoch            BIGINT NOT NULL,
    run_key          TEXT   NOT NULL,
    started_at       BIGINT NOT NULL,
    ended_at         BIGINT NOT NULL,
    revision         TEXT,
    revision_subject TEXT,
    compliance       TEXT   NOT NULL,
    reason           TEXT   NOT NULL,
    counts           TEXT   NOT NULL,
    changes          TEXT   NOT NULL,
    n_changes        BIGINT NOT NULL,
    UNIQUE (configuration_id, epoch)
);

-- Operator objects that go after their configuration was deleted or its operator was renamed. Carries who
-- and when, because an old intent must not delete without being asked again.
CREATE TABLE retirements (
    id                     TEXT   PRIMARY KEY,
    cluster_id             TEXT   NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
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
CREATE INDEX retirements_due ON retirements (next_at) WHERE finished_at IS NULL;
CREATE INDEX retirements_cluster ON retirements (cluster_id);
