"""How allauth behaves here: nobody signs himself up, people are invited; a new password is set by a verb."""

from allauth.account.adapter import DefaultAccountAdapter

from accounts.people import set_password


class ClosedAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def populate_username(self, request, user):
        """There are no user names; the e-mail is the identifier."""

    def set_password(self, user, password):
        set_password(by=user, user=user, password=password)
