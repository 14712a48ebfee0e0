"""Settings: `base` holds everywhere; manage.py uses `embedded`, servers use `production`, tests use `testing`."""
