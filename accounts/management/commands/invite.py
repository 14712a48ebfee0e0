"""`manage.py invite EMAIL …`: the first administrator of a new installation, or a new link for who forgot a password.

Prints only the path of the link: whoever reads it becomes that person. Everybody else is invited on the page *People*.
"""

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts import invitations
from accounts.errors import Refused
from accounts.models import Clearance, User
from accounts.roles import Role
from custody.ledger import Service

LINE = Service("command-line")


class Command(BaseCommand):
    help = "Add a person, or find the one with this address, and print the path of a link that sets her password."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", help="needed for a new person")
        parser.add_argument("--role", default=Role.ADMINISTRATOR, help=", ".join(Role.values))
        parser.add_argument("--clearance", type=int, default=Clearance.INTERNAL, help="0 to 4")
        parser.add_argument("--days", type=int, default=invitations.DAYS)

    def handle(self, *, email, name, role, clearance, days, **options):
        user = User.objects.filter(email__iexact=email).first()
        if user is None and not name:
            raise CommandError(f"There is nobody with the address {email}. To add a person, say --name.")
        given = {"email": email, "name": name, "role": role, "clearance": clearance}
        try:
            if user is None:
                issued = invitations.invite(by=LINE, days=days, **given)
            else:
                issued = invitations.issue(by=LINE, user=user, days=days)
        except Refused as error:
            raise CommandError(str(error))
        self.stdout.write(reverse("invitation-enter", args=[issued.secret]))
