-- By what a wrapping key is known again: something that is derived from it and tells nothing of it. A ring with another
-- key of the same id opens nothing that is stored.
CREATE TABLE known_keys (
    key_id      TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL
);
