-- Who did what, in order. Rows are only ever added; changes never carry a secret.

CREATE TABLE audit (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    at                BIGINT NOT NULL,
    actor_id          TEXT,
    actor_name        TEXT   NOT NULL,
    action            TEXT   NOT NULL,
    target_kind       TEXT   NOT NULL,
    target_id         TEXT   NOT NULL,
    target_name       TEXT   NOT NULL,
    subscription_id   TEXT,
    resource_group_id TEXT,
    cluster_id        TEXT,
    request_id        TEXT,
    outcome           TEXT   NOT NULL,
    changes           TEXT   NOT NULL
);
CREATE INDEX audit_place ON audit (subscription_id, resource_group_id, cluster_id);
