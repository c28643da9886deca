-- What private repositories need beside the sealed secrets: the public half of the ssh key, whether that was made
-- here, and which credential the host has last taken (by its fingerprints, which say nothing of it).

ALTER TABLE configurations ADD COLUMN repository_public_key TEXT;
ALTER TABLE configurations ADD COLUMN ssh_key_made_here BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE configuration_status ADD COLUMN accepted_credential TEXT;
