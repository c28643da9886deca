-- What the Lease of an operator says: the term that was found there last, and the one that was about to begin. Each sync
-- that changes something begins another, so that a copy of the database is told from the one that went on. It stays when
-- the configuration or the cluster goes, as the Lease may: whoever comes back to it is known.
CREATE TABLE operator_terms (
    cluster_uid            TEXT NOT NULL,
    operator_namespace     TEXT NOT NULL,
    operator_instance_name TEXT NOT NULL,
    term                   TEXT,
    next_term              TEXT NOT NULL,
    PRIMARY KEY (cluster_uid, operator_namespace, operator_instance_name)
);
ALTER TABLE leases DROP COLUMN term;
