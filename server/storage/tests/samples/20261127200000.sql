-- A webhook that was taken once.
INSERT INTO webhooks (configuration_id, address, made_at, made_by, taken_at, refused_at)
VALUES ('01930000-0000-7000-8000-000000000008', '0123456789abcdef0123456789abcdef', 1790000000000,
        '01930000-0000-7000-8000-000000000003', 1790000300000, NULL);
