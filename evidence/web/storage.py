"""The health of the storage, in numbers alone: how much was read again, what is overdue, what is not what it was."""

from django.shortcuts import render

from accounts.roles import Act as Does
from evidence import handling
from evidence.web.doors import door


@door(Does.AUDIT)
def health(request):
    """Coverage of the fixity checks."""
    return render(request, "evidence/storage.html", {"state": handling.coverage()})
