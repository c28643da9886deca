-- An object that left Git and waits for a person.
UPDATE configuration_status SET basis = 'b' WHERE configuration_id = '01930000-0000-7000-8000-000000000008';
INSERT INTO prune_lists (configuration_id, cause, hash, guards, objects, since, confirmed_by, confirmed_at)
VALUES ('01930000-0000-7000-8000-000000000008', 'Guard', 'h', '[{"code":"nothingLeft"}]',
        '[{"object":{"group":"apps","kind":"Deployment","namespace":"team-a","name":"arc-k8s-demo"},"uid":"7d0a4b5e-1111-4222-8333-444455557777"}]',
        1790000000000, NULL, NULL);
