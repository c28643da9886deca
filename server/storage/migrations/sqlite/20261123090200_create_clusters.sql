-- Connected clusters and the kubeconfigs that wait to be connected. `secret_versions` maps the fields of an
-- owner's secrets to their current version, so that an older ciphertext put back is not accepted.

CREATE TABLE clusters (
    id                TEXT   PRIMARY KEY,
    resource_group_id TEXT   NOT NULL REFERENCES resource_groups (id),
    cluster_type      TEXT   NOT NULL,
    name              TEXT   NOT NULL,
    name_key          TEXT   NOT NULL,
    uid               TEXT   NOT NULL,
    server            TEXT   NOT NULL,
    secret_versions   TEXT   NOT NULL DEFAULT '{}',
    connectivity      TEXT   NOT NULL,
    reason            TEXT   NOT NULL,
    detail            TEXT,
    facts             TEXT,
    preflight         TEXT,
    last_seen         BIGINT,
    offline_since     BIGINT,
    version           BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    created_by        TEXT   NOT NULL,
    UNIQUE (resource_group_id, cluster_type, name_key)
);
CREATE INDEX clusters_uid ON clusters (uid);

CREATE TABLE cluster_drafts (
    id              TEXT   PRIMARY KEY,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    contexts        TEXT   NOT NULL,
    secret_versions TEXT   NOT NULL DEFAULT '{}',
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);

CREATE TABLE secrets (
    id          TEXT   PRIMARY KEY,
    tenant      TEXT   NOT NULL,
    owner_kind  TEXT   NOT NULL,
    owner_id    TEXT   NOT NULL,
    field       TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    algorithm   TEXT   NOT NULL,
    key_id      TEXT   NOT NULL,
    wrapped_key BLOB   NOT NULL,
    nonce       BLOB   NOT NULL,
    ciphertext  BLOB   NOT NULL,
    fingerprint BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  TEXT   NOT NULL,
    UNIQUE (owner_kind, owner_id, field)
);
CREATE INDEX secrets_key ON secrets (key_id);
