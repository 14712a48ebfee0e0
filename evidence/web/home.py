"""The first page: what needs this person, by role. Everything on it has passed the gate."""

from django.http import QueryDict
from django.shortcuts import render

from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import Role, may
from evidence import search
from evidence.models import ImportBatch, Incident, Review, ReviewStatus
from evidence.web.doors import door

SHOWN = 6
RECENT = 8
OWN = (ReviewStatus.DRAFT, ReviewStatus.RETURNED)
WAITING = (ReviewStatus.IN_REVIEW, ReviewStatus.SECOND_REVIEW)
RUNNING = ("pending", "running")


@door(Does.OWN)
def home(request):
    """Drafts and returned incidents, what awaits review, running imports, what changed last."""
    user = request.user
    context: dict = {"is_reader": may(user, Does.READ), "is_reviewer": may(user, Does.REVIEW), "role": user.role}
    context |= {"roles": Role, "may_record": may(user, Does.RECORD), "may_intake": may(user, Does.INTAKE)}
    if context["is_reader"]:
        recent = list(Incident.objects.permitted(user).order_by("-updated_at", "-pk")[:RECENT])
        context |= {"recent": recent, "own": _own(user), "waiting": _waiting(user), "imports": _imports(user)}
        search.note_search(by=user, kind="home", params=QueryDict(), shown=len(recent))
    return render(request, "evidence/home.html", context)


def _own(user):
    """Mine to finish; None for whoever records nothing."""
    if not may(user, Does.RECORD):
        return None
    rows = Incident.objects.permitted(user).filter(created_by=user, review_status__in=OWN)
    return list(rows.order_by("-review_status", "-updated_at")[:SHOWN])


def _waiting(user):
    """What this person may review: not her own, nor what she submitted. None for whoever reviews nothing."""
    if not may(user, Does.REVIEW):
        return None
    submitted = Review.objects.permitted(user).filter(decision="submitted", created_by=user)
    rows = Incident.objects.permitted(user, Permission.REVIEW).filter(review_status__in=WAITING)
    rows = rows.exclude(created_by=user).exclude(pk__in=submitted.values("incident"))
    return list(rows.order_by("updated_at")[:SHOWN])


def _imports(user):
    if not may(user, Does.IMPORT):
        return None
    rows = ImportBatch.objects.permitted(user).filter(state__in=RUNNING)
    return list(rows.select_related("collection").order_by("-created_at")[:SHOWN])
