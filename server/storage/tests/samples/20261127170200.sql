-- A change by a token, from somewhere.
INSERT INTO audit (at, actor_id, actor_name, action, target_kind, target_id, target_name, subscription_id,
                   resource_group_id, cluster_id, request_id, outcome, changes, address, token, hash)
VALUES (1790000000000, '01930000-0000-7000-8000-000000000003', 'Admin', 'configuration.create', 'configuration', 'x',
        'cluster-config', '00000000-0000-0000-0000-000000000001', '01930000-0000-7000-8000-000000000002', NULL, 'r-1',
        'Done', '[]', '192.0.2.7', 'ci', NULL);
