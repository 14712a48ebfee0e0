"""Settings of single sign-on, from the environment alone; without OIDC_ISSUER there is none."""

from urllib.parse import urlsplit

from repository.settings import environment

OIDC_ISSUER = environment.text("OIDC_ISSUER", "")
OIDC_NAME = environment.text("OIDC_NAME", "")
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.InvitedOnly"
SOCIALACCOUNT_PROVIDERS: dict = {}
# Where a form of the sign-in page may lead: browsers hold a redirect after a form to the policy too.
OIDC_ORIGINS: list[str] = []

if OIDC_ISSUER:
    _parts = urlsplit(OIDC_ISSUER)
    if _parts.scheme != "https" or not _parts.netloc:
        raise environment.ImproperlyConfigured("OIDC_ISSUER must be the https:// address of the provider.")
    OIDC_ORIGINS = environment.listed("OIDC_ORIGINS", [f"https://{_parts.netloc}"])
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": OIDC_NAME or "OpenID Connect",
                    "client_id": environment.text("OIDC_CLIENT_ID"),
                    "secret": environment.secret("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_ISSUER.rstrip("/")},
                }
            ],
        }
    }
