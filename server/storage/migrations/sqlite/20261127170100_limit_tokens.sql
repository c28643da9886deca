-- A token may be narrower than whoever it belongs to, and a session can be named by its owner.

ALTER TABLE api_tokens ADD COLUMN role TEXT;
ALTER TABLE api_tokens ADD COLUMN subscription_id TEXT REFERENCES subscriptions (id) ON DELETE CASCADE;
ALTER TABLE api_tokens ADD COLUMN resource_group_id TEXT REFERENCES resource_groups (id) ON DELETE CASCADE;
ALTER TABLE api_tokens ADD COLUMN cluster_id TEXT REFERENCES clusters (id) ON DELETE CASCADE;

ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT;
UPDATE sessions SET id = lower(
    hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'
    || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)));
CREATE UNIQUE INDEX sessions_id ON sessions (id);
