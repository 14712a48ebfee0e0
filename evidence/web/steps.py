"""The words of processing: steps, why one has no result, what a file is marked with. Only tables."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

STEPS = {
    "identify": gettext_lazy("What kind of file it is"),
    "scan": gettext_lazy("Scan for malware"),
    "metadata": gettext_lazy("Technical metadata"),
    "members": gettext_lazy("What it contains"),
    "text": gettext_lazy("Text"),
    "pages": gettext_lazy("Pictures of its pages"),
    "ocr": gettext_lazy("Text recognised in pictures"),
    "thumbnail": gettext_lazy("Preview"),
    "media": gettext_lazy("Sound and video"),
    "language": gettext_lazy("Language"),
    "provenance": gettext_lazy("Signs of origin"),
}
REASONS = {
    "crashed": gettext_lazy("The program that reads such files broke down over it. It may be damaged or hostile."),
    "damaged": gettext_lazy("The file is damaged or not what it says it is."),
    "failed": gettext_lazy("It could not be done."),
    "hostile": gettext_lazy("The answer could not be trusted, so it was thrown away. The file may be hostile."),
    "isolated": gettext_lazy("Malware was found, so nothing is made from the file."),
    "memory": gettext_lazy("It needed more memory than a file is given."),
    "missing_program": gettext_lazy("A program is missing on the server. An administrator can install it:"),
    "not_configured": gettext_lazy("No scanner is set up on this server. An administrator can set one up."),
    "password": gettext_lazy("The file is locked with a password."),
    "stopped": gettext_lazy("It was stopped several times without saying why."),
    "time": gettext_lazy("It took longer than a file is given."),
    "too_deep": gettext_lazy("It is nested too deeply."),
    "too_large": gettext_lazy("It would become too large."),
    "too_many": gettext_lazy("It has more parts than can be handled."),
    "unsupported": gettext_lazy("Files of this kind cannot be read here."),
}
FLAGS = {
    "archive": gettext_lazy("Archive"),
    "encrypted": gettext_lazy("Locked with a password"),
    "macros": gettext_lazy("Contains macros"),
    "mismatch": gettext_lazy("The name says another kind"),
    "polyglot": gettext_lazy("Several kinds in one"),
    "scripts": gettext_lazy("Contains scripts"),
    "signed": gettext_lazy("Signed"),
}


def step_name(step: str) -> str:
    return str(STEPS.get(step, step))


def reason_words(step) -> str:
    """Why a step has no result, in a sentence, with what helps."""
    words = str(REASONS.get(step.reason, REASONS["failed"]))
    return f"{words} {step.detail}" if step.reason == "missing_program" and step.detail else words


def flag_words(flags) -> list[str]:
    return [str(FLAGS.get(flag, flag)) for flag in flags]


def page_words(number: int, count: int) -> str:
    return _("Page %(number)d of %(count)d") % {"number": number, "count": count}
