-- People who sign in with the account of an identity provider, and sign-ins that are on their way there.

-- Who somebody is at a provider. Its issuer is part of it: under another issuer the same subject is somebody else.
CREATE TABLE identities (
    provider   TEXT   NOT NULL,
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (provider, issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Each can be finished once, in the browser it was begun in.
CREATE TABLE pending_sign_ins (
    state_hash   TEXT   PRIMARY KEY,
    browser_hash TEXT   NOT NULL,
    provider     TEXT   NOT NULL,
    nonce        TEXT   NOT NULL,
    verifier     TEXT   NOT NULL,
    going_to     TEXT   NOT NULL,
    address      TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_age ON pending_sign_ins (created_at);

-- The provider that a session was opened by: signing out goes on there.
ALTER TABLE sessions ADD COLUMN provider TEXT;
