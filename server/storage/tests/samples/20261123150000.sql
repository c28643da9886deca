-- A token made after tokens had ids.
INSERT INTO api_tokens (hash, id, user_id, name, prefix, created_at, expires_at, last_used_at)
VALUES ('dd', '01930000-0000-7000-8000-00000000000a', '01930000-0000-7000-8000-000000000003', 'deploy', 'flp_cd',
        1790000000000, 1797776000000, 1790000060000);
