"""Verbs that record: incidents with acts and involvements, persons, sources, links."""

from evidence.recording.incidents import log_incident, revise_incident
from evidence.recording.links import end_link, link
from evidence.recording.persons import record_person, record_source, revise_person, revise_source

__all__ = [
    "end_link",
    "link",
    "log_incident",
    "record_person",
    "record_source",
    "revise_incident",
    "revise_person",
    "revise_source",
]
