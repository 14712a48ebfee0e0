"""Routes of the API, version 1."""

from django.urls import include, path
from rest_framework.routers import Route, SimpleRouter

from evidence.api import (
    changes,
    deciding,
    files,
    holding,
    imports,
    incidents,
    ledger,
    managing,
    people,
    records,
    reference,
    saved,
    search,
    statistics,
    uploads,
)

app_name = "api"


class Router(SimpleRouter):
    """The usual routes, and the whole of a list beside it: `incidents.ndjson`."""

    routes = [
        Route(r"^{prefix}\.ndjson$", {"get": "export"}, name="{basename}-export", detail=False, initkwargs={}),
        *SimpleRouter.routes,
    ]


router = Router(trailing_slash=False)
router.register("me", reference.MeViewSet, basename="me")
router.register("tokens", reference.TokenViewSet, basename="token")
router.register("collections", reference.CollectionViewSet, basename="collection")
router.register("incidents", incidents.IncidentViewSet, basename="incident")
router.register("classifications", incidents.ClassificationViewSet, basename="classification")
router.register("links", incidents.LinkViewSet, basename="link")
router.register("persons", records.PersonViewSet, basename="person")
router.register("sources", records.SourceViewSet, basename="source")
router.register("items", records.ItemViewSet, basename="item")
router.register("files", files.FileViewSet, basename="file")
router.register("holds", holding.HoldViewSet, basename="hold")
router.register("fixity", holding.FixityViewSet, basename="fixity")
router.register("uploads", uploads.UploadViewSet, basename="upload")
router.register("consents", deciding.ConsentViewSet, basename="consent")
router.register("access", managing.AccessViewSet, basename="access")
router.register("access-requests", deciding.AccessRequestViewSet, basename="access-request")
router.register("emergency-access", deciding.GlassViewSet, basename="glass")
router.register("decisions", deciding.DecisionViewSet, basename="decision")
router.register("search", search.SearchViewSet, basename="search")
router.register("saved-searches", saved.SavedSearchViewSet, basename="saved-search")
router.register("statistics", statistics.StatisticsViewSet, basename="statistics")
router.register("changes", changes.ChangesViewSet, basename="changes")
router.register("imports", imports.ImportViewSet, basename="import")
router.register("import-mappings", imports.MappingViewSet, basename="import-mapping")
router.register("crimes", reference.CrimeViewSet, basename="crime")
router.register("vocabularies", reference.VocabularyViewSet, basename="vocabulary")
router.register("places", reference.PlaceViewSet, basename="place")
router.register("organisations", reference.OrganisationViewSet, basename="organisation")
router.register("people", people.PeopleViewSet, basename="people")
router.register("teams", people.TeamViewSet, basename="team")
router.register("ledger/entries", ledger.EntryViewSet, basename="ledger-entry")
router.register("ledger", ledger.LedgerViewSet, basename="ledger")

urlpatterns = [path("", include(router.urls))]
