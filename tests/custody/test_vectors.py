"""Vectors of others: RFC 8785, Wycheproof's Ed25519, RFC 6962 for the stand-alone verifier, RFC 3161."""

import base64
import datetime
import json
from importlib.metadata import version
from pathlib import Path

import pytest
import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from custody import demo_authority, notes, verify_custody
from custody.demo_authority import DemoAuthority
from custody.envelope import KEY, MAX_INTEGER, NotCanonical, canonical, is_canonical

VECTORS = Path(__file__).parent / "vectors"
MERKLE = json.loads((VECTORS / "merkle.json").read_text())
ED25519 = json.loads((VECTORS / "ed25519.json").read_text())
JCS = sorted(path.name.split(".")[0] for path in (VECTORS / "jcs").glob("*.input.json"))


def jcs(name: str) -> tuple:
    value = json.loads((VECTORS / "jcs" / f"{name}.input.json").read_text())
    return value, bytes.fromhex("".join((VECTORS / "jcs" / f"{name}.outhex.txt").read_text().split()))


def in_profile(value) -> bool:
    """Whether our profile allows the value: ASCII names for keys, whole numbers below 2**53."""
    if isinstance(value, dict):
        return all(KEY.match(key) and in_profile(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(in_profile, value))
    return not isinstance(value, float) and not (isinstance(value, int) and abs(value) >= MAX_INTEGER)


@pytest.mark.parametrize("name", JCS)
def test_the_oracle_of_the_canonical_form_passes_the_vectors_of_rfc_8785(name):
    value, expected = jcs(name)
    assert rfc8785.dumps(value) == expected


def parts(value):
    """The value and everything in it."""
    yield value
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from parts(inner)


@pytest.mark.parametrize("name", JCS)
def test_ours_is_that_of_rfc_8785_or_a_refusal(name):
    value, expected = jcs(name)
    if in_profile(value):
        assert canonical(value) == expected
    for part in parts(value):
        if in_profile(part):
            assert canonical(part) == rfc8785.dumps(part)
            assert is_canonical(rfc8785.dumps(part))
        else:
            with pytest.raises(NotCanonical):
                canonical(part)


@pytest.mark.parametrize("vector", ED25519, ids=lambda vector: f"{vector['id']} {vector['comment'][:30]}")
def test_wycheproof_ed25519(vector):
    """The keys of notes and of the stand-alone verifier accept what is valid and nothing else."""
    vkey = notes.verifier_key("ledger.example/log", bytes.fromhex(vector["key"]))
    ours = notes._parse_verifier(vkey)[2]
    theirs = verify_custody.Trust({"origin": "x", "log_keys": [vkey]}).keys[0][2]
    for key in (ours, theirs):
        if vector["result"] == "valid":
            key.verify(bytes.fromhex(vector["sig"]), bytes.fromhex(vector["msg"]))
        else:
            with pytest.raises(InvalidSignature):
                key.verify(bytes.fromhex(vector["sig"]), bytes.fromhex(vector["msg"]))


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("vector", MERKLE["inclusion"], ids=lambda vector: vector["name"])
def test_the_stand_alone_verifier_on_inclusion_vectors(vector):
    proof = [raw(step) for step in vector["proof"] or []]
    arguments = (vector["leafIdx"], vector["treeSize"], raw(vector["leafHash"]), proof, raw(vector["root"]))
    if vector["wantErr"]:
        with pytest.raises(verify_custody.Bad):
            verify_custody.check_inclusion(*arguments)
    else:
        verify_custody.check_inclusion(*arguments)


@pytest.mark.parametrize("vector", MERKLE["consistency"], ids=lambda vector: vector["name"])
def test_the_stand_alone_verifier_on_consistency_vectors(vector):
    proof = [raw(step) for step in vector["proof"] or []]
    arguments = (vector["size1"], vector["size2"], proof, raw(vector["root1"]), raw(vector["root2"]))
    if vector["wantErr"] or len(raw(vector["root1"])) != 32:
        with pytest.raises(verify_custody.Bad):
            verify_custody.check_consistency(*arguments)
    else:
        verify_custody.check_consistency(*arguments)


@pytest.mark.parametrize("root", [b"", bytes(31), bytes(33)])
def test_a_root_of_another_length_is_refused(root):
    with pytest.raises(verify_custody.Bad):
        verify_custody.check_inclusion(0, 1, root, [], root)
    with pytest.raises(verify_custody.Bad):
        verify_custody.check_consistency(1, 1, [], root, root)


# --- RFC 3161

DATA = b"ledger.example/log\n7\nabc\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return DemoAuthority(tmp_path_factory.mktemp("authority"))


def root_of(authority: DemoAuthority) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.root_file.read_bytes())


def stamped(authority, data: bytes = DATA, **kwargs) -> tuple:
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    return request, authority.answer(request.as_bytes(), **kwargs)


def client_accepts(token: bytes, data: bytes, root) -> bool:
    try:
        VerifierBuilder().add_root_certificate(root).build().verify_message(decode_timestamp_response(token), data)
    except (VerificationError, ValueError):
        return False
    return True


def ours_accepts(token: bytes, data: bytes, roots) -> bool:
    try:
        verify_custody.check_stamp(token, data, roots)
    except verify_custody.MALFORMED:
        return False
    return True


def test_a_time_stamp_of_another_implementation_verifies():
    token = (VECTORS / "response.tsr").read_bytes()
    (enclosed,) = decode_timestamp_response(token).signed_data.certificates
    roots = [x509.load_der_x509_certificate(bytes(enclosed))]  # its issuer was not handed along: trusted by itself
    when, who = verify_custody.check_stamp(token, b"hello", roots)
    assert when == datetime.datetime(2024, 10, 8, 15, 40, 32, tzinfo=datetime.UTC)
    assert "Test TSA" in who
    assert not ours_accepts(token, b"Hello", roots)
    assert not ours_accepts(token, b"hello", [])


def test_both_verifiers_accept_a_genuine_stamp(authority):
    request, token = stamped(authority)
    assert ours_accepts(token, DATA, [root_of(authority)])
    assert client_accepts(token, DATA, root_of(authority))
    VerifierBuilder.from_request(request).add_root_certificate(root_of(authority)).build().verify_message(
        decode_timestamp_response(token), DATA
    )


class Rogue(DemoAuthority):
    """An authority of a forger that sends its own root along."""

    def _signed(self, info: bytes) -> bytes:
        whole = super()._signed(info)
        own = self.certificate.public_bytes(demo_authority.Encoding.DER)
        root = root_of(self).public_bytes(demo_authority.Encoding.DER)
        # Rebuilt with both certificates in the set.
        data = demo_authority._element(whole)[1]
        at = demo_authority._element(data)[2]
        inner = demo_authority._element(demo_authority._element(data, at)[1])[1]
        der = demo_authority.der
        certificates = der(0xA0, own)
        assert certificates in inner
        inner = inner.replace(certificates, der(0xA0, *sorted([own, root])))
        oid = demo_authority.der_oid(demo_authority.OID_SIGNED_DATA)
        return der(0x30, oid, der(0xA0, der(0x30, inner)))


def test_a_rogue_authority_whose_root_sits_in_the_token_is_refused(authority, tmp_path):
    """rfc3161-client 1.0.7 and 1.0.8 accepted such a token: the installed one must be newer, and refuse it."""
    assert tuple(map(int, version("rfc3161-client").split("."))) >= (1, 0, 9)
    rogue = Rogue(tmp_path / "rogue")
    _request, token = stamped(rogue)
    assert client_accepts(token, DATA, root_of(rogue))  # the token is sound, but for who made it
    assert ours_accepts(token, DATA, [root_of(rogue)])
    assert not client_accepts(token, DATA, root_of(authority))
    assert not ours_accepts(token, DATA, [root_of(authority)])


@pytest.mark.parametrize("at", [datetime.datetime(1999, 1, 1, tzinfo=datetime.UTC),
                                datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)])  # fmt: skip
def test_a_time_outside_the_certificate_is_refused(authority, at):
    _request, token = stamped(authority, at=at)
    assert not ours_accepts(token, DATA, [root_of(authority)])


def test_no_flipped_bit_passes(authority):
    """One bit of each byte flipped: refused, but where it says nothing about time, data or signer."""
    _request, token = stamped(authority)
    genuine = verify_custody.check_stamp(token, DATA, [root_of(authority)])
    for place in range(len(token)):
        damaged = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        try:
            assert verify_custody.check_stamp(damaged, DATA, [root_of(authority)]) == genuine, place
        except verify_custody.MALFORMED:
            continue


@pytest.mark.parametrize("token", [b"", b"\x30", b"\x30\x80", b"\x30\x03\x02\x01\x02", b"\x30\x82\xff\xff", bytes(100),
                                   b"\x30\x05\x30\x03\x02\x01\x02"])  # fmt: skip
def test_what_is_no_token_is_refused_in_words(token):
    with pytest.raises(verify_custody.MALFORMED):
        verify_custody.check_stamp(token, DATA, [])


@pytest.mark.parametrize("request_", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x01", b"\x04\x02ab", bytes(50), b"\x30\x82"])
def test_the_authority_refuses_what_is_no_request(authority, request_):
    with pytest.raises(ValueError):
        authority.answer(request_)


def test_the_authority_keeps_its_key(authority):
    again = DemoAuthority(authority.folder)
    assert again.certificate == authority.certificate
    assert authority.key_file.stat().st_mode & 0o777 == 0o600


# --- paths of certificates


def certificate(subject: str, issuer: tuple | None, *, ca: bool, path_length=None, sign=True, usage=True, key=None):
    """(certificate, key) issued by `issuer`, or by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer[0].subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    )
    if usage:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=not ca, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=sign, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )  # fmt: skip
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


NOW = datetime.datetime.now(datetime.UTC)


def leads(*chain, root) -> bool:
    certificates = [one[0] for one in chain]
    return verify_custody.leads_to(certificates[0], certificates, [root[0]], NOW)


def test_a_path_over_an_intermediate_leads_to_its_root():
    root = certificate("root", None, ca=True)
    middle = certificate("middle", root, ca=True, path_length=0)
    leaf = certificate("leaf", middle, ca=False, sign=False)
    assert leads(leaf, middle, root=root)
    assert leads(leaf, middle, root=middle)  # trusted by itself
    assert not leads(leaf, middle, root=certificate("root", None, ca=True))
    assert not leads(leaf, root=root)


def test_what_may_not_issue_leads_nowhere():
    root = certificate("root", None, ca=True, path_length=0)
    middle = certificate("middle", root, ca=True)
    assert not leads(
        certificate("leaf", middle, ca=False, sign=False), middle, root=root
    )  # longer than the root allows
    root = certificate("root", None, ca=True)
    for ca, sign in ((False, True), (True, False)):
        middle = certificate("middle", root, ca=ca, sign=sign)
        assert not leads(certificate("leaf", middle, ca=False, sign=False), middle, root=root)


def test_a_key_that_may_only_issue_stamps_nothing():
    root = certificate("root", None, ca=True)
    assert not leads(certificate("leaf", root, ca=True), root=root)


def test_many_certificates_of_one_name_take_no_time():
    root = certificate("same", None, ca=True)
    others = [certificate("same", root, ca=True, key=root[1]) for _ in range(14)]
    leaf = certificate("leaf", others[0], ca=False, sign=False)
    assert leads(leaf, *others, root=root)
    assert not leads(leaf, *others, root=certificate("same", None, ca=True))
