-- A subscription with a list.
UPDATE subscriptions SET outbound_hosts = '["git.example.com","*.internal.example.com","10.1.0.0/16"]', outbound_version = 3
WHERE id = (SELECT subscription_id FROM resource_groups WHERE id = '01930000-0000-7000-8000-000000000002');
