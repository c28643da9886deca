-- What the sync tag marks at the host as far as this installation has pushed it: repository, tag and commit.
ALTER TABLE configuration_status ADD COLUMN tagged TEXT;

-- The tag is pushed now: nothing is stored only any more.
UPDATE configuration_status SET reason = '{"code":"installed"}' WHERE reason LIKE '{"code":"parametersNotProcessed"%';
