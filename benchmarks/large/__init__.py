"""A large database of invented records on a PostgreSQL of its own, made once for a size and kept under var/bench.

`clusters` keeps the servers, `world` invents people, teams, collections and grants, `records` incidents and what hangs
on them, `loading` copies rows. Nothing here reaches a database that is not such a cluster.
"""
