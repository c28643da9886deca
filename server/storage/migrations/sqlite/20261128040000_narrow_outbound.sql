-- Hosts and ranges that a subscription's configurations and clusters may lead to, as a JSON list of texts; an empty one
-- leaves it to the server's own policy. The version grows with every change.
ALTER TABLE subscriptions ADD COLUMN outbound_hosts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE subscriptions ADD COLUMN outbound_version BIGINT NOT NULL DEFAULT 0;
