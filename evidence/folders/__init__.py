"""Whole folders taken in from the command line: walked, compared with a manifest or as a BagIt bag, and resumed.

`walking`, `manifests` and `bags` know no database; `taking` holds the verbs.
"""
