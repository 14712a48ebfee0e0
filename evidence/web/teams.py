"""Administration of teams: who belongs to which. What a team may see shows as numbers only, before somebody joins."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import teams
from accounts.models import Team, User
from accounts.roles import Act as Does
from custody import ledger
from evidence import access, reach, search
from evidence.web.doors import door
from evidence.web.forms import ReasonForm
from evidence.web.forms.people import MemberForm, NewTeamForm, TeamForm
from evidence.web.people import effect_of
from evidence.web.timeline import days_of


def team_of(pk) -> Team:
    team = Team.objects.select_related("group").filter(pk=pk).first()
    if team is None:
        raise Http404
    return team


def members_of(team: Team):
    return User.objects.filter(groups=team.group).order_by("name", "pk")


@door(Does.PEOPLE)
def listing_page(request):
    """The teams there are, with how many belong to each."""
    rows = Team.objects.filter(dissolved_at=None).annotate(members=Count("group__user")).order_by("name_en")
    search.note_search(by=request.user, kind="team", params=request.GET, shown=len(rows))
    return render(request, "evidence/team_list.html", {"rows": rows})


@door(Does.PEOPLE, "GET", "POST")
def new(request):
    """Form a team."""
    form = NewTeamForm(request.POST if request.method == "POST" else None)
    team, status = form.attempt(
        lambda: teams.form_team(by=request.user, **form.cleaned_data | {"members": list(form.cleaned_data["members"])})
    )
    if team:
        messages.success(request, _("The team is formed. It sees nothing until it is given access."))
        return redirect("team-detail", pk=team.pk)
    return render(request, "evidence/team_form.html", {"form": form}, status=status)


@door(Does.PEOPLE)
def record(request, pk):
    """One team: its members and what happened to it."""
    team = team_of(pk)
    events = ledger.history([teams.subject_of(team).pk], acts=("team.",))
    context = {"team": team, "members": members_of(team), "days": days_of(events, request.user)}
    return render(request, "evidence/team_record.html", context)


@door(Does.PEOPLE, "GET", "POST")
def rename(request, pk):
    """Call a team otherwise."""
    team = team_of(pk)
    initial = {"name_en": team.name_en, "name_ko": team.name_ko}
    form = TeamForm(request.POST if request.method == "POST" else None, initial=initial)
    done, status = form.attempt(lambda: teams.rename_team(by=request.user, team=team, **form.cleaned_data))
    if done:
        messages.success(request, _("Saved."))
        return redirect("team-detail", pk=pk)
    return render(request, "evidence/team_form.html", {"form": form, "team": team_of(pk)}, status=status)


@door(Does.PEOPLE, "GET", "POST")
def join(request, pk):
    """Take a person into the team, after the numbers of what that opens for her were shown."""
    team = team_of(pk)
    others = User.objects.filter(is_active=True).exclude(groups=team.group).order_by("name", "pk")
    return _member_page(request, team, others, teams.join_team, "joining")


@door(Does.PEOPLE, "GET", "POST")
def leave(request, pk):
    """Take a person out of the team, after the numbers of what that closes to her were shown."""
    team = team_of(pk)
    return _member_page(request, team, members_of(team), teams.leave_team, "leaving")


def _member_page(request, team: Team, people, verb, change: str):
    initial = {"person": request.GET.get("person", "")}
    form = MemberForm(request.POST if request.method == "POST" else None, people=people, initial=initial)

    def act():
        given = form.cleaned_data
        return verb(by=request.user, team=team, user=given["person"], reason=given["reason"])

    def effect():
        access.tried(act)
        return effect_of(reach.compare(form.cleaned_data["person"], **{change: team}))

    done, shown, status = form.attempt_shown(request, act, effect=effect, touched=lambda: [form.cleaned_data["person"]])
    if done:
        messages.success(request, _("Saved. It counts from the next request on."))
        return redirect("team-detail", pk=team.pk)
    context = {"form": form, "team": team, "effect": shown, "leaves": change == "leaving"}
    return render(request, "evidence/team_member.html", context, status=status)


@door(Does.PEOPLE, "GET", "POST")
def dissolve(request, pk):
    """End a team that no grant names."""
    team = team_of(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    done, status = form.attempt(lambda: teams.dissolve_team(by=request.user, team=team, **form.cleaned_data))
    if done:
        messages.success(request, _("The team is dissolved."))
        return redirect("team-list")
    return render(request, "evidence/team_dissolve.html", {"form": form, "team": team_of(pk)}, status=status)
