-- Three roles (docs/operations.md): the owner runs migrations and owns the tables, the application may add but never
-- rewrite the ledger, the sequencer may only extend the tree. Run by repository_owner, who needs CREATEROLE, or after
-- an administrator made the roles.
DO $$
DECLARE missing text;
BEGIN
  FOREACH missing IN ARRAY ARRAY['repository_app', 'ledger_sequencer'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = missing) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', missing);
      EXCEPTION
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'Role % is missing and % may not create it. As a database administrator run: CREATE ROLE % LOGIN',
            missing, current_user, missing;
        WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of the same server was just migrated
      END;
    END IF;
  END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO repository_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO repository_app;
GRANT USAGE ON SCHEMA public TO repository_app, ledger_sequencer;
-- Tables made before this migration ran (Django's own) get the same.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO repository_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO repository_app;
