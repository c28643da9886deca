-- The key of the stored secrets.
INSERT INTO known_keys (key_id, fingerprint) VALUES ('key-1', X'0102030405060708');
