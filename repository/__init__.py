"""The Django project: settings, the two commands, the embedded servers. Knows every app; no app knows it.

Kept free of imports: manage.py reads this package with a bare Python, before anything is installed.
"""
