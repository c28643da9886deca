-- A session that was renewed a moment ago.
INSERT INTO sessions (hash, id, user_id, created_at, last_used_at, idle_until, expires_at, user_agent, address, rights,
                      previous_hash, previous_until)
VALUES ('gg', '01930000-0000-7000-8000-000000000010', '01930000-0000-7000-8000-000000000003', 1790000000000,
        1790000000000, 1790003600000, 1790043200000, 'Mozilla/5.0', '192.0.2.7', 'r', 'g0', 1790000030000);
