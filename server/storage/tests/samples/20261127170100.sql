-- A token that only reads one resource group, and a session with an id.
INSERT INTO api_tokens (hash, id, user_id, name, prefix, created_at, expires_at, last_used_at, role, subscription_id,
                        resource_group_id, cluster_id)
VALUES ('ee', '01930000-0000-7000-8000-00000000000e', '01930000-0000-7000-8000-000000000003', 'wall', 'flp_ef',
        1790000000000, 1797776000000, NULL, 'Reader', '00000000-0000-0000-0000-000000000001',
        '01930000-0000-7000-8000-000000000002', NULL);
INSERT INTO sessions (hash, id, user_id, created_at, last_used_at, idle_until, expires_at, user_agent, address)
VALUES ('ff', '01930000-0000-7000-8000-00000000000f', '01930000-0000-7000-8000-000000000003', 1790000000000,
        1790000000000, 1790003600000, 1790043200000, 'Mozilla/5.0', '192.0.2.7');
