#!/bin/sh
# Makes deploy/secrets/, which docker-compose.yml mounts: one file a secret, never replaced. Run it once: deploy/make-secrets.sh
# The containers read them as user 10001 (postgres: 999): compose mounts files with the modes they have here, so the
# directory is closed (700) and the files are readable (644) inside it.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets && chmod 700 secrets

random() { python3 -c 'import secrets, sys; print(secrets.token_urlsafe(int(sys.argv[1])))' "$1"; }
key() { python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'; }
write() { [ -e "secrets/$1" ] || printf '%s\n' "$2" > "secrets/$1"; }

for name in postgres_password database_owner_password database_app_password database_sequencer_password broker_password; do
  write "$name" "$(random 32)"
done
read_secret() { tr -d '\n' < "secrets/$1"; }
address() { printf 'postgresql://%s:%s@postgres:5432/repository' "$1" "$(read_secret "$2")"; }

write secret_key "$(random 64)"
write keyring.json "{\"active\": \"k1\", \"keys\": {\"k1\": \"$(key)\"}}"
write ledger_signing_key "$(key)"
write database_url "$(address repository_app database_app_password)"
write migration_database_url "$(address repository_owner database_owner_password)"
write sequencer_database_url "$(address ledger_sequencer database_sequencer_password)"
write celery_broker_url "redis://:$(read_secret broker_password)@broker:6379/0"
# For single sign-on, if there is any: put the secret that the provider gave into it.
write oidc_client_secret ""
# For object storage: of the profile `objects`, or put the keys of another one into the first two. They may not make or
# remove a bucket.
write s3_access_key "$(random 12)"
write s3_secret_key "$(random 32)"
identity() {
  printf '{"name": "%s", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": [%s]}' "$1" "$2" "$3" "$4"
}
repository=$(identity repository "$(read_secret s3_access_key)" "$(read_secret s3_secret_key)" \
  '"Read", "Write", "List", "Tagging"')
write objects.json "{\"identities\": [$repository]}"
write broker.conf "requirepass $(read_secret broker_password)"
echo "deploy/secrets holds the keys. Keep a copy of keyring.json and ledger_signing_key somewhere else: nothing replaces them."
