"""The records of the domain: fields, constraints, query sets and one-row methods. Acts are verbs, elsewhere."""

from evidence.models.access import AccessRequest, BreakGlass, Notice
from evidence.models.act import Act, Classification, Finding, Involvement, Liability
from evidence.models.blob import Blob, File
from evidence.models.changes import KeptSight, RecordChange
from evidence.models.collection import Collection
from evidence.models.consent import Consent, ProviderCondition
from evidence.models.decision import Decision
from evidence.models.disclosure import Disclosure, DisclosureItem, GateResult, Package
from evidence.models.grants import (
    CollectionGroupPermission,
    CollectionUserPermission,
    Denial,
    IncidentGroupPermission,
    IncidentUserPermission,
    ItemGroupPermission,
    ItemUserPermission,
    PersonGroupPermission,
    PersonUserPermission,
    SituationGroupPermission,
    SituationUserPermission,
    SourceGroupPermission,
    SourceUserPermission,
)
from evidence.models.holding import Hold, Opening
from evidence.models.imports import ImportBatch, ImportedRecord, ImportMapping, ImportRow
from evidence.models.incident import Incident, IncidentRelation, Review, ReviewStatus, Situation, SituationIncident
from evidence.models.intake import IntakeBatch, Upload
from evidence.models.item import Custody, Item, ItemRelation, Link
from evidence.models.organisation import Organisation, Superior
from evidence.models.person import Identity, Person, PersonFact, PersonName, PersonRelation, Position, SamePerson
from evidence.models.place import Place
from evidence.models.processing import FileText, Processing, Rendition, Step
from evidence.models.proposal import ProposalDecision
from evidence.models.record import Level
from evidence.models.reference import (
    ContextualSet,
    Crime,
    Element,
    InquiryTerm,
    ModeOfLiability,
    Term,
    Vocabulary,
)
from evidence.models.saved import SavedSearch
from evidence.models.source import Documentation, Grading, Source
from evidence.models.tally import IncidentTally
