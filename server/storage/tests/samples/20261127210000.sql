-- A dashboard that is allowed, a code that its server asked for, and a session in its frame.
INSERT INTO embed_parents (subscription_id, origin, created_at, created_by)
VALUES ('00000000-0000-0000-0000-000000000001', 'https://dashboard.example.com', 1790000000000, 'Admin');
INSERT INTO embed_codes (hash, user_id, parent, challenge, role, subscription_id, resource_group_id, cluster_id,
                         created_at, expires_at)
VALUES ('hh', '01930000-0000-7000-8000-00000000000b', 'https://dashboard.example.com', NULL, 'Reader',
        '00000000-0000-0000-0000-000000000001', '01930000-0000-7000-8000-000000000002', NULL, 1790000000000, 1790000060000);
INSERT INTO sessions (hash, id, user_id, created_at, last_used_at, idle_until, expires_at, user_agent, address, parent, role)
VALUES ('ii', '01930000-0000-7000-8000-000000000011', '01930000-0000-7000-8000-000000000003', 1790000000000,
        1790000000000, 1790003600000, 1790043200000, 'Mozilla/5.0', '192.0.2.7', 'https://dashboard.example.com',
        'Contributor');
