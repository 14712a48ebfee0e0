"""Where the bytes of files are kept for good: STORAGE=local, a directory, or STORAGE=s3, a bucket.

STORAGE_DIR is needed by both: bytes arrive and are worked on there.
"""

from repository.settings import environment

STORAGE = environment.text("STORAGE", "local")
if STORAGE not in ("local", "s3"):
    raise environment.ImproperlyConfigured(f"STORAGE must be local or s3, not {STORAGE!r}.")
S3_ENDPOINT = environment.text("S3_ENDPOINT", "-").removeprefix("-")  # empty: Amazon's own
S3_REGION = environment.text("S3_REGION", "us-east-1")
S3_BUCKET = S3_ACCESS_KEY = S3_SECRET_KEY = ""
# Days for which the bucket itself refuses to remove or replace what was put there; 0 leaves that to the bucket.
S3_LOCK_DAYS = environment.count("S3_LOCK_DAYS", 0)
# Certificates of a server's own authority, as PEM; empty: those of the machine.
S3_CA_FILE = environment.text("S3_CA_FILE", "-").removeprefix("-")
if STORAGE == "s3":
    S3_BUCKET = environment.text("S3_BUCKET")
    S3_ACCESS_KEY = environment.secret("S3_ACCESS_KEY")
    S3_SECRET_KEY = environment.secret("S3_SECRET_KEY")
    if S3_ENDPOINT and not S3_ENDPOINT.startswith(("https://", "http://")):
        raise environment.ImproperlyConfigured("S3_ENDPOINT must be an address: https://storage.example.")
