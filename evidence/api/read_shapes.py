"""Shapes of what is only read: steps and pages of a file, incidents counted by place and by time."""

from rest_framework import serializers

from evidence.api.serializers import Shape


class StepShape(Shape):
    """How one step of making a file readable ended. `result` is machine-made and adopted by nobody yet."""

    name = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    tool = serializers.CharField()
    result = serializers.JSONField()
    finished_at = serializers.DateTimeField()


class PageShape(Shape):
    """One page of a file as a machine read it."""

    page = serializers.IntegerField(source="number")
    pages = serializers.IntegerField(source="count")
    text = serializers.SerializerMethodField()
    is_recognised = serializers.SerializerMethodField()
    confidence = serializers.SerializerMethodField()

    def get_text(self, page) -> str:
        return page.text.text if page.text else ""

    def get_is_recognised(self, page) -> bool:
        return bool(page.text and page.text.is_recognised)

    def get_confidence(self, page) -> int | None:
        return page.text.confidence if page.text else None


class SpotShape(serializers.Serializer):
    """A place with the incidents counted there. `filter` finds the same in the list."""

    code = serializers.CharField(source="place.pk")
    kind = serializers.CharField(source="place.kind")
    name = serializers.SerializerMethodField()
    latitude = serializers.DecimalField(8, 5, source="place.latitude", allow_null=True)
    longitude = serializers.DecimalField(8, 5, source="place.longitude", allow_null=True)
    count = serializers.IntegerField()
    is_rough = serializers.BooleanField(help_text="True where no closer place than this wide one is known.")
    filter = serializers.SerializerMethodField(help_text="One parameter of the list, like place=KP-09.")

    def get_name(self, spot) -> dict[str, str]:
        return {"en": spot.place.name_en, "ko": spot.place.name_ko}

    def get_filter(self, spot) -> str:
        return "=".join(spot.filter)


class PlacesShape(serializers.Serializer):
    """Incidents by place, most first; `nowhere` have no place (place_only=none)."""

    level = serializers.ChoiceField(choices=["province", "county"])
    places = SpotShape(source="spots", many=True)
    nowhere = serializers.IntegerField()


class SpanShape(serializers.Serializer):
    """A year or month in which incidents began; `began=LABEL` finds them in the list."""

    label = serializers.CharField()
    count = serializers.IntegerField()
    certain = serializers.IntegerField()
    uncertain = serializers.IntegerField()


class TimesShape(serializers.Serializer):
    """Incidents by the first day of their dates, in order; `undated` have none (began=undated)."""

    by = serializers.ChoiceField(choices=["year", "month"])
    spans = SpanShape(many=True)
    undated = serializers.IntegerField()
