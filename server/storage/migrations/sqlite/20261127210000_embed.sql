-- Pages of other origins that show the portal in a frame: which ones a subscription's owners allow, the one-time codes by
-- which somebody is signed in there, and sessions that live in such a frame and nowhere else.

CREATE TABLE embed_parents (
    subscription_id TEXT   NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    origin          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    created_by      TEXT   NOT NULL,
    PRIMARY KEY (subscription_id, origin)
);
CREATE INDEX embed_parents_origin ON embed_parents (origin);

-- `challenge` is the hash of what the frame that asked keeps for itself; a dashboard's server asks without.
CREATE TABLE embed_codes (
    hash              TEXT   PRIMARY KEY,
    user_id           TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    parent            TEXT   NOT NULL,
    challenge         TEXT,
    role              TEXT   NOT NULL,
    subscription_id   TEXT   REFERENCES subscriptions (id) ON DELETE CASCADE,
    resource_group_id TEXT   REFERENCES resource_groups (id) ON DELETE CASCADE,
    cluster_id        TEXT   REFERENCES clusters (id) ON DELETE CASCADE,
    created_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX embed_codes_user ON embed_codes (user_id);

-- A session with a parent lives in a frame of that; it has at most this role, at this place when there is one.
ALTER TABLE sessions ADD COLUMN parent TEXT;
ALTER TABLE sessions ADD COLUMN role TEXT;
ALTER TABLE sessions ADD COLUMN subscription_id TEXT REFERENCES subscriptions (id) ON DELETE CASCADE;
ALTER TABLE sessions ADD COLUMN resource_group_id TEXT REFERENCES resource_groups (id) ON DELETE CASCADE;
ALTER TABLE sessions ADD COLUMN cluster_id TEXT REFERENCES clusters (id) ON DELETE CASCADE;
