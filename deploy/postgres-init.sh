#!/bin/bash
# Runs once, when the database volume is empty: the three roles with passwords from secret files, and the database.
# repository_owner may not be a superuser: it could lift the refusals that protect the ledger.
set -euo pipefail

secret() { tr -d '\n' < "/run/secrets/$1"; }

# The passwords go in by standard input and as variables of psql: they appear in no list of processes and in no log.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
\set owner_password '$(secret database_owner_password)'
\set app_password '$(secret database_app_password)'
\set sequencer_password '$(secret database_sequencer_password)'
CREATE ROLE repository_owner LOGIN NOSUPERUSER CREATEROLE PASSWORD :'owner_password';
CREATE ROLE repository_app LOGIN NOSUPERUSER PASSWORD :'app_password';
CREATE ROLE ledger_sequencer LOGIN NOSUPERUSER PASSWORD :'sequencer_password';
CREATE DATABASE repository OWNER repository_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
\connect repository
REVOKE ALL ON DATABASE repository FROM PUBLIC;
GRANT CONNECT ON DATABASE repository TO repository_app, ledger_sequencer;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO repository_owner;
SQL
