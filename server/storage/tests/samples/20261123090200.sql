-- A connected cluster with its kubeconfig, and a kubeconfig that waits.
INSERT INTO clusters (id, resource_group_id, cluster_type, name, name_key, uid, server, secret_versions, connectivity,
                      reason, detail, facts, preflight, last_seen, offline_since, version, created_at, created_by)
VALUES ('01930000-0000-7000-8000-000000000005', '01930000-0000-7000-8000-000000000002', 'connectedClusters',
        'AzureArcTest1', 'azurearctest1', '7d0a4b5e-1111-4222-8333-444455556666', 'https://10.0.0.1:6443',
        '{"kubeconfig":1}', 'Connected', '{"code":"connected"}', NULL,
        '{"kubernetes_version":"v1.35.4","node_count":1,"core_count":2,"distribution":"k3s"}', NULL, 1790000000000, NULL,
        1, 1790000000000, '01930000-0000-7000-8000-000000000003');
INSERT INTO cluster_drafts (id, user_id, contexts, secret_versions, created_at, expires_at)
VALUES ('01930000-0000-7000-8000-000000000006', '01930000-0000-7000-8000-000000000003', '[]', '{"kubeconfig":1}',
        1790000000000, 1790000900000);
INSERT INTO secrets (id, tenant, owner_kind, owner_id, field, version, algorithm, key_id, wrapped_key, nonce,
                     ciphertext, fingerprint, created_at, created_by)
VALUES ('01930000-0000-7000-8000-000000000007', '01930000-0000-7000-8000-000000000002', 'cluster',
        '01930000-0000-7000-8000-000000000005', 'kubeconfig', 1, 'xchacha20poly1305', 'key-1', x'00', x'01', x'02',
        x'03', 1790000000000, '01930000-0000-7000-8000-000000000003');
