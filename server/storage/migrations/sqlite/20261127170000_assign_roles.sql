-- Roles are assigned to people, service accounts and groups of an identity provider, and each assignment has an id by
-- which it is taken back.

ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'Person';
-- Where a service account belongs: whoever owns that place looks after it.
ALTER TABLE users ADD COLUMN subscription_id TEXT REFERENCES subscriptions (id) ON DELETE CASCADE;
ALTER TABLE users ADD COLUMN resource_group_id TEXT REFERENCES resource_groups (id) ON DELETE CASCADE;
ALTER TABLE users ADD COLUMN cluster_id TEXT REFERENCES clusters (id) ON DELETE CASCADE;

-- The groups a person was in when last signed in, as the provider said.
CREATE TABLE user_groups (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider   TEXT NOT NULL,
    group_name TEXT NOT NULL,
    PRIMARY KEY (user_id, provider, group_name)
);

CREATE TABLE role_assignments (
    id                TEXT   PRIMARY KEY,
    user_id           TEXT   REFERENCES users (id) ON DELETE CASCADE,
    provider          TEXT,
    group_name        TEXT,
    role              TEXT   NOT NULL,
    subscription_id   TEXT   NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    resource_group_id TEXT   REFERENCES resource_groups (id) ON DELETE CASCADE,
    cluster_id        TEXT   REFERENCES clusters (id) ON DELETE CASCADE,
    created_at        BIGINT NOT NULL,
    created_by        TEXT   NOT NULL,
    CHECK ((user_id IS NULL) = (group_name IS NOT NULL) AND (provider IS NULL) = (group_name IS NULL))
);
CREATE UNIQUE INDEX role_assignments_once
    ON role_assignments (COALESCE(user_id, ''), COALESCE(provider, ''), COALESCE(group_name, ''), subscription_id,
                         COALESCE(resource_group_id, ''), COALESCE(cluster_id, ''));
CREATE INDEX role_assignments_group ON role_assignments (provider, group_name) WHERE group_name IS NOT NULL;
CREATE INDEX role_assignments_place ON role_assignments (subscription_id);

INSERT INTO role_assignments (id, user_id, role, subscription_id, resource_group_id, cluster_id, created_at, created_by)
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'
       || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
       user_id, role, subscription_id, resource_group_id, cluster_id, created_at, 'command line'
FROM memberships
WHERE cluster_id IS NULL OR cluster_id IN (SELECT id FROM clusters);
DROP TABLE memberships;
