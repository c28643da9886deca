-- A configuration may have one address that its Git host tells of pushes. The secret of it is among the configuration's
-- secrets, as `webhookSecret`. `taken_at` and `refused_at` are of the last ones, noted every few seconds at most.
CREATE TABLE webhooks (
    configuration_id TEXT   PRIMARY KEY REFERENCES configurations (id) ON DELETE CASCADE,
    address          TEXT   NOT NULL UNIQUE,
    made_at          BIGINT NOT NULL,
    made_by          TEXT   NOT NULL,
    taken_at         BIGINT,
    refused_at       BIGINT
);
