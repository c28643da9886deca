-- A configuration that was synced, its object, its history, and an operator that has to go.
INSERT INTO configurations (id, cluster_id, cluster_uid, name, name_key, operator_namespace, operator_instance_name,
                            operator_scope, repository_url, branch, spec, generation, spec_version, secret_versions,
                            created_at, created_by, updated_at)
VALUES ('01930000-0000-7000-8000-000000000008', '01930000-0000-7000-8000-000000000005',
        '7d0a4b5e-1111-4222-8333-444455556666', 'cluster-config', 'cluster-config', 'cluster-config', 'cluster-config',
        'cluster', 'https://git.example.com/team/arc-k8s-demo', 'main',
        '{"name":"cluster-config","operator_instance_name":"cluster-config","operator_namespace":"cluster-config","operator_scope":"Cluster","repository_url":"https://git.example.com/team/arc-k8s-demo","operator_params":"--git-readonly --git-branch=main --git-path=releases/prod","ssh_known_hosts":null,"helm_operator":null}',
        1, 1, '{}', 1790000000000, '01930000-0000-7000-8000-000000000003', 1790000000000);
INSERT INTO configuration_status (configuration_id, version, observed_generation, compliance, level, reason, detail,
                                  revision, revision_subject, tree_id, last_config_applied, last_sync, syncing, counts,
                                  health, left_out, operator_objects, next_due_at, sync_requested_at, hint_at, failures)
VALUES ('01930000-0000-7000-8000-000000000008', 4, 1, 'Installed', 'Information', '{"code":"installed"}', NULL,
        '1111111111111111111111111111111111111111', 'Add the demo', '2222222222222222222222222222222222222222',
        1790000000000, 1790000000000, NULL,
        '{"total":1,"created":1,"configured":0,"unchanged":0,"refused":0,"left_out":0}', 'Healthy', '[]', '[]',
        1790000300000, NULL, NULL, 0);
INSERT INTO leases (configuration_id, holder, epoch, term, held_until)
VALUES ('01930000-0000-7000-8000-000000000008', 'process-1', 1, 1, 0);
INSERT INTO inventory (configuration_id, cluster_uid, object_group, kind, namespace, name, api_version, plural,
                       namespaced, state, place, uid, manifest_hash, own_fields_hash, checksum, health, message, reason,
                       detail)
VALUES ('01930000-0000-7000-8000-000000000008', '7d0a4b5e-1111-4222-8333-444455556666', 'apps', 'Deployment', 'team-a',
        'arc-k8s-demo', 'v1', 'deployments', TRUE, 'Applied', 'releases/prod/demo.yaml:1',
        '7d0a4b5e-1111-4222-8333-444455557777', 'm', 'f', 'c', 'Healthy', NULL, NULL, NULL);
INSERT INTO change_sets (id, configuration_id, epoch, run_key, started_at, ended_at, revision, revision_subject,
                         compliance, reason, counts, changes, n_changes)
VALUES ('01930000-0000-7000-8000-000000000009', '01930000-0000-7000-8000-000000000008', 1, '1/1111', 1789999999000,
        1790000000000, '1111111111111111111111111111111111111111', 'Add the demo', 'Installed', '{"code":"installed"}',
        '{"total":1,"created":1,"configured":0,"unchanged":0,"refused":0,"left_out":0}',
        '{"changes":[{"object":{"group":"apps","kind":"Deployment","namespace":"team-a","name":"arc-k8s-demo"},"action":"Create","place":"releases/prod/demo.yaml:1","reason":null,"detail":null}]}',
        1);
INSERT INTO retirements (id, cluster_id, configuration_id, configuration_name, operator_namespace,
                         operator_instance_name, operator_scope, operator_objects, after_generation, requested_at,
                         requested_by, next_at)
VALUES ('01930000-0000-7000-8000-00000000000a', '01930000-0000-7000-8000-000000000005',
        '01930000-0000-7000-8000-00000000000b', 'old-config', 'old-config', 'old-config', 'namespace', '[]', 0,
        1790000000000, '01930000-0000-7000-8000-000000000003', 1790000000000);
