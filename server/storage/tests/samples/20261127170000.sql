-- A service account of the team, a group of an identity provider, and the roles of both.
INSERT INTO users (id, name, name_key, password_hash, administrator, created_at, kind, subscription_id, resource_group_id)
VALUES ('01930000-0000-7000-8000-00000000000b', 'dashboard', 'dashboard', NULL, FALSE, 1790000000000, 'ServiceAccount',
        '00000000-0000-0000-0000-000000000001', '01930000-0000-7000-8000-000000000002');
INSERT INTO user_groups (user_id, provider, group_name)
VALUES ('01930000-0000-7000-8000-000000000004', 'company', 'team-a');
INSERT INTO role_assignments (id, user_id, provider, group_name, role, subscription_id, resource_group_id, cluster_id,
                              created_at, created_by)
VALUES ('01930000-0000-7000-8000-00000000000c', '01930000-0000-7000-8000-00000000000b', NULL, NULL, 'Reader',
        '00000000-0000-0000-0000-000000000001', '01930000-0000-7000-8000-000000000002', NULL, 1790000000000, 'Admin'),
       ('01930000-0000-7000-8000-00000000000d', NULL, 'company', 'team-a', 'Contributor',
        '00000000-0000-0000-0000-000000000001', NULL, NULL, 1790000000000, 'Admin');
