-- A resource group has a display name beside the name that addresses and scripts know it by.
ALTER TABLE resource_groups ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
UPDATE resource_groups SET display_name = name;
