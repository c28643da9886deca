-- A configuration whose revision is tagged.
UPDATE configuration_status SET tagged = 'https://example.com/team/app.git flux-sync 0123456789012345678901234567890123456789'
WHERE configuration_id = '01930000-0000-7000-8000-000000000008';
