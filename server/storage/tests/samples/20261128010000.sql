-- A resource group with a quota, a sync that was counted, and one that waits.
UPDATE resource_groups SET quota_configurations = 10, quota_syncs_per_hour = 6, quota_version = 1
WHERE id = '01930000-0000-7000-8000-000000000002';
INSERT INTO counted_syncs (resource_group_id, configuration_id, epoch, counted_at)
VALUES ('01930000-0000-7000-8000-000000000002', '01930000-0000-7000-8000-000000000008', 1, 1790000000000);
UPDATE configuration_status SET put_off_until = 1790003600000, put_off_limit = 6
WHERE configuration_id = '01930000-0000-7000-8000-000000000008';
