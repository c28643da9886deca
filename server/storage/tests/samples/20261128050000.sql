-- A release that is kept, and one whose object has left Git.
INSERT INTO releases (configuration_id, namespace, name, wanted, next_due_at, phase, state)
VALUES ('01930000-0000-7000-8000-000000000008', 'team-a', 'web', TRUE, 1790000000000, 'Succeeded', '{}'),
       ('01930000-0000-7000-8000-000000000008', 'team-a', 'old', FALSE, 1790000000000, '', '{}');
