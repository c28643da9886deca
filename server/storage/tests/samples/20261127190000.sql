-- Somebody who came by an identity provider, with a session of it, and somebody who is on the way there.
INSERT INTO users (id, name, name_key, password_hash, administrator, created_at, kind)
VALUES ('01930000-0000-7000-8000-00000000000e', 'ada (company)', 'ada (company)', NULL, FALSE, 1790000000000, 'Person');
INSERT INTO identities (provider, issuer, subject, user_id, created_at)
VALUES ('company', 'https://id.example.com', '248289761001', '01930000-0000-7000-8000-00000000000e', 1790000000000);
INSERT INTO sessions (hash, id, user_id, created_at, last_used_at, idle_until, expires_at, user_agent, address, provider)
VALUES ('dd', '01930000-0000-7000-8000-0000000000f1', '01930000-0000-7000-8000-00000000000e', 1790000000000,
        1790000000000, 1790003600000, 1790043200000, 'Mozilla/5.0', '192.0.2.7', 'company');
INSERT INTO pending_sign_ins (state_hash, browser_hash, provider, nonce, verifier, going_to, address, created_at, expires_at)
VALUES ('ee', 'ff', 'company', 'n-0S6_WzA2Mj', 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', '/clusters', '192.0.2.7',
        1790000000000, 1790000600000);
