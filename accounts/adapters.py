"""How allauth behaves here: nobody signs himself up, people are invited."""

from allauth.account.adapter import DefaultAccountAdapter


class ClosedAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def populate_username(self, request, user):
        """There are no user names; the e-mail is the identifier."""
