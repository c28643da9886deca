-- Who and where: the installation, subscriptions, resource groups, users and their roles.

CREATE TABLE installation (
    single     INTEGER PRIMARY KEY CHECK (single = 1),
    id         TEXT    NOT NULL,
    created_at BIGINT  NOT NULL
);

CREATE TABLE subscriptions (
    id           TEXT   PRIMARY KEY,
    display_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

-- Names keep their case; the key is what they are compared by.
CREATE TABLE resource_groups (
    id              TEXT   PRIMARY KEY,
    subscription_id TEXT   NOT NULL REFERENCES subscriptions (id),
    name            TEXT   NOT NULL,
    name_key        TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (subscription_id, name_key)
);

CREATE TABLE users (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,
    password_hash TEXT,
    administrator BOOLEAN NOT NULL,
    created_at    BIGINT  NOT NULL
);

-- A role at a place: the subscription, or narrower when a group or a cluster is named.
CREATE TABLE memberships (
    user_id           TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role              TEXT   NOT NULL,
    subscription_id   TEXT   NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    resource_group_id TEXT   REFERENCES resource_groups (id) ON DELETE CASCADE,
    cluster_id        TEXT,
    created_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX memberships_place
    ON memberships (user_id, subscription_id, COALESCE(resource_group_id, ''), COALESCE(cluster_id, ''));
