-- A resource group that people call otherwise.
INSERT INTO resource_groups (id, subscription_id, name, name_key, display_name, created_at)
VALUES ('01930000-0000-7000-8000-0000000000f2', '00000000-0000-0000-0000-000000000001', 'team-p', 'team-p', 'Payments',
        1790000000000);
