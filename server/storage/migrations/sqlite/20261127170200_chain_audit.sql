-- An entry says where it came from and by which token, and holds a hash over itself and the entry before it, so that a
-- row that was removed or changed shows. Entries without a hash are chained when the database is opened.

ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN token TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE INDEX audit_actor ON audit (actor_id);
