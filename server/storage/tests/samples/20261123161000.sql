-- The operator of a generation that was made.
UPDATE configuration_status SET operator_generation = 1
WHERE configuration_id = '01930000-0000-7000-8000-000000000008';
