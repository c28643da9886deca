-- A code that a person granted.
INSERT INTO embed_codes (hash, user_id, parent, challenge, role, subscription_id, resource_group_id, cluster_id,
                         created_at, expires_at, session_until)
VALUES ('jj', '01930000-0000-7000-8000-000000000003', 'https://dashboard.example.com', 'cc', 'Reader', NULL, NULL, NULL,
        1790000000000, 1790000060000, 1790043200000);
