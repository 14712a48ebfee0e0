"""The cache that all processes share: one of two adds, what is over counts no more, and nothing but JSON is read."""

import threading

import pytest
from django.core.cache import cache
from django.db import connections

from accounts.counting import TableCache
from accounts.models import CacheEntry


@pytest.mark.parametrize("value", [True, "y", 3, [1.5, 2.25], {"a": None}])
def test_what_is_kept_comes_back(db, value):
    cache.set("k", value, 60)
    assert cache.get("k") == value


def test_what_is_over_counts_no_more(db):
    assert cache.add("k", 1, -1)
    assert cache.get("k", "none") == "none"
    assert cache.add("k", 2, 60)
    assert not cache.add("k", 3, 60)
    assert cache.get("k") == 2


def test_it_is_forgotten_on_demand(db):
    cache.set("k", 1, None)
    assert cache.touch("k", 60)
    assert cache.delete("k")
    assert not cache.touch("k", 60)
    assert not cache.delete("k")
    cache.set("k", 1)
    cache.clear()
    assert cache.get("k") is None


def test_what_is_over_is_swept(db, monkeypatch):
    CacheEntry.objects.create(key="old", value="1", until=1)
    monkeypatch.setattr("accounts.counting.SWEPT", 1)
    cache.set("k", 1, 60)
    assert not CacheEntry.objects.filter(key="old").exists()


def test_a_row_that_is_no_json_is_no_code(db):
    CacheEntry.objects.create(key=cache.make_key("k"), value="cos\nsystem\n(S'true'\ntR.", until=10**11)
    with pytest.raises(ValueError):
        cache.get("k")


def test_of_many_processes_exactly_one_adds(committed_database):
    """Threads have connections of their own, as processes have."""
    added, gate = [], threading.Barrier(6)

    def add():
        gate.wait()
        added.append(TableCache("", {}).add("once", 1, 60))
        connections.close_all()

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False] * 5 + [True]
