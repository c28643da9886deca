-- A sync that ended with the server is begun again: what comes of it says so in the history. Whether it had come to its end
-- is told by the lease of the last one that did.
ALTER TABLE configuration_status ADD COLUMN interrupted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE configuration_status ADD COLUMN ended_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE change_sets ADD COLUMN resumed BOOLEAN NOT NULL DEFAULT FALSE;
