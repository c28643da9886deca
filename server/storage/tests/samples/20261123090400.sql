-- What the administrator did.
INSERT INTO audit (at, actor_id, actor_name, action, target_kind, target_id, target_name, subscription_id,
                   resource_group_id, cluster_id, request_id, outcome, changes)
VALUES (1790000000000, '01930000-0000-7000-8000-000000000003', 'Admin', 'configuration.create', 'configuration',
        '01930000-0000-7000-8000-000000000008', 'cluster-config', '00000000-0000-0000-0000-000000000001',
        '01930000-0000-7000-8000-000000000002', '01930000-0000-7000-8000-000000000005', 'r1', 'Done', '[]');
