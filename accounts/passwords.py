"""What a new password must be, after NIST SP 800-63B: long, on no list, not made of what everybody knows about us.

No rule asks for capitals, digits or signs, and none for a change after some time. Nothing is looked up on a network:
the list of common passwords comes with Django and is taken from breaches.
"""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ALONE, WITH_FACTOR, LONGEST = 15, 8, 1024
OTHER_LETTERS = 5  # of which a password has at least so many different ones
# What stands on the pages, in the address and on the office door. Documented in docs/security.md.
OURS = (
    "accountability", "administrator", "analyst", "auditor", "custody", "dprk", "evidence", "incident", "investigator",
    "korea", "ledger", "mechanism", "northkorea", "password", "pyongyang", "repository", "reviewer", "seoul",
    "testimony", "비밀번호", "증거", "북한", "한국",
)  # fmt: skip


class LengthByFactor:
    """15 characters; 8 for who has a second factor, because guessing is then not enough."""

    def validate(self, password, user=None):
        from accounts.factors import has_one  # the models are not there yet when the settings name this class

        needed = WITH_FACTOR if user is not None and user.pk and has_one(user) else ALONE
        if len(password) < needed:
            message = _("Use at least %(needed)d characters. A sentence of four or five words does well.")
            raise ValidationError(message % {"needed": needed}, code="password_too_short")
        if len(password) > LONGEST:
            raise ValidationError(_("At most %(limit)d characters.") % {"limit": LONGEST}, code="password_too_long")

    def get_help_text(self):
        return _(
            "At least %(alone)d characters, or %(factor)d if you have a second factor. A sentence of four or five words"
            " does well. Any characters will do, spaces too; you may paste it from a password manager."
        ) % {"alone": ALONE, "factor": WITH_FACTOR}


class NotWhatEverybodyKnows:
    """Names of the site and parts of one's own e-mail and name count for nothing, nor does saying a thing twice."""

    def validate(self, password, user=None):
        left = password.lower()
        for word in sorted({*OURS, *_of(user)}, key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < WITH_FACTOR and len(left) < len(password):
            message = _("This is made of your name, your e-mail or the name of this site. Add words of your own.")
            raise ValidationError(message, code="password_known")
        if len(set(password.lower())) < OTHER_LETTERS:
            raise ValidationError(_("This repeats a few characters. Use other words."), code="password_repeats")

    def get_help_text(self):
        return _("Not made of your name, your e-mail address or the name of this site.")


class NotCommon(CommonPasswordValidator):
    """Nor is a common password a good one when it is said twice, or with a row of digits behind it."""

    def validate(self, password, user=None):
        for said in {password, _once(password), _once(re.sub(r"[\W\d_]+$", "", password))}:
            super().validate(said, user)

    def get_help_text(self):
        return _("Not one that many people use.")


def _once(password: str) -> str:
    """The part that is repeated, for "passwordpassword"."""
    found = re.fullmatch(r"(.+?)\1+", password, re.DOTALL)
    return found[1] if found else password


def _of(user) -> set[str]:
    """Words of three letters and more in the e-mail address and the name of a person."""
    said = f"{getattr(user, 'email', '') or ''} {getattr(user, 'name', '') or ''}".lower()
    return {word for word in re.split(r"[\W_]+", said) if len(word) >= 3}
