-- Somebody signed in, has a token, was sent a link, and somebody else tried in vain.
INSERT INTO one_time_links (hash, user_id, purpose, created_at, expires_at, used_at)
VALUES ('aa', '01930000-0000-7000-8000-000000000004', 'SetPassword', 1790000000000, 1790086400000, NULL);
INSERT INTO sessions (hash, user_id, created_at, last_used_at, idle_until, expires_at, user_agent)
VALUES ('bb', '01930000-0000-7000-8000-000000000003', 1790000000000, 1790000000000, 1790003600000, 1790043200000,
        'Mozilla/5.0');
INSERT INTO api_tokens (hash, user_id, name, prefix, created_at, expires_at, last_used_at)
VALUES ('cc', '01930000-0000-7000-8000-000000000003', 'ci', 'flt_ab', 1790000000000, 1797776000000, NULL);
INSERT INTO sign_in_throttle (throttle_key, failures, next_at, updated_at)
VALUES ('user:mallory', 3, 1790000004000, 1790000000000);
