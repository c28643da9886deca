-- When the session ends in which a person granted a frame: the one in the frame ends then at the latest. None for a code that
-- a dashboard's server asked for.
ALTER TABLE embed_codes ADD COLUMN session_until BIGINT;
