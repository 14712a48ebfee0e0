"""The REST door: load through the gate, call one verb, answer. No rule lives here."""
