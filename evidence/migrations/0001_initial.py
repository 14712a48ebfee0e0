import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import evidence.models.codes
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContextualSet",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ModeOfLiability",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                ("legal_basis", models.CharField(max_length=120)),
            ],
            options={
                "verbose_name_plural": "modes of liability",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Vocabulary",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                ("extensible", models.BooleanField()),
                ("hierarchical", models.BooleanField()),
            ],
            options={
                "verbose_name_plural": "vocabularies",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="what was done, in English")),
                ("title_ko", models.CharField(blank=True, max_length=300, verbose_name="what was done, in Korean")),
                ("date", models.CharField(blank=True, max_length=64)),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position", "created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="act_dates",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sha256", models.BinaryField(max_length=32, unique=True)),
                ("size", models.BigIntegerField()),
                ("wrapped_key", models.BinaryField(null=True)),
                ("stored_at", models.DateTimeField(auto_now_add=True)),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="blob_size")],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="COL", unique=True)),
                ("name_en", models.CharField(max_length=200, verbose_name="name in English")),
                ("name_ko", models.CharField(blank=True, max_length=200, verbose_name="name in Korean")),
                ("description", models.TextField(blank=True)),
                (
                    "preset_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        help_text="Without one, new records take the highest.",
                        null=True,
                        verbose_name="level of new records",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_collection", "Can contribute collection"),
                    ("review_collection", "Can review collection"),
                    ("manage_collection", "Can manage collection"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="collection_levels",
                    ),
                    models.CheckConstraint(condition=models.Q(("name_en", ""), _negated=True), name="collection_named"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CollectionGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="CollectionUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Crime",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                ("selectable", models.BooleanField()),
                ("path", models.JSONField(default=list)),
                ("article", models.CharField(blank=True, max_length=120)),
                ("definition_en", models.TextField(blank=True)),
                ("definition_ko", models.TextField(blank=True)),
                (
                    "contextual_set",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.contextualset"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="evidence.crime",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.crime"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Classification",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("alleged", "Alleged"), ("supported", "Supported"), ("rejected", "Rejected")],
                        default="alleged",
                        max_length=20,
                    ),
                ),
                (
                    "standard",
                    models.CharField(
                        default="reasonable_grounds_to_believe", max_length=40, verbose_name="standard of proof"
                    ),
                ),
                ("rationale", models.TextField(blank=True)),
                ("assessed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="classifications", to="evidence.act"
                    ),
                ),
                (
                    "assessed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("crime", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.crime")),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("act", "crime"), name="classification_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["alleged", "supported", "rejected"])),
                        name="classification_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "standard__in",
                                [
                                    "allegation",
                                    "reasonable_suspicion",
                                    "reasonable_grounds_to_believe",
                                    "substantial_grounds",
                                    "balance_of_probabilities",
                                    "clear_and_convincing",
                                    "beyond_reasonable_doubt",
                                ],
                            )
                        ),
                        name="classification_standard",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="DIS", unique=True)),
                ("recipient_type", models.CharField(max_length=40)),
                ("purpose", models.CharField(max_length=40)),
                ("legal_basis", models.TextField(blank=True)),
                ("request", models.TextField()),
                ("status", models.CharField(default="received", max_length=30)),
                ("first_approval_at", models.DateTimeField(null=True)),
                ("second_approval_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "first_approval_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_approval_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "received",
                                    "recipient_vetting",
                                    "legal_review",
                                    "consent_check",
                                    "provider_check",
                                    "protection_review",
                                    "redaction",
                                    "first_approval",
                                    "second_approval",
                                    "approved",
                                    "rejected",
                                    "packaged",
                                    "delivered",
                                    "acknowledged",
                                    "recalled",
                                ],
                            )
                        ),
                        name="disclosure_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose__in", ["accountability", "truth", "un_targeted_sanctions"]),
                            models.Q(("legal_basis", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="disclosure_purpose_or_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_approval_by__isnull", True),
                            models.Q(
                                ("first_approval_by__isnull", False),
                                models.Q(("first_approval_by", models.F("second_approval_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="disclosure_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["approved", "packaged", "delivered", "acknowledged"]), _negated=True
                            ),
                            ("second_approval_by__isnull", False),
                            _connector="OR",
                        ),
                        name="disclosure_approved_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DisclosureItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("is_included", models.BooleanField(default=False)),
                ("withholding_reason", models.CharField(blank=True, max_length=40)),
                ("is_neutral_entry", models.BooleanField(default=False)),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="evidence.disclosure"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Element",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                ("kind", models.CharField(max_length=20)),
                (
                    "contextual_set",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="elements",
                        to="evidence.contextualset",
                    ),
                ),
                (
                    "crime",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="elements",
                        to="evidence.crime",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("crime__isnull", True), ("contextual_set__isnull", True), _connector="XOR"),
                        name="element_of_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("assessment", models.CharField(default="not_assessed", max_length=20)),
                ("rationale", models.TextField(blank=True)),
                ("assessed_at", models.DateTimeField()),
                (
                    "assessed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "classification",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="evidence.classification",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("element", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.element")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("classification__isnull", False)),
                        fields=("classification", "element"),
                        name="finding_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "assessment__in",
                                ["not_assessed", "supported", "partly_supported", "contradicted", "no_evidence"],
                            )
                        ),
                        name="finding_assessment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GateResult",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("gate", models.CharField(max_length=30)),
                ("result", models.CharField(default="pending", max_length=10)),
                ("reason", models.TextField(blank=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "disclosure_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gates", to="evidence.disclosureitem"
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("disclosure_item", "gate"), name="gateresult_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "gate__in",
                                [
                                    "purpose",
                                    "recipient",
                                    "consent",
                                    "provider_conditions",
                                    "protection",
                                    "confidentiality",
                                    "relevance",
                                ],
                            )
                        ),
                        name="gateresult_gate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["pass", "fail", "pending"])), name="gateresult_result"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result", "pending"),
                            models.Q(models.Q(("reason", ""), _negated=True), ("reviewed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="gateresult_reviewed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name_en", models.CharField(max_length=200)),
                ("name_ko", models.CharField(blank=True, max_length=200)),
                ("spec", models.JSONField()),
                ("is_shipped", models.BooleanField(default=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name_en"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_shipped", True), ("created_by__isnull", False), _connector="OR"),
                        name="mapping_has_author",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("spec", models.JSONField()),
                ("filename", models.CharField(max_length=255)),
                ("is_dry_run", models.BooleanField(default=True)),
                ("confidentiality", models.PositiveSmallIntegerField()),
                ("state", models.CharField(default="uploaded", max_length=20)),
                ("problem", models.TextField(blank=True)),
                ("total", models.PositiveIntegerField(null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("created", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="evidence.blob"
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mapping",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="evidence.importmapping"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "import batches",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["uploaded", "pending", "running", "done", "failed", "cancelled"])
                        ),
                        name="importbatch_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("inherits_access", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="INC", unique=True)),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("title_ko", models.CharField(blank=True, max_length=300, verbose_name="title in Korean")),
                ("narrative_en", models.TextField(blank=True, max_length=200000, verbose_name="account in English")),
                ("narrative_ko", models.TextField(blank=True, max_length=200000, verbose_name="account in Korean")),
                ("date", models.CharField(blank=True, max_length=64, verbose_name="date (EDTF)")),
                (
                    "date_note",
                    models.CharField(blank=True, max_length=500, verbose_name="date in the source's own words"),
                ),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                ("date_sort", models.DateField(editable=False)),
                ("date_is_certain", models.BooleanField(default=False, editable=False)),
                (
                    "place_precision",
                    models.CharField(default="unknown", max_length=20, verbose_name="precision of the place"),
                ),
                ("place_detail", models.CharField(blank=True, max_length=1000, verbose_name="place as reported")),
                ("latitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ("longitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                (
                    "review_status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("returned", "Returned"),
                            ("second_review", "Second review"),
                            ("finalised", "Finalised"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("verification_status", models.CharField(default="unverified", max_length=30)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                (
                    "crime_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, editable=False, size=None
                    ),
                ),
                (
                    "place_path",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, editable=False, size=None
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_incident", "Can contribute incident"),
                    ("review_incident", "Can review incident"),
                    ("manage_incident", "Can manage incident"),
                ],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("date_sort"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="inc_date",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="inc_updated",
                    ),
                    models.Index(
                        models.F("collection"),
                        models.OrderBy(models.F("date_sort"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="inc_collection_date",
                    ),
                    models.Index(
                        fields=["collection", "inherits_access", "effective_level", "review_status"],
                        name="inc_acl_count",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["crime_codes"], name="inc_crimes"),
                    django.contrib.postgres.indexes.GinIndex(fields=["place_path"], name="inc_places"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="incident_levels",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "review_status__in",
                                ["draft", "in_review", "returned", "second_review", "finalised", "withdrawn"],
                            )
                        ),
                        name="incident_review_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verification_status__in",
                                [
                                    "unverified",
                                    "in_progress",
                                    "partially_corroborated",
                                    "corroborated",
                                    "verified",
                                    "inconclusive",
                                    "contradicted",
                                    "inauthentic",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="incident_verification",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "place_precision__in",
                                ["exact", "facility", "settlement", "county", "province", "country", "unknown"],
                            )
                        ),
                        name="incident_precision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title_en", ""), _negated=True),
                            models.Q(("title_ko", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="incident_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="incident_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="incident_coordinates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sheet", models.CharField(blank=True, max_length=100)),
                ("number", models.PositiveIntegerField()),
                ("original", models.JSONField()),
                ("identity", models.CharField(blank=True, max_length=300)),
                ("outcome", models.CharField(max_length=20)),
                ("problems", models.JSONField(default=list)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="evidence.importbatch"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_rows",
                        to="evidence.incident",
                    ),
                ),
            ],
            options={
                "ordering": ["sheet", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "sheet", "number"), name="importrow_once"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["created", "updated", "unchanged", "refused"])),
                        name="importrow_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("mapping_slug", models.CharField(max_length=80)),
                ("identity", models.CharField(max_length=300)),
                ("made", models.JSONField()),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imported_from",
                        to="evidence.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("collection", "mapping_slug", "identity"), name="importedrecord_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="act",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="evidence.incident"
            ),
        ),
        migrations.CreateModel(
            name="IncidentGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.incident"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="IncidentRelation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=40)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations", to="evidence.incident"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations_from",
                        to="evidence.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "other", "kind"), name="incidentrelation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("incident", models.F("other")), _negated=True), name="incidentrelation_two"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.incident"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="InquiryTerm",
            fields=[
                ("code", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                ("kind", models.CharField(max_length=20)),
                ("maps_to", models.ManyToManyField(related_name="inquiry_terms", to="evidence.crime")),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["crime", "group", "theme", "pattern"])),
                        name="inquiryterm_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("inherits_access", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="EV", unique=True)),
                ("kind", models.CharField(max_length=60, verbose_name="type")),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("title_ko", models.CharField(blank=True, max_length=300, verbose_name="title in Korean")),
                ("description", models.TextField(blank=True, max_length=200000)),
                ("language", models.CharField(blank=True, max_length=35)),
                ("date", models.CharField(blank=True, max_length=64, verbose_name="document date (EDTF)")),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                (
                    "content_warnings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                ("obtained_how", models.CharField(blank=True, max_length=40)),
                ("obtained_on", models.CharField(blank=True, max_length=64)),
                ("obtained_where", models.CharField(blank=True, max_length=300)),
                ("obtained_by", models.CharField(blank=True, max_length=200)),
                ("conditions", models.TextField(blank=True)),
                ("has_original", models.BooleanField(null=True)),
                ("original_location", models.CharField(blank=True, max_length=300)),
                ("suffix", models.CharField(blank=True, max_length=20)),
                ("sealed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "suffix_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="evidence.item",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_item", "Can contribute item"),
                    ("review_item", "Can review item"),
                    ("manage_item", "Can manage item"),
                ],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="item_updated",
                    ),
                    models.Index(fields=["collection", "inherits_access", "effective_level"], name="item_acl"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="item_levels",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title_en", ""), _negated=True),
                            models.Q(("title_ko", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="item_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="item_dates",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("suffix_of__isnull", False)),
                        fields=("suffix_of", "suffix"),
                        name="item_suffix_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("suffix_of__isnull", True), models.Q(("suffix", ""), _negated=True), _connector="XOR"
                        ),
                        name="item_suffix_with_base",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("role", models.CharField(default="original", max_length=20)),
                ("name", models.CharField(max_length=255)),
                ("media_type", models.CharField(default="application/octet-stream", max_length=127)),
                ("tool", models.CharField(blank=True, max_length=120)),
                ("is_machine_made", models.BooleanField(default=False)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="evidence.blob"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "derived_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="derivatives",
                        to="evidence.file",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="evidence.item"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "original",
                                    "evidentiary_copy",
                                    "working_copy",
                                    "redacted",
                                    "translation",
                                    "transcription",
                                    "thumbnail",
                                    "normalised",
                                    "excerpt",
                                    "digital_surrogate",
                                ],
                            )
                        ),
                        name="file_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["original", "evidentiary_copy"]),
                            ("derived_from__isnull", False),
                            _connector="OR",
                        ),
                        name="file_derivative_has_origin",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="disclosureitem",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="disclosures", to="evidence.item"
            ),
        ),
        migrations.CreateModel(
            name="Custody",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("event", models.CharField(max_length=40)),
                ("happened_on", models.CharField(max_length=64)),
                ("from_custodian", models.CharField(blank=True, max_length=200)),
                ("to_custodian", models.CharField(blank=True, max_length=200)),
                ("purpose", models.CharField(blank=True, max_length=300)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("seal_number", models.CharField(blank=True, max_length=60)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="custody_events", to="evidence.item"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "custody events",
            },
        ),
        migrations.CreateModel(
            name="ItemGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("content_object", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.item")),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="ItemRelation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=40)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations", to="evidence.item"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations_from", to="evidence.item"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "other", "kind"), name="itemrelation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("item", models.F("other")), _negated=True), name="itemrelation_two"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("content_object", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.item")),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="ORG", unique=True)),
                ("term", models.CharField(max_length=120, null=True, unique=True)),
                ("name_en", models.CharField(max_length=200, verbose_name="name in English")),
                ("name_ko", models.CharField(blank=True, max_length=200, verbose_name="name in Korean")),
                ("kind", models.CharField(default="unknown", max_length=40)),
                ("date", models.CharField(blank=True, max_length=64)),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name_en"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="organisation_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_en", ""), _negated=True), name="organisation_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("frozen_at", models.DateTimeField()),
                ("recalled_at", models.DateTimeField(null=True)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packages", to="evidence.blob"
                    ),
                ),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packages", to="evidence.disclosure"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("disclosure", "number"), name="package_once")],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("inherits_access", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="P", unique=True)),
                ("is_protected", models.BooleanField(default=True, verbose_name="protected person")),
                ("risk", models.CharField(default="not_assessed", max_length=20, verbose_name="protection risk")),
                ("sex", models.CharField(default="unknown", max_length=10)),
                (
                    "note",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="description without identifying details"
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_person", "Can contribute person"),
                    ("review_person", "Can review person"),
                    ("manage_person", "Can manage person"),
                ],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="person_updated",
                    ),
                    models.Index(fields=["collection", "inherits_access", "effective_level"], name="person_acl"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="person_levels",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("risk__in", ["low", "medium", "high", "extreme", "not_assessed"])),
                        name="person_risk",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male", "other", "unknown"])), name="person_sex"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("locator", models.CharField(blank=True, max_length=200, verbose_name="page, time code or region")),
                ("function", models.CharField(default="crime_base", max_length=20)),
                ("stance", models.CharField(default="supports", max_length=20)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "act",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="links", to="evidence.act"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="evidence.finding",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="evidence.incident",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="evidence.item"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="evidence.person",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("act__isnull", True),
                                ("finding__isnull", True),
                                ("incident__isnull", False),
                                ("person__isnull", True),
                            ),
                            models.Q(
                                ("act__isnull", False),
                                ("finding__isnull", True),
                                ("incident__isnull", True),
                                ("person__isnull", True),
                            ),
                            models.Q(
                                ("act__isnull", True),
                                ("finding__isnull", True),
                                ("incident__isnull", True),
                                ("person__isnull", False),
                            ),
                            models.Q(
                                ("act__isnull", True),
                                ("finding__isnull", False),
                                ("incident__isnull", True),
                                ("person__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="link_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "function__in",
                                [
                                    "crime_base",
                                    "contextual",
                                    "linkage",
                                    "mental_element",
                                    "exonerating",
                                    "credibility",
                                    "background",
                                    "lead",
                                ],
                            )
                        ),
                        name="link_function",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stance__in", ["supports", "contradicts", "neutral"])), name="link_stance"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Liability",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("alleged", "Alleged"), ("supported", "Supported"), ("rejected", "Rejected")],
                        default="alleged",
                        max_length=20,
                    ),
                ),
                ("standard", models.CharField(default="reasonable_grounds_to_believe", max_length=40)),
                ("rationale", models.TextField(blank=True)),
                (
                    "classification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liabilities",
                        to="evidence.classification",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("mode", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.modeofliability")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="liabilities", to="evidence.person"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "liabilities",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "classification", "mode"), name="liability_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["alleged", "supported", "rejected"])),
                        name="liability_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "standard__in",
                                [
                                    "allegation",
                                    "reasonable_suspicion",
                                    "reasonable_grounds_to_believe",
                                    "substantial_grounds",
                                    "balance_of_probabilities",
                                    "clear_and_convincing",
                                    "beyond_reasonable_doubt",
                                ],
                            )
                        ),
                        name="liability_standard",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Involvement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("role", models.CharField(max_length=40)),
                ("count_min", models.PositiveIntegerField(blank=True, null=True, verbose_name="at least")),
                ("count_max", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most")),
                ("description", models.CharField(blank=True, max_length=500)),
                (
                    "characteristics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                (
                    "harm",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                ("sex", models.CharField(default="unknown", max_length=10)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="involvements", to="evidence.act"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="involvements",
                        to="evidence.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="involvements",
                        to="evidence.person",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("person__isnull", True), ("organisation__isnull", True), _connector="OR"),
                        name="involvement_one_party",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("person__isnull", True)),
                            models.Q(("count_max__isnull", True), ("count_min__isnull", True)),
                            _connector="OR",
                        ),
                        name="involvement_counts_unnamed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("count_min__isnull", True),
                            ("count_max__isnull", True),
                            ("count_min__lte", models.F("count_max")),
                            _connector="OR",
                        ),
                        name="involvement_counts_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male", "other", "unknown"])), name="involvement_sex"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sealed", models.BinaryField()),
                ("is_current", models.BooleanField(default=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="identities", to="evidence.person"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "identities",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)), fields=("person",), name="identity_current_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("covers_everything", models.BooleanField(default=False)),
                ("use", models.CharField(max_length=60)),
                ("recipient", models.CharField(max_length=60)),
                ("identity_level", models.CharField(default="none", max_length=40)),
                ("includes_sexual_violence_details", models.BooleanField(default=False)),
                ("status", models.CharField(default="denied", max_length=30)),
                ("given_on", models.CharField(blank=True, max_length=64)),
                ("expires_at", models.DateTimeField(null=True)),
                ("form", models.CharField(blank=True, max_length=40)),
                ("conditions", models.TextField(blank=True)),
                ("is_child", models.BooleanField(default=False)),
                ("guardian_consented", models.BooleanField(default=False)),
                ("child_assented", models.BooleanField(default=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "superseded_by",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="evidence.consent",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents_consent",
                        to="evidence.item",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="evidence.item",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="evidence.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "granted",
                                    "granted_conditional",
                                    "denied",
                                    "not_asked",
                                    "unclear",
                                    "withdrawn",
                                    "expired",
                                    "needs_reconfirmation",
                                    "deceased_next_of_kin",
                                    "unreachable",
                                    "not_required",
                                ],
                            )
                        ),
                        name="consent_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "identity_level__in",
                                ["full", "confidential_to_recipient", "pseudonym", "anonymised", "aggregate", "none"],
                            )
                        ),
                        name="consent_identity_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("item__isnull", False), ("covers_everything", True), _connector="XOR"),
                        name="consent_material",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_child", False),
                            models.Q(("status__in", ["granted", "granted_conditional"]), _negated=True),
                            models.Q(("child_assented", True), ("guardian_consented", True)),
                            _connector="OR",
                        ),
                        name="consent_of_a_child",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "granted_conditional"), _negated=True),
                            models.Q(("conditions", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="consent_conditions_stated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.person"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="PersonRelation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations_from", to="evidence.person"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations", to="evidence.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "other", "kind"), name="personrelation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("other")), _negated=True), name="personrelation_two"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.person"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("code", models.CharField(max_length=80, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("country", "Country"),
                            ("province", "Province"),
                            ("county", "City, county or district"),
                            ("settlement", "Village or neighbourhood"),
                            ("facility", "Facility or site"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "path",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None),
                ),
                ("name_en", models.CharField(max_length=200)),
                ("name_ko", models.CharField(max_length=200)),
                (
                    "alternates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("latitude", models.DecimalField(decimal_places=5, max_digits=8, null=True)),
                ("longitude", models.DecimalField(decimal_places=5, max_digits=8, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="evidence.place",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["path"], name="place_path")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["country", "province", "county", "settlement", "facility"])),
                        name="place_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="place_coordinates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "country"), ("parent__isnull", False), _connector="XOR"),
                        name="place_has_parent",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="organisation",
            name="place",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="organisations",
                to="evidence.place",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="place",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="incidents", to="evidence.place"
            ),
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("decision", models.CharField(max_length=20)),
                ("from_status", models.CharField(max_length=20)),
                ("to_status", models.CharField(max_length=20)),
                ("note", models.TextField(blank=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="evidence.incident"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "decision__in",
                                ["submitted", "returned", "passed", "finalised", "reopened", "withdrawn", "restored"],
                            )
                        ),
                        name="review_decision",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SamePerson",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("status", models.CharField(default="proposed", max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="same_as_from", to="evidence.person"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="same_as", to="evidence.person"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "same persons",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "other"), name="sameperson_once"),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("other")), _negated=True), name="sameperson_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["proposed", "same", "different"])), name="sameperson_status"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "proposed"),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="sameperson_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Situation",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("inherits_access", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="SIT", unique=True)),
                ("title_en", models.CharField(blank=True, max_length=300)),
                ("title_ko", models.CharField(blank=True, max_length=300)),
                ("narrative", models.TextField(blank=True, max_length=200000)),
                ("date", models.CharField(blank=True, max_length=64)),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"
                    ),
                ),
                (
                    "contextual_set",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.contextualset"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_situation", "Can contribute situation"),
                    ("review_situation", "Can review situation"),
                    ("manage_situation", "Can manage situation"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="situation_levels",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title_en", ""), _negated=True),
                            models.Q(("title_ko", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="situation_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="situation_dates",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="finding",
            name="situation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="evidence.situation"
            ),
        ),
        migrations.CreateModel(
            name="SituationGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.situation"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="SituationIncident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("incident", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.incident")),
                ("situation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.situation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("situation", "incident"), name="situationincident_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="situation",
            name="incidents",
            field=models.ManyToManyField(
                related_name="situations", through="evidence.SituationIncident", to="evidence.incident"
            ),
        ),
        migrations.CreateModel(
            name="SituationUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.situation"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "confidentiality",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        verbose_name="confidentiality",
                    ),
                ),
                (
                    "effective_level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Public"),
                            (1, "Internal"),
                            (2, "Confidential"),
                            (3, "Strictly confidential"),
                            (4, "Source-protected"),
                        ],
                        default=4,
                        editable=False,
                    ),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("inherits_access", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", evidence.models.codes.CodeField(editable=False, max_length=16, prefix="SRC", unique=True)),
                ("kind", models.CharField(default="unknown", max_length=40, verbose_name="type of source")),
                ("title", models.CharField(max_length=500, verbose_name="protected reference or public title")),
                ("description", models.TextField(blank=True)),
                ("proximity", models.CharField(blank=True, max_length=40)),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="evidence.source",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sources",
                        to="evidence.person",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("contribute_source", "Can contribute source"),
                    ("review_source", "Can review source"),
                    ("manage_source", "Can manage source"),
                ],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="source_updated",
                    ),
                    models.Index(fields=["collection", "inherits_access", "effective_level"], name="source_acl"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality__lte", 4),
                            ("effective_level__gte", models.F("confidentiality")),
                            ("effective_level__lte", 4),
                        ),
                        name="source_levels",
                    ),
                    models.CheckConstraint(condition=models.Q(("title", ""), _negated=True), name="source_titled"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderCondition",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("use", models.CharField(max_length=60)),
                ("recipient", models.CharField(max_length=60)),
                ("is_allowed", models.BooleanField(default=False)),
                ("terms", models.TextField(blank=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provider_conditions",
                        to="evidence.item",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conditions",
                        to="evidence.source",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__isnull", True), ("item__isnull", True), _connector="XOR"),
                        name="providercondition_of_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("title_en", models.CharField(max_length=200)),
                ("title_ko", models.CharField(blank=True, max_length=200)),
                ("date", models.CharField(blank=True, max_length=64)),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="positions",
                        to="evidence.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="positions", to="evidence.person"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.source"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="position_dates",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonName",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(default="unknown", max_length=20)),
                ("script", models.CharField(max_length=30)),
                ("sealed", models.BinaryField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="names", to="evidence.person"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.source"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "script__in",
                                ["hangul", "hanja", "other_script", "romanised_source", "romanised_normalised"],
                            )
                        ),
                        name="personname_script",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonFact",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("fact", models.CharField(max_length=40)),
                ("sealed", models.BinaryField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="evidence.person"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.source"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="item",
            name="source",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="items", to="evidence.source"
            ),
        ),
        migrations.CreateModel(
            name="Grading",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("reliability", models.CharField(max_length=1)),
                ("credibility", models.CharField(max_length=1)),
                ("reason", models.TextField()),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gradings",
                        to="evidence.item",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gradings", to="evidence.source"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reliability__in", ["A", "B", "C", "D", "E", "F"])),
                        name="grading_reliability",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("credibility__in", ["1", "2", "3", "4", "5", "6"])),
                        name="grading_credibility",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="grading_reasoned"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Documentation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("documented", models.CharField(max_length=20)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documentation",
                        to="evidence.incident",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documentation", to="evidence.source"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "documentation",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "source"), name="documentation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("documented__in", ["yes", "no", "not_applicable"])),
                        name="documentation_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Denial",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "collection",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.collection"),
                ),
                (
                    "denied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("group", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="auth.group")),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.incident"),
                ),
                ("item", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.item")),
                (
                    "person",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.person"),
                ),
                (
                    "situation",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.situation"),
                ),
                (
                    "source",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="evidence.source"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("user__isnull", True), ("group__isnull", True), _connector="XOR"),
                        name="denial_one_principal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("collection__isnull", False),
                                ("incident__isnull", True),
                                ("item__isnull", True),
                                ("person__isnull", True),
                                ("situation__isnull", True),
                                ("source__isnull", True),
                            ),
                            models.Q(
                                ("collection__isnull", True),
                                ("incident__isnull", False),
                                ("item__isnull", True),
                                ("person__isnull", True),
                                ("situation__isnull", True),
                                ("source__isnull", True),
                            ),
                            models.Q(
                                ("collection__isnull", True),
                                ("incident__isnull", True),
                                ("item__isnull", False),
                                ("person__isnull", True),
                                ("situation__isnull", True),
                                ("source__isnull", True),
                            ),
                            models.Q(
                                ("collection__isnull", True),
                                ("incident__isnull", True),
                                ("item__isnull", True),
                                ("person__isnull", False),
                                ("situation__isnull", True),
                                ("source__isnull", True),
                            ),
                            models.Q(
                                ("collection__isnull", True),
                                ("incident__isnull", True),
                                ("item__isnull", True),
                                ("person__isnull", True),
                                ("situation__isnull", True),
                                ("source__isnull", False),
                            ),
                            models.Q(
                                ("collection__isnull", True),
                                ("incident__isnull", True),
                                ("item__isnull", True),
                                ("person__isnull", True),
                                ("situation__isnull", False),
                                ("source__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="denial_one_record",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceGroupPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.source"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.group"),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="SourceUserPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.source"),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="auth.permission"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Superior",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("date", models.CharField(blank=True, max_length=64)),
                ("date_earliest", models.DateField(editable=False, null=True)),
                ("date_latest", models.DateField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "subordinate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superiors",
                        to="evidence.organisation",
                    ),
                ),
                (
                    "superior",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subordinates",
                        to="evidence.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("superior", models.F("subordinate")), _negated=True), name="superior_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_earliest__isnull", True),
                            ("date_latest__isnull", True),
                            ("date_earliest__lte", models.F("date_latest")),
                            _connector="OR",
                        ),
                        name="superior_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=120)),
                ("label_en", models.TextField()),
                ("label_ko", models.TextField()),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_to", models.DateField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="evidence.term",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.term"
                    ),
                ),
                (
                    "vocabulary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="evidence.vocabulary"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(models.F("vocabulary"), models.F("code"), name="term_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("label_en", ""), _negated=True), models.Q(("label_ko", ""), _negated=True)
                        ),
                        name="term_labelled",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="disclosureitem",
            constraint=models.UniqueConstraint(fields=("disclosure", "item"), name="disclosureitem_once"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("classification__isnull", True), ("situation__isnull", True), _connector="XOR"),
                name="finding_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("situation__isnull", False)),
                fields=("situation", "element"),
                name="finding_once_situation",
            ),
        ),
    ]
