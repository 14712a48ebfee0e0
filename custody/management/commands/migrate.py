"""`migrate` runs as the owner of the tables: the application's own role may neither create nor alter them."""

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def handle(self, *args, **options):
        connection = connections[options["database"]]
        owner = getattr(settings, "MIGRATION_DATABASE", None)
        if not owner or connection.settings_dict["USER"] == owner["USER"]:
            return super().handle(*args, **options)
        usual = dict(connection.settings_dict)
        connection.close()
        # The name stays: a test database is migrated under its own name.
        connection.settings_dict.update({**owner, "NAME": usual["NAME"]})
        try:
            return super().handle(*args, **options)
        finally:
            connection.close()
            connection.settings_dict.update(usual)
