CREATE SCHEMA custody;

-- One row an entry. `envelope` holds the exact bytes that are hashed; the other columns repeat what is looked up.
CREATE TABLE custody.entry (
  eid         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- a local hint with gaps, NOT the index in the log
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),       -- for the sequencer's snapshot delta
  entry_id    uuid NOT NULL UNIQUE,
  recorded_at timestamptz NOT NULL,
  act         text NOT NULL,
  object_type text NOT NULL,
  object_id   uuid NOT NULL,
  actor_id    uuid,
  envelope    bytea NOT NULL CHECK (octet_length(envelope) BETWEEN 2 AND 32768)
);
ALTER TABLE custody.entry ALTER COLUMN envelope SET STORAGE EXTERNAL;
CREATE INDEX entry_object ON custody.entry (object_id, eid);
CREATE INDEX entry_actor ON custody.entry (actor_id, eid) WHERE actor_id IS NOT NULL;
CREATE INDEX entry_xid ON custody.entry (xid, eid);
CREATE INDEX entry_act ON custody.entry (act, eid);

-- Erasable: salt and body open envelope.commit[part]. Nulling both makes the fact unreadable, proofs still verify.
CREATE TABLE custody.payload (
  entry_id    uuid NOT NULL REFERENCES custody.entry (entry_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  part        text NOT NULL,
  salt        bytea CHECK (octet_length(salt) = 32),
  body        bytea,
  redacted_by uuid,
  PRIMARY KEY (entry_id, part),
  CHECK ((salt IS NULL) = (body IS NULL)),
  CHECK ((body IS NULL) = (redacted_by IS NOT NULL))
);

-- The key of an object's state digests; destroyed on erasure.
CREATE TABLE custody.secret (
  object_id uuid PRIMARY KEY,
  salt      bytea NOT NULL CHECK (octet_length(salt) = 32)
);

CREATE TABLE custody.leaf (
  idx       bigint PRIMARY KEY CHECK (idx >= 0),
  eid       bigint NOT NULL UNIQUE REFERENCES custody.entry (eid) ON DELETE RESTRICT,
  leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
);

-- Full tiles of 256 hashes only (tlog-tiles layout); partial ones are derived.
CREATE TABLE custody.tile (
  level  smallint NOT NULL,
  n      bigint NOT NULL,
  root   bytea NOT NULL CHECK (octet_length(root) = 32),
  hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
  PRIMARY KEY (level, n)
);
ALTER TABLE custody.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE custody.state (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  size       bigint NOT NULL,
  root       bytea NOT NULL,
  snap       pg_snapshot NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO custody.state (size, root, snap) VALUES (0, sha256(''::bytea), '1:1:');

CREATE TABLE custody.checkpoint (
  size      bigint PRIMARY KEY,
  root      bytea NOT NULL,
  note      bytea NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE custody.anchor (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  size        bigint NOT NULL REFERENCES custody.checkpoint (size) ON DELETE RESTRICT,
  kind        text NOT NULL CHECK (kind IN ('rfc3161', 'cosignature', 'publication')),
  issuer      text NOT NULL,
  proof       bytea NOT NULL,
  asserted_at timestamptz,
  obtained_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
