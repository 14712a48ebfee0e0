"""The Merkle tree against the vectors of transparency-dev, RFC 6962's roots and properties of random trees."""

import base64
import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.tree import EMPTY_ROOT, ProofError, in_memory, leaf_hash, node_hash, verify_consistency, verify_inclusion

VECTORS = json.loads((Path(__file__).parent / "vectors" / "merkle.json").read_text())
# The eight leaves and the roots of sizes 0 to 8 that Certificate Transparency's implementations share (RFC 6962).
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.integers(1, 700)  # past the width of two tiles, where the second level begins


@cache
def hashes() -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(700)]


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


def raw(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_rfc_6962(size):
    tree = in_memory([leaf_hash(leaf) for leaf in LEAVES])
    assert tree.root(size).hex() == ROOTS[size]


def test_the_empty_root():
    assert in_memory([]).root() == EMPTY_ROOT


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda vector: vector["name"])
def test_inclusion_vectors(vector):
    check = lambda: verify_inclusion(  # noqa: E731
        vector["leafIdx"],
        vector["treeSize"],
        raw(vector["leafHash"] or ""),
        [raw(step) for step in vector["proof"] or []],
        raw(vector["root"] or ""),
    )
    if vector["wantErr"]:
        with pytest.raises(ProofError):
            check()
    else:
        check()


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda vector: vector["name"])
def test_consistency_vectors(vector):
    check = lambda: verify_consistency(  # noqa: E731
        vector["size1"],
        vector["size2"],
        [raw(step) for step in vector["proof"] or []],
        raw(vector["root1"] or ""),
        raw(vector["root2"] or ""),
    )
    # One vector takes two equal texts for roots; here a root has 32 bytes.
    if vector["wantErr"] or len(raw(vector["root1"] or "")) != 32:
        with pytest.raises(ProofError):
            check()
    else:
        check()


@given(sizes)
def test_the_tiled_root_is_the_plain_one(size):
    assert in_memory(hashes()[:size]).root() == plain_root(hashes()[:size])


@given(sizes, st.data())
def test_every_leaf_is_provably_included(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = in_memory(hashes())
    verify_inclusion(index, size, hashes()[index], tree.inclusion(index, size), tree.root(size))


@given(sizes, st.data())
def test_every_smaller_tree_is_provably_a_prefix(new, data):
    old = data.draw(st.integers(1, new))
    tree = in_memory(hashes())
    verify_consistency(old, new, tree.consistency(old, new), tree.root(old), tree.root(new))


@given(sizes, st.data())
def test_a_damaged_inclusion_proof_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = in_memory(hashes())
    proof, root, leaf = tree.inclusion(index, size), tree.root(size), hashes()[index]
    damaged = [[*proof, leaf], [leaf, *proof]]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        damaged += [proof[:-1], proof[1:], [*proof[:place], flipped, *proof[place + 1 :]]]
        damaged += [
            [*proof[:place], proof[place][:31], *proof[place + 1 :]],
            [*proof[:place], b"", *proof[place + 1 :]],
        ]
    for wrong in damaged:
        with pytest.raises(ProofError):
            verify_inclusion(index, size, leaf, wrong, root)


@given(st.integers(2, 700), st.data())
def test_a_damaged_consistency_proof_is_refused(new, data):
    old = data.draw(st.integers(1, new - 1))
    tree = in_memory(hashes())
    proof, first, second = tree.consistency(old, new), tree.root(old), tree.root(new)
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
    wrong_ones = [[], proof[:-1], [*proof, first], [*proof[:place], flipped, *proof[place + 1 :]], [*proof[:-1], b""]]
    for wrong in wrong_ones:
        with pytest.raises(ProofError):
            verify_consistency(old, new, wrong, first, second)
    with pytest.raises(ProofError):
        verify_consistency(old, new, proof, second, first)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, 701)])
def test_no_inclusion_proof_outside_the_tree(index, size):
    with pytest.raises(ProofError):
        in_memory(hashes()).inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (1, 701), (-1, 3)])
def test_no_consistency_proof_outside_the_tree(old, new):
    with pytest.raises(ProofError):
        in_memory(hashes()).consistency(old, new)


def test_two_roots_for_one_size_are_refused():
    with pytest.raises(ProofError, match="two roots"):
        verify_consistency(2, 2, [], hashes()[0], hashes()[1])
