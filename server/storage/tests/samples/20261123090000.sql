-- A small installation: one team, an administrator and a reader of the team.
INSERT INTO installation (single, id, created_at) VALUES (1, '01930000-0000-7000-8000-000000000001', 1790000000000);
INSERT INTO subscriptions (id, display_name, created_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'Demo', 1790000000000);
INSERT INTO resource_groups (id, subscription_id, name, name_key, created_at)
VALUES ('01930000-0000-7000-8000-000000000002', '00000000-0000-0000-0000-000000000001', 'AzureArcTest', 'azurearctest',
        1790000000000);
INSERT INTO users (id, name, name_key, password_hash, administrator, created_at)
VALUES ('01930000-0000-7000-8000-000000000003', 'Admin', 'admin', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', TRUE,
        1790000000000),
       ('01930000-0000-7000-8000-000000000004', 'Reader', 'reader', NULL, FALSE, 1790000000000);
INSERT INTO memberships (user_id, role, subscription_id, resource_group_id, cluster_id, created_at)
VALUES ('01930000-0000-7000-8000-000000000004', 'Reader', '00000000-0000-0000-0000-000000000001',
        '01930000-0000-7000-8000-000000000002', NULL, 1790000000000);
