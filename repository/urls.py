"""All routes. What is open without sign-in is listed in repository.middleware.OPEN_PATHS."""

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from evidence.api.problems import not_found
from evidence.web.account import set_language
from evidence.web.docs import ApiDocs
from repository import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("language/", set_language, name="set_language"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("accounts.factor_pages")),
    path("accounts/sso/", include("accounts.single_sign_on")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", ApiDocs.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/", include("evidence.api.urls")),
    re_path(r"^api/.*", csrf_exempt(not_found)),  # nothing is done here, and a program reads no page of HTML
    path("", include("evidence.web.urls")),
]

handler400 = "evidence.web.pages.bad_request"
handler403 = "evidence.web.pages.forbidden"
handler404 = "evidence.web.pages.not_found"
handler500 = "evidence.web.pages.server_error"
