"""Routes of the API, version 1."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from evidence.api import imports, incidents, ledger, records, reference

app_name = "api"
router = SimpleRouter(trailing_slash=False)
router.register("me", reference.MeViewSet, basename="me")
router.register("tokens", reference.TokenViewSet, basename="token")
router.register("collections", reference.CollectionViewSet, basename="collection")
router.register("incidents", incidents.IncidentViewSet, basename="incident")
router.register("classifications", incidents.ClassificationViewSet, basename="classification")
router.register("links", incidents.LinkViewSet, basename="link")
router.register("persons", records.PersonViewSet, basename="person")
router.register("sources", records.SourceViewSet, basename="source")
router.register("items", records.ItemViewSet, basename="item")
router.register("files", records.FileViewSet, basename="file")
router.register("imports", imports.ImportViewSet, basename="import")
router.register("import-mappings", imports.MappingViewSet, basename="import-mapping")
router.register("crimes", reference.CrimeViewSet, basename="crime")
router.register("vocabularies", reference.VocabularyViewSet, basename="vocabulary")
router.register("places", reference.PlaceViewSet, basename="place")
router.register("organisations", reference.OrganisationViewSet, basename="organisation")
router.register("ledger/entries", ledger.EntryViewSet, basename="ledger-entry")
router.register("ledger", ledger.LedgerViewSet, basename="ledger")

urlpatterns = [path("", include(router.urls))]
