from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "evidence"
    verbose_name = "Evidence"

    def ready(self):
        from accounts import grants
        from evidence import models

        for name in ("Collection", "Incident", "Item", "Person", "Source", "Situation"):
            grants.register(
                getattr(models, name),
                by_user=getattr(models, f"{name}UserPermission"),
                by_group=getattr(models, f"{name}GroupPermission"),
                denials=models.Denial,
                denial_field=name.lower(),
                home=name == "Collection",
            )
