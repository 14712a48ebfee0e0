"""The words of a timeline: a phrase and an icon for every act of the ledger, a label for every field that changes.

Only tables. How entries become lines is in evidence.web.timeline.
"""

from django.utils.translation import gettext_lazy as _

# act -> (phrase, icon). English reads "who – phrase – object", Korean "who – object – phrase".
ACTS = {
    "access.denial_lifted": (_("ended a denial of access"), "shield-check"),
    "access.denied": (_("denied access"), "shield-off"),
    "access.granted": (_("gave access"), "user-plus"),
    "access.revoked": (_("took access back"), "user-minus"),
    "account.password_set": (_("set a new password"), "key-round"),
    "account.preferences_set": (_("changed preferences"), "settings"),
    "account.sign_in_failed": (_("could not sign in"), "circle-x"),
    "account.signed_in": (_("signed in"), "log-in"),
    "account.signed_out": (_("signed out"), "log-out"),
    "certificate.issued": (_("issued a custody certificate"), "file-check"),
    "classification.assessed": (_("assessed a classification"), "scale"),
    "classification.made": (_("classified an act"), "scale"),
    "collection.opened": (_("opened the collection"), "folder-open"),
    "collection.level_raised": (_("raised the level"), "shield"),
    "file.opened": (_("opened a file"), "download"),
    "file.received": (_("added the file"), "paperclip"),
    "identity.opened": (_("opened the identity"), "key-round"),
    "import.refused_rows": (_("exported the refused rows"), "download"),
    "import.finished": (_("finished the import"), "table-2"),
    "import.received": (_("uploaded the table"), "upload"),
    "import.row_refused": (_("refused a row of the table"), "table-2"),
    "import.started": (_("started the import"), "table-2"),
    "incident.finalised": (_("finalised the incident"), "circle-check"),
    "incident.imported": (_("imported the incident"), "table-2"),
    "incident.level_raised": (_("raised the level"), "shield"),
    "incident.logged": (_("logged the incident"), "plus"),
    "incident.opened": (_("opened the record"), "eye"),
    "incident.passed": (_("passed the incident on to second review"), "users"),
    "incident.reimported": (_("brought the incident up to date from a table"), "table-2"),
    "incident.reopened": (_("opened the incident again"), "undo-2"),
    "incident.restored": (_("restored the incident"), "undo-2"),
    "incident.returned": (_("returned the incident to its author"), "undo-2"),
    "incident.revised": (_("changed the incident"), "pencil"),
    "incident.submitted": (_("submitted the incident for review"), "eye"),
    "incident.withdrawn": (_("withdrew the incident"), "circle-slash"),
    "item.level_raised": (_("raised the level"), "shield"),
    "item.linked": (_("linked the evidence"), "link"),
    "item.opened": (_("opened the record"), "eye"),
    "item.received": (_("took in the evidence"), "plus"),
    "item.revised": (_("changed the description"), "pencil"),
    "item.unlinked": (_("ended a link"), "unlink"),
    "item.verified": (_("verified custody"), "shield-check"),
    "job.failed": (_("failed at a job"), "triangle-alert"),
    "ledger.anchor_failed": (_("could not reach an authority or a place of publication"), "triangle-alert"),
    "ledger.anchored": (_("had the log time-stamped"), "stamp"),
    "ledger.configured": (_("noted a change of the settings"), "settings"),
    "ledger.heads": (_("recorded the completeness of all histories"), "list-checks"),
    "ledger.key": (_("announced a key of the log"), "key-round"),
    "ledger.redacted": (_("lawfully erased part of an entry"), "eraser"),
    "mapping.saved": (_("saved the mapping"), "table-2"),
    "person.invited": (_("invited the person"), "user-plus"),
    "person.level_raised": (_("raised the level"), "shield"),
    "person.opened": (_("opened the record"), "eye"),
    "person.recorded": (_("recorded the person"), "plus"),
    "person.revised": (_("changed the person’s record"), "pencil"),
    "proof.exported": (_("exported a proof of custody"), "file-check"),
    "raw.deleted": (_("removed the row outside the application"), "triangle-alert"),
    "raw.inserted": (_("added the row outside the application"), "triangle-alert"),
    "raw.updated": (_("changed the row outside the application"), "triangle-alert"),
    "redaction.declined": (_("declined to erase part of an entry"), "eraser"),
    "redaction.proposed": (_("proposed to erase part of an entry"), "eraser"),
    "row.adopted": (_("took the row into the ledger"), "database"),
    "row.deleted": (_("removed the row"), "database"),
    "row.inserted": (_("wrote the row"), "database"),
    "row.updated": (_("changed the row"), "database"),
    "reference.loaded": (_("loaded the reference data"), "database"),
    "search.ran": (_("searched"), "search"),
    "source.graded": (_("graded the source"), "star"),
    "source.level_raised": (_("raised the level"), "shield"),
    "source.opened": (_("opened the record"), "eye"),
    "source.recorded": (_("recorded the source"), "plus"),
    "source.revised": (_("changed the source"), "pencil"),
    "storage.swept": (_("cleared cut-off uploads"), "trash-2"),
    "team.joined": (_("joined a team"), "users"),
    "token.refused": (_("refused an API token"), "key-round"),
    "token.issued": (_("issued an API token"), "key-round"),
    "token.revoked": (_("revoked an API token"), "key-round"),
}
ACTS |= {
    "verification.finished": (_("verified the whole ledger"), "shield-check"),
    "verification.requested": (_("asked for a verification of the ledger"), "shield"),
}
SOMEBODY = _("Somebody at the database")
UNKNOWN_ACT = (_("acted"), "dot")

SERVICES = {
    "api": _("The API’s door"),
    "command-line": _("The command line"),
    "imports": _("The import service"),
    "migration": _("An upgrade of the software"),
    "reference-data": _("The reference data loader"),
    "sequencer": _("The ledger itself"),
    "sign-in": _("Somebody at the sign-in page"),
    "sweep": _("The clean-up"),
    "verifier": _("The verifier"),
}

# What an entry is about, by the kind of its object; a kind that is not here is shown as it is.
OBJECTS = {
    "account": _("Unknown account"),
    "act": _("Act"),
    "apitoken": _("API token"),
    "collection": _("Collection"),
    "importbatch": _("Import"),
    "importmapping": _("Mapping"),
    "incident": _("Incident"),
    "item": _("Evidence item"),
    "job": _("Job"),
    "ledger": _("The ledger"),
    "person": _("Person"),
    "source": _("Source"),
    "user": _("Member"),
    "verification": _("Verification"),
}

# In the order in which a page asks for them; a timeline shows them so.
FIELDS = {
    "collection": _("Collection"),
    "kind": _("Type"),
    "title": _("Title"),
    "title_en": _("Title in English"),
    "title_ko": _("Title in Korean"),
    "name_en": _("Name in English"),
    "name_ko": _("Name in Korean"),
    "note": _("Note"),
    "sex": _("Sex"),
    "is_protected": _("Protected person"),
    "risk": _("Protection risk"),
    "person": _("Person behind the source"),
    "proximity": _("Proximity"),
    "date": _("Date"),
    "date_note": _("Date in the source’s own words"),
    "place": _("Place"),
    "place_detail": _("Place as reported"),
    "place_precision": _("Precision of the place"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "narrative_en": _("Account in English"),
    "narrative_ko": _("Account in Korean"),
    "description": _("Description"),
    "language": _("Language"),
    "crimes": _("Alleged crimes"),
    "obtained_how": _("How obtained"),
    "obtained_on": _("Obtained on"),
    "obtained_where": _("Obtained where"),
    "obtained_by": _("Obtained by"),
    "source": _("Source"),
    "conditions": _("Conditions"),
    "has_original": _("Original exists"),
    "original_location": _("Where the original is"),
    "content_warnings": _("Content warnings"),
    "characteristics": _("Characteristics"),
    "verification_status": _("Verification"),
    "review_status": _("Review status"),
    "tags": _("Tags"),
    "grade": _("Grade"),
    "permission": _("Permission"),
    "confidentiality": _("Confidentiality"),
    "effective_level": _("Effective level"),
    "level": _("Level"),
}

# field -> vocabulary; "kind" depends on what the entry is about.
VOCABULARIES = {
    "characteristics": "victim_characteristic",
    "content_warnings": "content_warning",
    "function": "evidence_function",
    "obtained_how": "collection_method",
    "place_precision": "location_precision",
    "proximity": "source_proximity",
    "risk": "risk_level",
    "role": "person_role",
    "sex": "sex",
    "stance": "evidence_stance",
    "standard": "standard_of_proof",
    "status": "classification_status",
    "verification_status": "verification_status",
}
KINDS = {"item": "evidence_item_type", "source": "source_type"}
LEVELS = ("confidentiality", "effective_level", "level", "preset_level")
DATES = ("date", "obtained_on")

# What "verify" of an item looked at: how it reads when it holds, fails, or could not be looked at.
CHECKS = {
    "bytes": {
        "holds": _("“%(name)s” was read again: it is unchanged, byte for byte."),
        "fails": _("“%(name)s” is NOT what was received. Do not use it, and tell an administrator now."),
        "open": _(
            "“%(name)s” is too large to be read again while you wait. Export the proof and check the file with it."
        ),
    },
    "signed": {
        "holds": _("The newest checkpoint, of %(size)s entries, is signed by the ledger’s key."),
        "fails": _("The newest checkpoint’s signature does NOT hold. Tell an administrator now."),
        "open": _("Nothing is signed yet. Try again in some seconds."),
    },
    "entries": {
        "holds": _("All %(count)s entries about this item are in the signed log, unchanged and in this order."),
        "fails": _("Entry %(first)s is NOT what the log was signed over. Tell an administrator now."),
        "open": "",
    },
    "files": {
        "holds": _("The SHA-256 of each file (%(count)s) is the one that was recorded when it was received."),
        "fails": _("A file is here that NO entry says was received. Tell an administrator now."),
        "open": "",
    },
    "waiting": {
        "holds": "",
        "fails": "",
        "open": _("Entries too new to be signed yet: %(count)s. That takes some seconds."),
    },
    "stamped": {
        "holds": _("All of it existed on %(at)s, says the time-stamping authority %(authority)s."),
        "fails": _("The time stamp does NOT hold: %(reason)s"),
        "open": _("No time stamp covers the newest entries yet. That takes some minutes."),
    },
}

# The checks of the whole ledger: what each says when it holds, and when it does not.
LEDGER_CHECKS = {
    "numbering": (_("Every entry has one number, without a gap"), _("Numbers are missing")),
    "leaves": (_("Each number is tied to the exact bytes of its entry"), _("Entries were changed or removed")),
    "tiles": (_("The stored tree is that of the entries"), _("The stored tree is another one")),
    "checkpoints": (
        _("The log grew through every signed checkpoint"),
        _("A signed checkpoint does not fit: what was signed is not what is here"),
    ),
    "root": (_("The present root is that of the entries"), _("The present root is another one")),
    "kept": (
        _("It contains the checkpoint that was kept elsewhere"),
        _("It does not contain the checkpoint that was kept elsewhere"),
    ),
    "kept_readable": (
        _("The checkpoint that was kept elsewhere is one of this log"),
        _("The checkpoint that was kept elsewhere is none of this log"),
    ),
    "signatures": (_("The newest checkpoints are signed"), _("A checkpoint’s signature does not hold")),
    "stamps": (_("The time stamps hold"), _("A time stamp does not hold")),
    "times": (
        _("No entry claims a time that the time stamps contradict"),
        _("An entry claims a time that the time stamps contradict"),
    ),
    "left_out": (_("Nothing that was committed waits to be numbered"), _("Entries wait to be numbered for too long")),
    "triggers": (_("No guard of the database was lifted"), _("Guards of the database were lifted")),
    "tables": (_("The rows of all tables are what the ledger says"), _("Rows were changed behind the ledger")),
}
