-- A session gets a new secret when the rights of its owner change: what they were when it was opened or renewed, and for
-- a moment the secret before, for requests that were under way.

ALTER TABLE sessions ADD COLUMN rights TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN previous_hash TEXT;
ALTER TABLE sessions ADD COLUMN previous_until BIGINT;
CREATE UNIQUE INDEX sessions_previous ON sessions (previous_hash) WHERE previous_hash IS NOT NULL;
