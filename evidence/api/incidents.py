"""Incidents, with the acts done to them: revise, review, classify, assess; their history and links."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import assessment, recording, search
from evidence.api import inputs
from evidence.api.base import IF_MATCH, RecordViewSet, filter_parameters
from evidence.api.bulk import BulkActions
from evidence.api.exporting import Exports, exported, listed
from evidence.api.read_shapes import PlacesShape, TimesShape
from evidence.api.serializers import ClassificationShape, EventShape, IncidentRow, IncidentShape, LinkShape
from evidence.history import history_of
from evidence.models import Act, Classification, Incident, Item, Link, Person
from evidence.recording.acts import find
from evidence.search.counting import Budget
from evidence.search.values import known

COUNTING_SECONDS = 15


def _choice(name: str, known: tuple[str, ...]) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, enum=known, description=f"How it is gathered; {known[0]} unless told."
    )


STEPS = {
    "submit": (assessment.submit, Permission.CONTRIBUTE),
    "pass": (assessment.pass_on, Permission.REVIEW),
    "return": (assessment.return_to_author, Permission.REVIEW),
    "finalise": (assessment.finalise, Permission.REVIEW),
    "withdraw": (assessment.withdraw, Permission.CONTRIBUTE),
    "restore": (assessment.restore, Permission.CONTRIBUTE),
}


@exported(IncidentRow, search.INCIDENT_FILTERS)
@extend_schema_view(
    list=listed(IncidentRow, search.INCIDENT_FILTERS, has_places=True),
    create=extend_schema(request=inputs.IncidentInput, responses={201: IncidentShape}),
    partial_update=extend_schema(request=inputs.IncidentPatch, parameters=[IF_MATCH]),
)
class IncidentViewSet(BulkActions, Exports, RecordViewSet):
    """Documented events. Crimes are those of the acts: analytical allegations, never findings of guilt."""

    model = Incident
    kind = "incident"
    serializer_class = IncidentShape
    filters = search.INCIDENT_FILTERS
    orderings = ("updated", "date", "reference")
    has_places = True
    repeats_itself = ("bulk",)
    verb_refuses = ("create", "partial_update")
    acts = {
        "list": Does.READ, "map": Does.READ, "timeline": Does.READ, "export": Does.EXPORT, "retrieve": Does.READ,
        "history": Does.READ, "create": Does.RECORD, "bulk": Does.RECORD,
        "partial_update": Does.RECORD, "submit": Does.RECORD, "pass_on": Does.REVIEW, "return_to_author": Does.REVIEW,
        "finalise": Does.REVIEW, "withdraw": Does.RECORD, "restore": Does.RECORD, "classify": Does.ASSESS,
    }  # fmt: skip
    scopes = {
        **dict.fromkeys(("list", "map", "timeline", "export", "retrieve", "history"), "incidents:read"),
        **dict.fromkeys(
            ("create", "bulk", "partial_update", "submit", "pass_on", "return_to_author", "finalise", "withdraw",
             "restore", "classify"),
            "incidents:write",
        ),
    }  # fmt: skip

    def get_queryset(self):
        return super().get_queryset().select_related("place")

    def get_serializer_class(self):
        return IncidentRow if self.action in ("list", "export") else super().get_serializer_class()

    def list(self, request):
        return self.listing(self.get_queryset())

    @extend_schema(
        parameters=[*filter_parameters(search.INCIDENT_FILTERS), _choice("level", ("province", "county"))],
        responses=PlacesShape,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def map(self, request):
        """How many of the incidents that the filters find are in which place, at the level of provinces or counties."""
        counts, level = self._counted(search.by_place, "level", ("province", "county"))
        places = search.over_places(counts, level)
        return Response(PlacesShape({"level": level, "spots": places.spots, "nowhere": places.nowhere}).data)

    @extend_schema(
        parameters=[*filter_parameters(search.INCIDENT_FILTERS), _choice("by", ("year", "month"))],
        responses=TimesShape,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def timeline(self, request):
        """How many of the incidents that the filters find began in which year or month."""
        counts, by = self._counted(search.by_day, "by", ("year", "month"))
        times = search.over_time(counts, by)
        return Response(TimesShape({"by": by, "spans": times.spans, "undated": times.undated}).data)

    def _counted(self, count, name: str, choices: tuple[str, ...]) -> tuple:
        """(counts, how they are wished to be gathered) of what the query string finds; one reading entry."""
        params = self.request.query_params.copy()
        (wish,) = known((params.pop(name, None) or [choices[0]])[-1:], choices, name)
        found = search.counted(Incident, params, search.INCIDENT_FILTERS, user=self.request.user)
        with Budget(COUNTING_SECONDS) as budget:
            counts = count(found, budget)
        if counts is None:
            raise Invalid(_("There was too much to count at once: narrow the list."), field="where")
        self.note([])
        return counts, wish

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        incident = recording.log_incident(by=request.user, collection=self.home(), given=self.given("collection"))
        return self.answer(incident, status=201)

    def partial_update(self, request, pk):
        incident = self.load(Permission.CONTRIBUTE)
        incident = recording.revise_incident(
            by=request.user, incident=incident, given=self.given("reason"), version=self.version(), reason=self.reason()
        )
        return self.answer(incident)

    def _step(self, name: str) -> Response:
        verb, permission = STEPS[name]
        incident = verb(by=self.request.user, incident=self.load(permission), note=self.text("note"))
        return self.answer(incident)

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"])
    def submit(self, request, pk):
        """Hand the incident to review."""
        return self._step("submit")

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"], url_path="pass")
    def pass_on(self, request, pk):
        """First review done: on to the second."""
        return self._step("pass")

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"], url_path="return")
    def return_to_author(self, request, pk):
        """Send it back to the author, with what to change."""
        return self._step("return")

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"])
    def finalise(self, request, pk):
        """Close the second review; the reviewer is not the author."""
        return self._step("finalise")

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take it out of use, with a reason; nothing is deleted."""
        return self._step("withdraw")

    @extend_schema(request=inputs.NoteInput)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Bring a withdrawn incident back."""
        return self._step("restore")

    @extend_schema(responses=EventShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request, pk):
        """What happened to the incident, newest first, with before and after."""
        incident = self.load()
        search.note_opened(by=request.user, record=incident)
        events = history_of(incident, user=request.user)
        return Response(EventShape(events, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=inputs.ClassifyInput, responses={201: ClassificationShape})
    @action(detail=True, methods=["post"], url_path="classifications")
    def classify(self, request, pk):
        """Allege a crime of one of its acts."""
        incident = self.load(Permission.CONTRIBUTE)
        body = self.body()
        act = find(Act.objects.filter(incident=incident, ended_at=None).permitted(request.user), body.get("act"))
        if act is None:
            raise Invalid(_("This act does not belong to the incident."), field="act")
        row = assessment.classify(by=request.user, act=act, **_only(body, "crime", "standard", "rationale"))
        return self.made(ClassificationShape, row)


def _only(body: dict, *names: str) -> dict:
    """The named texts of the body; a missing first one is an empty text, which the verb refuses by name."""
    first, *rest = names
    return {first: body.get(first, "")} | {name: body[name] for name in rest if name in body}


@extend_schema_view(
    partial_update=extend_schema(request=inputs.AssessInput, parameters=[IF_MATCH]),
)
class ClassificationViewSet(RecordViewSet):
    """Classifications: set status and standard of proof, with a rationale."""

    model = Classification
    serializer_class = ClassificationShape
    acts = {"retrieve": Does.READ, "partial_update": Does.ASSESS}
    scopes = {"retrieve": "incidents:read", "partial_update": "incidents:write"}

    def retrieve(self, request, pk):
        return self.answer(self.load())

    def partial_update(self, request, pk):
        row = self.load(Permission.CONTRIBUTE)
        body = self.body()
        row = assessment.assess(
            by=request.user,
            classification=row,
            version=self.version(),
            rationale=body.get("rationale", ""),
            **_only(body, "status", "standard"),
        )
        return self.answer(row)


@extend_schema_view(
    create=extend_schema(request=inputs.LinkInput, responses={201: LinkShape}),
    end=extend_schema(request=inputs.ReasonInput, responses={204: OpenApiResponse(description="Ended.")}),
)
class LinkViewSet(RecordViewSet):
    """Links of evidence items to incidents, acts and persons."""

    model = Link
    serializer_class = LinkShape
    acts = {"create": Does.RECORD, "retrieve": Does.READ, "end": Does.RECORD}
    scopes = {"create": "items:write", "retrieve": "items:read", "end": "items:write"}

    def retrieve(self, request, pk):
        return self.answer(self.load())

    def create(self, request):
        body = self.body()
        item = self._end(Item, body.get("item"), "item", Permission.CONTRIBUTE)
        ends = [name for name in ("incident", "act", "person") if body.get(name)]
        if len(ends) != 1:
            raise Invalid(_("Link to exactly one of incident, act or person."), field="incident")
        model = {"incident": Incident, "act": Act, "person": Person}[ends[0]]
        target = self._end(model, body[ends[0]], ends[0], Permission.CONTRIBUTE)
        row = recording.link(
            by=request.user,
            item=item,
            target=target,
            **{name: body[name] for name in ("locator", "function", "stance") if name in body},
        )
        return self.answer(row, status=201)

    def _end(self, model, identifier, field: str, permission: str):
        record = find(model.objects.permitted(self.request.user), identifier or "")
        if record is None:
            raise Invalid(_("There is no such record."), field=field)
        return self.allowed(record, permission)

    @action(detail=True, methods=["post"])
    def end(self, request, pk):
        """End the link, with a reason."""
        recording.end_link(by=request.user, link=self.load(Permission.CONTRIBUTE), reason=self.reason())
        return Response(status=204)
