REVOKE ALL ON SCHEMA custody FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA custody FROM PUBLIC;
GRANT USAGE ON SCHEMA custody TO repository_app, ledger_sequencer;
GRANT EXECUTE ON FUNCTION custody.append(text, text, uuid, text, jsonb) TO repository_app, ledger_sequencer;
GRANT SELECT ON custody.entry, custody.payload, custody.leaf, custody.tile, custody.state, custody.checkpoint,
  custody.anchor TO repository_app;
GRANT SELECT ON custody.entry, custody.leaf, custody.tile, custody.state, custody.checkpoint, custody.anchor
  TO ledger_sequencer;
GRANT INSERT ON custody.leaf, custody.tile, custody.checkpoint, custody.anchor TO ledger_sequencer;
GRANT UPDATE ON custody.state TO ledger_sequencer;
