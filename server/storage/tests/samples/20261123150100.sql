-- Somebody has stopped the syncs of every configuration for a while.
UPDATE configurations SET suspended_at = 1790000009000;
