"""The words of a timeline and of checks: a label for every field that changes, for services, objects and findings.

Only tables. The acts are in evidence.web.act_phrases; how entries become lines is in evidence.web.timeline.
"""

from django.utils.translation import gettext_lazy as _

SOMEBODY = _("Somebody at the database")

SERVICES = {
    "api": _("The API’s door"),
    "command-line": _("The command line"),
    "fixity": _("The check of stored bytes"),
    "idle-lock": _("The watch on sessions"),
    "imports": _("The import service"),
    "invitation": _("Somebody with the invitation link"),
    "migration": _("An upgrade of the software"),
    "reference-data": _("The reference data loader"),
    "sample": _("The loader of the sample"),
    "sequencer": _("The ledger itself"),
    "sign-in": _("Somebody at the sign-in page"),
    "sweep": _("The clean-up"),
    "verifier": _("The verifier"),
}

# What an entry is about, by the kind of its object; a kind that is not here is shown as it is.
OBJECTS = {
    "accessrequest": _("Request for access"),
    "account": _("Unknown account"),
    "act": _("Act"),
    "apitoken": _("API token"),
    "collection": _("Collection"),
    "file": _("Files"),
    "importbatch": _("Import"),
    "importmapping": _("Mapping"),
    "savedsearch": _("Saved search"),
    "incident": _("Incident"),
    "intakebatch": _("Batch of files"),
    "invitation": _("Invitation"),
    "item": _("Evidence item"),
    "job": _("Job"),
    "ledger": _("The ledger"),
    "person": _("Person"),
    "picture": _("Pictures"),
    "source": _("Source"),
    "text": _("Pages of text"),
    "team": _("Team"),
    "upload": _("File being uploaded"),
    "user": _("Member"),
    "vault": _("The vault’s key"),
    "verification": _("Verification"),
}

# In the order in which a page asks for them; a timeline shows them so.
FIELDS = {
    "collection": _("Collection"),
    "kind": _("Type"),
    "title": _("Title"),
    "title_en": _("Title in English"),
    "title_ko": _("Title in Korean"),
    "name": _("Name"),
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
    "use": _("Use"),
    "recipient": _("Recipient"),
    "identity_level": _("How much of her identity"),
    "status": _("Status"),
    "given_on": _("Given on"),
    "form": _("In which form"),
    "includes_sexual_violence_details": _("Also details of sexual violence"),
    "is_child": _("She is a child"),
    "guardian_consented": _("The guardian consented"),
    "child_assented": _("The child agreed herself"),
    "role": _("Role"),
    "clearance": _("Clearance"),
    "confidentiality": _("Confidentiality"),
    "effective_level": _("Effective level"),
    "level": _("Level"),
    "event": _("Custody event"),
    "happened_on": _("When"),
    "from_custodian": _("From which custodian"),
    "to_custodian": _("To which custodian"),
    "purpose": _("What for"),
    "seal_number": _("Number of the seal"),
    "retain_until": _("Keep until at least"),
    "retention_years": _("Years that each item is kept at least"),
}

# Kinds whose records are counted for who decides on access.
REACH = {
    "collection": _("Collections"),
    "incident": _("Incidents"),
    "item": _("Evidence"),
    "person": _("Persons"),
    "source": _("Sources"),
}

# field -> vocabulary; "kind" depends on what the entry is about.
VOCABULARIES = {
    "characteristics": "victim_characteristic",
    "content_warnings": "content_warning",
    "event": "custody_event_type",
    "form": "consent_form",
    "function": "evidence_function",
    "obtained_how": "collection_method",
    "identity_level": "identity_disclosure",
    "place_precision": "location_precision",
    "proximity": "source_proximity",
    "recipient": "recipient_type",
    "risk": "risk_level",
    "role": "person_role",
    "sex": "sex",
    "stance": "evidence_stance",
    "standard": "standard_of_proof",
    "status": "classification_status",
    "use": "consent_scope",
    "verification_status": "verification_status",
}
KINDS = {"item": "evidence_item_type", "source": "source_type"}
LEVELS = ("confidentiality", "effective_level", "level", "preset_level")
DATES = ("date", "given_on", "happened_on", "obtained_on", "retain_until")

# What "verify" of an item looked at: how it reads when it holds, fails, or could not be looked at.
CHECKS = {
    "bytes": {
        "holds": _("“%(name)s” was read again: it is unchanged, byte for byte."),
        "fails": _("“%(name)s” is NOT what was received. Do not use it, and tell an administrator now."),
        "open": _(
            "“%(name)s” is too large to be read again while you wait. Export the proof and check the file with it."
        ),
    },
    "unread": {
        "holds": "",
        "fails": "",
        "open": _("“%(name)s” could not be read now: the storage does not answer. That says nothing about the file."),
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
