from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CustodyConfig(AppConfig):
    name = "custody"
    verbose_name = "Custody ledger"

    def ready(self):
        from custody.privileges import grant_deletes
        from custody.watching import watch_tables

        # Once: the signal comes for each application, after all of them are migrated.
        post_migrate.connect(grant_deletes, sender=self, dispatch_uid="custody.grant_deletes")
        post_migrate.connect(watch_tables, sender=self, dispatch_uid="custody.watch_tables")
