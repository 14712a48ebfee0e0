"""People and teams, for administrators. What anybody may see shows in numbers only, before a change of it."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts import invitations, people, teams
from accounts.errors import Invalid
from accounts.models import Team, User
from accounts.roles import Act as Does
from accounts.roles import Role
from evidence import access, reach, search
from evidence.api.base import RecordViewSet, filter_parameters
from evidence.api.effects import Confirmation, EffectShape, in_two_steps
from evidence.api.inputs import ReasonInput
from evidence.recording.acts import find

SCOPE = "people:admin"


class AccountShape(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.CharField()
    clearance = serializers.IntegerField()
    is_active = serializers.BooleanField()
    has_password = serializers.BooleanField(source="has_usable_password", help_text="false until she used her link")
    last_sign_in_at = serializers.DateTimeField(source="last_login", allow_null=True)
    created_at = serializers.DateTimeField()
    teams = serializers.SerializerMethodField()

    def get_teams(self, row) -> list[int]:
        return sorted(group.pk for group in row.groups.all())


class InvitationShape(serializers.Serializer):
    person = AccountShape(source="invitation.user")
    link = serializers.SerializerMethodField(help_text="Shown once. Pass it on over a safe channel, not by e-mail.")
    expires_at = serializers.DateTimeField(source="invitation.expires_at")

    def get_link(self, issued) -> str:
        path = reverse("invitation-enter", args=[issued.secret])
        return self.context["request"].build_absolute_uri(path)


class TeamShape(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.SerializerMethodField()
    dissolved_at = serializers.DateTimeField(allow_null=True)
    members = serializers.SerializerMethodField(help_text="ids of people")

    def get_name(self, row) -> dict[str, str]:
        return {"en": row.name_en, "ko": row.name_ko}

    def get_members(self, row) -> list[str]:
        return sorted(str(user.pk) for user in row.group.user_set.all())


class DaysInput(serializers.Serializer):
    days = serializers.IntegerField(required=False, min_value=1, max_value=invitations.MAX_DAYS, default=7)


class InviteInput(DaysInput):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=120)
    role = serializers.ChoiceField(Role.choices)
    clearance = serializers.IntegerField(min_value=0, max_value=4)


class AccountPatch(Confirmation):
    name = serializers.CharField(required=False, max_length=120)
    role = serializers.ChoiceField(Role.choices, required=False)
    clearance = serializers.IntegerField(required=False, min_value=0, max_value=4)
    reason = serializers.CharField(required=False, max_length=1000, help_text="Needed for role and clearance.")


class TeamPatch(serializers.Serializer):
    name_en = serializers.CharField(required=False, max_length=120)
    name_ko = serializers.CharField(required=False, allow_blank=True, max_length=120)


class TeamInput(TeamPatch):
    name_en = serializers.CharField(max_length=120)
    members = serializers.ListField(child=serializers.UUIDField(), min_length=1)


class MemberInput(ReasonInput, Confirmation):
    person = serializers.UUIDField()


def _or_effect(shape: type[serializers.Serializer], name: str) -> PolymorphicProxySerializer:
    """The row after a change, or the effect that the change would have."""
    return PolymorphicProxySerializer(
        component_name=name, serializers=[shape, EffectShape], resource_type_field_name=None
    )


class _Administration(RecordViewSet):
    """Rows that every administrator sees; no record of evidence is among them."""

    orderings = ("name",)
    default_ordering = "name"

    def chosen(self, identifier, *, field: str = "person") -> User:
        user = find(User.objects.all(), identifier)
        if user is None:
            raise Invalid(_("There is no such person."), field=field)
        return user

    def shown_first(self, act, user: User, **changes) -> Response:
        """The act in two steps: what she would see under these changes (evidence.reach), then the act."""

        def effect() -> access.Effect:
            access.tried(act)
            compared = reach.compare(User.objects.get(pk=user.pk), **changes)
            before, after = ({row[0]: row[place] for row in compared} for place in (1, 2))
            return access.Effect([access.Line(user, before, after)], 1)

        return in_two_steps(self, act, effect=effect, touched=[user])

    def recalled(self, model, key):
        return self.get_queryset().filter(pk=key).first()

    def reread(self, row, *, status: int = 200) -> Response:
        """The row as it is now: a verb may have changed what was read before."""
        return self.answer(self.get_queryset().get(pk=row.pk), status=status)


@extend_schema_view(
    list=extend_schema(parameters=filter_parameters(search.PEOPLE_FILTERS)),
    create=extend_schema(request=InviteInput, responses={201: InvitationShape}),
    partial_update=extend_schema(request=AccountPatch, responses=_or_effect(AccountShape, "AccountOrEffect")),
    suspend=extend_schema(request=ReasonInput),
    reactivate=extend_schema(request=ReasonInput),
    link=extend_schema(request=DaysInput, responses={201: InvitationShape}),
    withdraw_link=extend_schema(request=None, responses={204: OpenApiResponse(description="Withdrawn.")}),
)
class PeopleViewSet(_Administration):
    """People with an account: invited, given role and clearance, suspended. For administrators."""

    kind = "user"
    serializer_class = AccountShape
    filters = search.PEOPLE_FILTERS
    acts = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "suspend", "reactivate", "link", "withdraw_link"), Does.PEOPLE
    )
    scopes = dict.fromkeys(acts, SCOPE)

    def get_queryset(self):
        return User.objects.prefetch_related("groups")

    def person(self) -> User:
        user = find(self.get_queryset(), self.kwargs["pk"])
        if user is None:
            raise Http404
        return user

    def linked(self, issued) -> Response:
        return Response(InvitationShape(issued, context=self.get_serializer_context()).data, status=201)

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.answer(self.person())

    def create(self, request):
        """Invite a person: the answer holds the link by which she sets her password, once."""
        body = self.body()
        given = {name: body.get(name, "") for name in ("email", "name", "role", "clearance")}
        return self.linked(invitations.invite(by=request.user, days=body.get("days", invitations.DAYS), **given))

    def partial_update(self, request, pk):
        """Rename; or change role and clearance, for a reason. Another administrator does the latter to oneself."""
        person, given = self.person(), self.given("reason")
        wanted = {name: given.get(name, getattr(person, name)) for name in ("role", "clearance")}

        def act():
            with transaction.atomic():
                if "name" in given:
                    people.rename(by=request.user, user=person, name=given["name"])
                if {"role", "clearance"} & set(given):
                    people.change_access(by=request.user, user=person, reason=self.reason(), **wanted)
            return self.reread(person)

        return self.shown_first(act, person, **wanted) if {"role", "clearance"} & set(given) else act()

    @action(detail=True, methods=["post"])
    def suspend(self, request, pk):
        """Close the account; her sessions, tokens and links end at once."""
        person = self.person()
        people.suspend(by=request.user, user=person, reason=self.reason())
        return self.reread(person)

    @action(detail=True, methods=["post"])
    def reactivate(self, request, pk):
        """Open a suspended account again."""
        person = self.person()
        people.reactivate(by=request.user, user=person, reason=self.reason())
        return self.reread(person)

    @action(detail=True, methods=["post"])
    def link(self, request, pk):
        """Make the invitation link anew; the former one ends."""
        days = self.body().get("days", invitations.DAYS)
        return self.linked(invitations.issue(by=request.user, user=self.person(), days=days))

    @action(detail=True, methods=["post"], url_path="link/withdraw")
    def withdraw_link(self, request, pk):
        """End the open invitation link."""
        invitations.revoke(by=request.user, user=self.person())
        return Response(status=204)


@extend_schema_view(
    list=extend_schema(responses=TeamShape(many=True)),
    create=extend_schema(request=TeamInput),
    partial_update=extend_schema(request=TeamPatch),
    join=extend_schema(request=MemberInput, responses=_or_effect(TeamShape, "TeamOrEffect")),
    leave=extend_schema(request=MemberInput, responses=_or_effect(TeamShape, "TeamOrEffect")),
    dissolve=extend_schema(request=ReasonInput),
)
class TeamViewSet(_Administration):
    """Teams and who belongs to them. For administrators."""

    serializer_class = TeamShape
    pagination_class = None
    acts = dict.fromkeys(("list", "retrieve", "create", "partial_update", "join", "leave", "dissolve"), Does.PEOPLE)
    scopes = dict.fromkeys(acts, SCOPE)

    def get_queryset(self):
        return Team.objects.prefetch_related("group__user_set").order_by("name_en", "pk")

    def team(self) -> Team:
        key = self.kwargs["pk"]
        is_number = key.isascii() and key.isdigit() and len(key) < 10
        team = self.get_queryset().filter(pk=int(key)).first() if is_number else None
        if team is None:
            raise Http404
        return team

    def list(self, request):
        rows = self.get_queryset().filter(dissolved_at=None)
        search.note_search(by=request.user, kind="team", params=request.query_params, shown=len(rows))
        return Response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request, pk):
        return self.answer(self.team())

    def create(self, request):
        """Form a team. It sees nothing until it is given access."""
        body = self.body()
        named = body.get("members")
        members = [self.chosen(one, field="members") for one in (named if isinstance(named, list) else [])]
        names = {name: body.get(name, "") for name in ("name_en", "name_ko")}
        return self.reread(teams.form_team(by=request.user, members=members, **names), status=201)

    def partial_update(self, request, pk):
        team, body = self.team(), self.body()
        names = {name: body.get(name, getattr(team, name)) for name in ("name_en", "name_ko")}
        teams.rename_team(by=request.user, team=team, **names)
        return self.reread(team)

    @action(detail=True, methods=["post"])
    def join(self, request, pk):
        """Take a person into the team: what the team was given reaches her on her next request."""
        team, user = self.team(), self.chosen(self.body().get("person"))

        def act():
            teams.join_team(by=request.user, team=team, user=user, reason=self.reason())
            return self.reread(team)

        return self.shown_first(act, user, joining=team)

    @action(detail=True, methods=["post"])
    def leave(self, request, pk):
        """Take a person out of the team."""
        team, user = self.team(), self.chosen(self.body().get("person"))

        def act():
            teams.leave_team(by=request.user, team=team, user=user, reason=self.reason())
            return self.reread(team)

        return self.shown_first(act, user, leaving=team)

    @action(detail=True, methods=["post"])
    def dissolve(self, request, pk):
        """End a team that no grant names."""
        team = self.team()
        teams.dissolve_team(by=request.user, team=team, reason=self.reason())
        return self.reread(team)
