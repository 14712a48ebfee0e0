"""`migrate` runs as the owner of the tables: the application's own role may neither create nor alter them."""

from django.conf import settings
from django.core.checks import Tags
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def get_check_kwargs(self, options):
        # A fresh server has no application role to check with before the first migration: see `handle`.
        return {**super().get_check_kwargs(options), "databases": None}

    def handle(self, *args, **options):
        self.migrate_as_owner(*args, **options)
        if not options["skip_checks"]:
            self.check(tags=[Tags.database], databases=[options["database"]])

    def migrate_as_owner(self, *args, **options):
        connection = connections[options["database"]]
        owner = getattr(settings, "MIGRATION_DATABASE", None)
        if not owner or connection.settings_dict["USER"] == owner["USER"]:
            super().handle(*args, **options)
            return
        usual = dict(connection.settings_dict)
        connection.close()
        # The name stays: a test database is migrated under its own name.
        connection.settings_dict.update({**owner, "NAME": usual["NAME"]})
        try:
            super().handle(*args, **options)
        finally:
            connection.close()
            connection.settings_dict.update(usual)
