-- What was done in a frame names the page around it.
ALTER TABLE audit ADD COLUMN parent TEXT;
