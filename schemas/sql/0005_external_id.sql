-- What another system calls a member, so that what comes from there finds them again.
ALTER TABLE member ADD COLUMN external_id TEXT;
CREATE UNIQUE INDEX member_external_id ON member (external_id) WHERE external_id IS NOT NULL;
