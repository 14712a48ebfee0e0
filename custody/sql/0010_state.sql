-- Where the sequencer's snapshot counts: in this cluster, for entries after the floor. After a restore, transaction
-- numbers mean something else: until all that ran then has ended, entries are taken up by another way (custody.sequencer).
ALTER TABLE custody.state ADD COLUMN cluster bigint, ADD COLUMN floor_eid bigint NOT NULL DEFAULT 0,
                          ADD COLUMN restoring pg_snapshot;

-- The object of entries about the log itself: keys, time stamps, manifests.
CREATE FUNCTION custody.log_object() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT custody.object_of('ledger', custody.origin()) $$;

-- Heads of the objects at the size of the last manifest: derived from the log, kept so that a manifest costs only what
-- is new. `manage.py ledger_verify` derives them anew.
CREATE TABLE custody.head (
  object_id uuid PRIMARY KEY,
  entries   bigint NOT NULL CHECK (entries > 0),
  chain     bytea NOT NULL CHECK (octet_length(chain) = 32)
);
CREATE TABLE custody.manifest (
  size     bigint PRIMARY KEY,
  entry_id uuid NOT NULL REFERENCES custody.entry (entry_id) ON DELETE RESTRICT,
  objects  bigint NOT NULL,
  root     bytea NOT NULL CHECK (octet_length(root) = 32),
  made_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Runs of "verify": asked for, done by a worker, kept. The row's state is the queue.
CREATE TABLE custody.verification (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  requested_by uuid,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at   timestamptz,
  finished_at  timestamptz,
  size         bigint,
  holds        boolean,
  findings     jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX verification_pending ON custody.verification (requested_at) WHERE finished_at IS NULL;
CREATE INDEX anchor_size ON custody.anchor (size);
-- A time stamp is renewed by others, never replaced: one from an issuer for a size.
CREATE UNIQUE INDEX anchor_once ON custody.anchor (size, kind, issuer);
-- Times follow the local numbers closely: a range index costs a writer next to nothing.
CREATE INDEX entry_time ON custody.entry USING brin (recorded_at) WITH (pages_per_range = 32);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA custody FROM PUBLIC;
GRANT EXECUTE ON FUNCTION custody.append(text, text, uuid, text, jsonb) TO repository_app, ledger_sequencer;
GRANT EXECUTE ON FUNCTION custody.redact(uuid, text, text) TO repository_app;
GRANT EXECUTE ON FUNCTION custody.reconcile(text, int), custody.unwatched() TO repository_app, ledger_sequencer;
GRANT SELECT, INSERT, UPDATE ON custody.verification TO repository_app;
GRANT EXECUTE ON FUNCTION custody.object_of(text, text), custody.origin(), custody.log_object()
  TO repository_app, ledger_sequencer;
GRANT SELECT ON custody.head, custody.manifest TO repository_app, ledger_sequencer;
GRANT INSERT, UPDATE ON custody.head TO ledger_sequencer;
GRANT INSERT ON custody.manifest TO ledger_sequencer;
GRANT SELECT ON custody.watched TO repository_app, ledger_sequencer;
