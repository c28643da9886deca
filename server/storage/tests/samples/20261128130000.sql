-- An operator whose last sync changed something.
INSERT INTO operator_terms (cluster_uid, operator_namespace, operator_instance_name, term, next_term)
VALUES ('5f4b1c1e-0000-4000-8000-000000000001', 'cluster-config', 'cluster-config',
        '01930000-0000-7000-8000-0000000000e1', '01930000-0000-7000-8000-0000000000e2');
