"""The invited person's way in: her link, then name and password. Open to whoever holds the link.

The link's secret is in the path of one redirect only. The page behind it has an address without it, so that neither
its Referer, nor a form's target, nor a log of the paths of pages can carry the secret.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations
from accounts.sessions import client_of
from evidence.web.forms.people import AcceptForm

KEY = "invitation"  # in the visitor's session: the id of the invitation, which opens nothing elsewhere


@require_http_methods(["GET", "HEAD"])
def enter(request, secret):
    """Remember in the session which invitation this is, and leave the secret behind."""
    invitation = invitations.recognise(secret)
    request.session.pop(KEY, None)
    if invitation is not None and not request.user.is_authenticated:
        request.session.cycle_key()  # nobody else may hold the key of a session that opens an account
        request.session[KEY] = str(invitation.pk)
    response = redirect("invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def page(request):
    """Name and password. Unknown, used, expired and withdrawn links are one and the same page."""
    if request.user.is_authenticated:
        return render(request, "evidence/invitation_signed_in.html", status=409)
    invitation = invitations.usable(request.session.get(KEY))
    if invitation is None:
        return render(request, "evidence/invitation_gone.html", status=404)
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"name": invitation.user.name})
    user, status = form.attempt(
        lambda: invitations.accept(
            by=invitations.DOOR,
            invitation=invitation,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            language="ko" if (get_language() or "").startswith("ko") else "en",
            client=client_of(request),
        )
    )
    if user:
        del request.session[KEY]
        messages.success(request, _("Your account is ready. Sign in with your e-mail address and your new password."))
        return redirect("account_login")
    context = {"form": form, "invitation": invitation}
    return render(request, "evidence/invitation.html", context, status=status)
