-- A Helm release for each HelmRelease object that a configuration's sync applied. Without a due time it rests: the Helm
-- operator is switched off. `wanted` ends when the object leaves the inventory: the release is then removed.
CREATE TABLE releases (
    configuration_id TEXT    NOT NULL REFERENCES configurations (id) ON DELETE CASCADE,
    namespace        TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    wanted           BOOLEAN NOT NULL,
    next_due_at      BIGINT,
    wish             TEXT,
    -- Whoever works on it, like a configuration's lease.
    holder           TEXT    NOT NULL DEFAULT '',
    epoch            BIGINT  NOT NULL DEFAULT 0,
    held_until       BIGINT  NOT NULL DEFAULT 0,
    -- The name in the cluster that it has claimed: no two of an installation share one.
    cluster_uid      TEXT,
    target_namespace TEXT,
    release_name     TEXT,
    phase            TEXT    NOT NULL DEFAULT '',
    failed           BOOLEAN NOT NULL DEFAULT FALSE,
    state            TEXT    NOT NULL DEFAULT '{}',
    notes            TEXT    NOT NULL DEFAULT '',
    failures         BIGINT  NOT NULL DEFAULT 0,
    version          BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (configuration_id, namespace, name)
);
CREATE UNIQUE INDEX releases_name ON releases (cluster_uid, target_namespace, release_name);
CREATE INDEX releases_due ON releases (next_due_at);
