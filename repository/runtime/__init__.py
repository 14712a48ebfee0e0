"""The embedded runtime: what `manage.py up` and `manage.py test` start, watch and stop. Nothing of the product."""
