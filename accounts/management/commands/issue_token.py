"""`manage.py issue_token EMAIL --scopes … --days N`: prints only the token, for scripts on this machine."""

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refused
from accounts.models import User
from accounts.roles import SCOPES
from accounts.tokens import issue
from custody.ledger import Service


class Command(BaseCommand):
    help = "Issue an API token for a person and print it, and nothing else."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--scopes", nargs="+", required=True, metavar="SCOPE", help=", ".join(SCOPES))
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--name", default="issued on the command line")

    def handle(self, *, email, scopes, days, name, **options):
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person with the e-mail address {email}.")
        wanted = [scope for group in scopes for scope in group.replace(",", " ").split()]
        try:
            issued = issue(by=Service("command-line"), user=user, name=name, scopes=wanted, days=days)
        except Refused as error:
            raise CommandError(str(error))
        self.stdout.write(issued.text)
