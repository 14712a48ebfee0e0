"""The pages: function views and forms. Load through the gate, call one verb, answer. No rule lives here."""
