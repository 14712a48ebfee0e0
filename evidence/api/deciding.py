"""What goes between two people, by API: requests for access, reviews of broken glass, decisions of two, consent."""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Forbidden, Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import access, protection, search
from evidence.api.base import RecordViewSet
from evidence.api.managing import DONE, ReasonOnlyInput
from evidence.models import AccessRequest, BreakGlass, Consent, Decision, Incident, Item, Person, Source
from evidence.protection.consents import FIELDS
from evidence.recording.acts import find


class RequestShape(serializers.ModelSerializer):
    class Meta:
        model = AccessRequest
        fields = (
            "id", "requester", "code", "permission", "reason", "wanted_until", "state", "answer", "created_at",
            "decided_by", "decided_at",
        )  # fmt: skip


class AskInput(serializers.Serializer):
    code = serializers.CharField(help_text="Reference code. Whether it exists is not answered.")
    permission = serializers.ChoiceField(["view", "contribute", "review", "manage"])
    reason = serializers.CharField()
    wanted_until = serializers.DateTimeField(required=False, allow_null=True)


class DecideInput(serializers.Serializer):
    approve = serializers.BooleanField()
    answer = serializers.CharField()


@extend_schema_view(
    list=extend_schema(responses=RequestShape(many=True)),
    retrieve=extend_schema(responses=RequestShape),
    create=extend_schema(request=AskInput, responses={201: RequestShape}),
    decide=extend_schema(request=DecideInput, responses=RequestShape),
    withdraw=extend_schema(request=None, responses=DONE),
)
class AccessRequestViewSet(RecordViewSet):
    """Requests for access: one's own, and those of others that one may decide."""

    kind = "request"
    serializer_class = RequestShape
    acts = dict.fromkeys(("list", "retrieve", "create", "withdraw"), Does.ASK) | {"decide": Does.SHARE}
    scopes = dict.fromkeys(("list", "retrieve", "create", "withdraw"), "access:ask") | {"decide": "access:manage"}
    pagination_class = None

    def recalled(self, model, key):
        return access.request_for(self.request.user, key)

    def _request(self):
        row = access.request_for(self.request.user, self.kwargs["pk"])
        if row is None or not (row.requester_id == self.request.user.pk or self.has_scope("access:manage")):
            raise Http404
        return row

    def list(self, request):
        """A token without the scope `access:manage` is told of its person's own requests only."""
        rows = list(AccessRequest.objects.filter(requester=request.user).order_by("-created_at")[:100])
        if self.has_scope("access:manage"):
            rows = [*access.requests_to(request.user), *rows]
        self.note(rows)
        return Response(RequestShape(rows, many=True).data)

    def retrieve(self, request, pk):
        return Response(RequestShape(self._request()).data)

    def create(self, request):
        body = self.body()
        row = access.ask(
            by=request.user, code=str(body.get("code", "")), permission=str(body.get("permission", "")),
            reason=self.reason(), wanted_until=body.get("wanted_until"),
        )  # fmt: skip
        return self.made(RequestShape, row)

    @action(detail=True, methods=["post"])
    def decide(self, request, pk):
        row, body = self._request(), self.body()
        if not isinstance(body.get("approve"), bool):
            raise Invalid(_("This is true or false."), field="approve")
        row = access.decide(by=request.user, request=row, approve=body["approve"], answer=self.text("answer"))
        return self.made(RequestShape, row, status=200)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        access.withdraw_request(by=request.user, request=self._request())
        return Response(status=204)


class GlassShape(serializers.ModelSerializer):
    withheld = serializers.BooleanField(
        source="is_withheld", help_text="The record does not exist for you: what tells of it is left out."
    )
    collection = serializers.SerializerMethodField()

    class Meta:
        model = BreakGlass
        fields = (
            "id", "person", "kind", "record_id", "reason", "started_at", "expires_at", "ended_at", "outcome",
            "reviewed_by", "reviewed_at", "review_note", "withheld", "collection",
        )  # fmt: skip

    def get_collection(self, row) -> str | None:
        """The collection that you manage, where the record in it is withheld."""
        return row.collection.code if row.is_withheld else None


class ReviewInput(serializers.Serializer):
    outcome = serializers.ChoiceField(BreakGlass.Outcome.choices)
    note = serializers.CharField()


@extend_schema_view(
    list=extend_schema(responses=GlassShape(many=True)),
    review=extend_schema(request=ReviewInput, responses=DONE),
)
class GlassViewSet(RecordViewSet):
    """Broken glass, for whoever reviews it. It is broken on the web page alone, by a person who reads what it says."""

    kind = "glass"
    serializer_class = GlassShape
    acts = dict.fromkeys(("list", "review"), Does.OVERSEE)
    scopes = dict.fromkeys(acts, "access:manage")
    pagination_class = None

    def list(self, request):
        rows = access.glass_to(request.user)
        self.note(rows)
        return Response(GlassShape(rows, many=True).data)

    @action(detail=True, methods=["post"])
    def review(self, request, pk):
        row = access.glass_for(request.user, pk)
        if row is None:
            raise Http404
        body = self.body()
        access.review_glass(by=request.user, row=row, outcome=str(body.get("outcome", "")), note=self.text("note"))
        return Response(status=204)


class DecisionShape(serializers.ModelSerializer):
    record = serializers.SerializerMethodField()
    proposed_by = serializers.UUIDField(source="created_by_id")

    class Meta:
        model = Decision
        fields = (
            "id", "kind", "record", "asked", "reason", "state", "proposed_by", "created_at", "decided_by", "decided_at",
            "answer",
        )  # fmt: skip

    def get_record(self, row) -> str:
        return row.record.code


class ProposalInput(serializers.Serializer):
    record = serializers.CharField(help_text="Id or reference of an incident, item, person or source.")
    kind = serializers.ChoiceField(Decision.Kind.choices)
    reason = serializers.CharField()
    confidentiality = serializers.IntegerField(required=False, help_text="For downgrade: the lower level, 0 to 4.")
    risk = serializers.CharField(required=False, help_text="For reassess: vocabulary risk_level.")
    is_protected = serializers.BooleanField(required=False, help_text="For reassess; true without one.")
    basis = serializers.CharField(required=False, help_text="For destroy: its basis in law.")


class AnswerInput(serializers.Serializer):
    agree = serializers.BooleanField()
    answer = serializers.CharField()


@extend_schema_view(
    list=extend_schema(responses=DecisionShape(many=True)),
    create=extend_schema(request=ProposalInput, responses={201: DecisionShape}),
    retrieve=extend_schema(responses=DecisionShape),
    answer=extend_schema(request=AnswerInput, responses=DecisionShape),
)
class DecisionViewSet(RecordViewSet):
    """What waits for a second person, among the records that one sees."""

    kind = "decision"
    serializer_class = DecisionShape
    acts = dict.fromkeys(("list", "retrieve"), Does.READ) | {"answer": Does.REVIEW, "create": Does.RECORD}
    scopes = dict.fromkeys(("list", "retrieve"), "decisions:read")
    scopes |= dict.fromkeys(("answer", "create"), "decisions:write")
    pagination_class = None

    def recalled(self, model, key):
        return protection.decision_for(self.request.user, key)

    def _decision(self):
        row = protection.decision_for(self.request.user, self.kwargs["pk"])
        if row is None:
            raise Http404
        return row

    def list(self, request):
        rows = list(protection.decisions_for(request.user)[:200])
        self.note(rows)
        return Response(DecisionShape(rows, many=True).data)

    def create(self, request):
        """Propose: nothing changes until another person agrees."""
        body, record = self.body(), self._record()
        kind, by, reason = body.get("kind"), request.user, self.reason()
        if kind == "downgrade":
            row = protection.propose_downgrade(
                by=by, record=record, confidentiality=body.get("confidentiality"), reason=reason
            )
        elif kind in ("reassess", "unmask") and not isinstance(record, Person):
            raise Invalid(_("This is possible for a person only."), field="record")
        elif kind == "reassess":
            is_protected = body.get("is_protected", True) is not False
            risk = body.get("risk", "")
            row = protection.propose_reassessment(
                by=by, person=record, risk=risk, is_protected=is_protected, reason=reason
            )
        elif kind == "unmask":
            if not (may(by, Does.IDENTITY) and self.has_scope("persons:identity")):
                raise Forbidden(_("Your role does not include this. Ask an administrator if it should."))
            row = protection.propose_unmasking(by=by, person=record, reason=reason)
        elif kind == "destroy":
            if not isinstance(record, Item):
                raise Invalid(_("This is possible for an evidence item only."), field="record")
            basis = body.get("basis", "")
            row = protection.propose_destruction(by=by, item=record, reason=reason, basis=basis)
        else:
            known = ", ".join(Decision.Kind.values)
            raise Invalid(_("This is one of: %(known)s.") % {"known": known}, field="kind")
        return self.made(DecisionShape, row)

    def _record(self):
        identifier = self.body().get("record")
        if isinstance(identifier, str) and "\x00" not in identifier:
            for model in (Incident, Item, Person, Source):
                if record := find(model.objects.permitted(self.request.user), identifier):
                    return record
        raise Invalid(_("There is no record with this reference."), field="record")

    def retrieve(self, request, pk):
        return Response(DecisionShape(self._decision()).data)

    @action(detail=True, methods=["post"])
    def answer(self, request, pk):
        row, body = self._decision(), self.body()
        if not isinstance(body.get("agree"), bool):
            raise Invalid(_("This is true or false."), field="agree")
        verb = protection.carry_out if body["agree"] else protection.decline
        row = verb(by=request.user, decision=row, answer=self.text("answer"))
        return self.made(DecisionShape, row, status=200)


class ConsentShape(serializers.ModelSerializer):
    superseded = serializers.SerializerMethodField()

    class Meta:
        model = Consent
        fields = (
            "id", "person", "item", "use", "recipient", "status", "identity_level", "given_on", "expires_at", "form",
            "conditions", "includes_sexual_violence_details", "is_child", "guardian_consented", "child_assented",
            "document", "created_at", "superseded",
        )  # fmt: skip

    def get_superseded(self, row) -> bool:
        return row.superseded_by_id is not None


class ConsentInput(serializers.Serializer):
    person = serializers.CharField(help_text="Id or reference of the person.")
    use = serializers.CharField(help_text="Vocabulary consent_scope.")
    recipient = serializers.CharField(help_text="Vocabulary recipient_type, or * for any.")
    status = serializers.CharField(help_text="Vocabulary consent_status; denied without one.")
    identity_level = serializers.CharField(required=False, help_text="Vocabulary identity_disclosure.")
    item = serializers.CharField(required=False, help_text="Evidence item covered; everything of hers without one.")
    given_on = serializers.CharField(required=False, help_text="EDTF.")
    form = serializers.CharField(required=False, help_text="Vocabulary consent_form.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    conditions = serializers.CharField(required=False)
    includes_sexual_violence_details = serializers.BooleanField(required=False)
    is_child = serializers.BooleanField(required=False)
    guardian_consented = serializers.BooleanField(required=False)
    child_assented = serializers.BooleanField(required=False)
    document = serializers.CharField(required=False, help_text="Evidence item that holds the consent document.")


@extend_schema_view(
    list=extend_schema(responses=ConsentShape(many=True), parameters=[OpenApiParameter("person", str, required=True)]),
    create=extend_schema(request=ConsentInput, responses={201: ConsentShape}),
    withdraw=extend_schema(request=ReasonOnlyInput, responses={201: ConsentShape}),
)
class ConsentViewSet(RecordViewSet):
    """Consents of a person, the last word on each use first. What is not granted is denied."""

    kind = "consent"
    serializer_class = ConsentShape
    acts = {"list": Does.READ, "create": Does.RECORD, "withdraw": Does.RECORD}
    scopes = {"list": "persons:read", "create": "persons:write", "withdraw": "persons:write"}
    pagination_class = None

    def _person(self, identifier, permission: str) -> Person:
        seen = Person.objects.permitted(self.request.user)
        person = find(seen, identifier) if isinstance(identifier, str) and "\x00" not in identifier else None
        if person is None:
            raise Invalid(_("There is no person with this reference. Record the person first."), field="person")
        return self.allowed(person, permission)

    def list(self, request):
        person = self._person(request.query_params.get("person", ""), Permission.VIEW)
        search.note_opened(by=request.user, record=person)
        return Response(ConsentShape(protection.consents_of(person, user=request.user), many=True).data)

    def create(self, request):
        body = self.body()
        person = self._person(body.get("person", ""), Permission.CONTRIBUTE)
        given = {name: body[name] for name in FIELDS if name in body}
        row = protection.record_consent(by=request.user, person=person, given=given)
        return self.made(ConsentShape, row)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        row = find(Consent.objects.permitted(request.user), pk)
        if row is None:
            raise Http404
        self.allowed(row.person, Permission.CONTRIBUTE)
        row = protection.withdraw_consent(by=request.user, consent=row, reason=self.reason())
        return self.made(ConsentShape, row)
