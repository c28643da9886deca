-- A change that was made in a dashboard; its hash is computed when the database is opened.
INSERT INTO audit (seq, at, actor_id, actor_name, action, target_kind, target_id, target_name, outcome, changes, parent)
SELECT MAX(seq) + 1, 1790000000000, NULL, 'Admin', 'configuration.sync', 'configuration', 'c', 'cluster-config', 'Done',
       '[]', 'https://dashboard.example.com'
FROM audit;
