-- Deleting what left Git: what the last load was applied as, what came from an earlier source, and the lists of objects
-- that wait for a person.

-- What decided about the last applied load: repository, branch, paths, operator. NULL: not known, so another one.
ALTER TABLE configuration_status ADD COLUMN basis TEXT;

-- The last commit of which it was decided what left Git: a head that does not follow it was rewritten.
ALTER TABLE configuration_status ADD COLUMN proven_revision TEXT;

-- The mark as applied, and whether the object is of an earlier basis.
ALTER TABLE inventory ADD COLUMN mark TEXT;
ALTER TABLE inventory ADD COLUMN left_behind BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE prune_lists (
    configuration_id TEXT   NOT NULL REFERENCES configurations (id) ON DELETE CASCADE,
    cause            TEXT   NOT NULL,
    hash             TEXT   NOT NULL,
    guards           TEXT   NOT NULL,
    objects          TEXT   NOT NULL,
    since            BIGINT NOT NULL,
    confirmed_by     TEXT,
    confirmed_at     BIGINT,
    PRIMARY KEY (configuration_id, cause)
);
