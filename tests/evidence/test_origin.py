"""Signs of origin: C2PA told from tampering without any network, ProofMode, WARC and WACZ recognised and checked."""

import datetime
import gc
import gzip
import hashlib
import io
import json
import warnings

import c2pa
import invented
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import translation
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from evidence.processing import credentials, provenance
from evidence.processing.results import Facts, Failed, Job
from evidence.web import words


@pytest.fixture
def read(tmp_path):
    def run(data: bytes, media_type: str, ending: str = "", **options) -> dict:
        path = tmp_path / "bytes"
        path.write_bytes(data)
        facts = Facts(media_type, len(data), ending)
        assert provenance.applies(facts)
        outcome = provenance.run(Job(path, tmp_path, facts, options))
        assert outcome.tool
        return outcome.found

    return run


def _certificate(name: str, key, issuer=None, issuer_key=None):
    """A certificate as C2PA wants it: for signing alone, in force, of an organisation."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, f"Invented {name}"),
                         x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    own = issuer is None
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if own else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(not own, False, False, False, False, own, own, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signer = issuer_key or key
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    if not own:
        made = made.add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
    return made.sign(signer, hashes.SHA256())


@pytest.fixture(scope="module")
def signed() -> tuple[bytes, str]:
    """(JPEG with a C2PA manifest, PEM of the authority that stands behind its signer)."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Authority", authority_key)
    certificate = _certificate("Signer", key, authority, authority_key)
    pem = lambda one: one.public_bytes(serialization.Encoding.PEM)  # noqa: E731
    info = c2pa.C2paSignerInfo(
        alg=b"es256",
        sign_cert=pem(certificate) + pem(authority),
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        ta_url=None,
    )
    manifest = {
        "claim_generator_info": [{"name": "Invented camera", "version": "1"}],
        "title": "Invented picture",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [
            {"action": "c2pa.created",
             "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"}]}}],
    }  # fmt: skip
    out = io.BytesIO()
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
        builder.sign(signer, "image/jpeg", io.BytesIO(invented.jpeg()), out)
    return out.getvalue(), pem(authority).decode()


def test_a_signature_holds_and_its_signer_is_known_or_not(read, signed):
    data, authority = signed
    found = read(data, "image/jpeg")["c2pa"]
    assert found["state"] == "untrusted"
    assert [one["code"] for one in found["problems"]] == ["signingCredential.untrusted"]
    assert found["claims"]["issuer"] == "Invented Signer"
    assert found["claims"]["program"].startswith("Invented camera 1")
    assert found["claims"]["actions"] == ["c2pa.created"]
    assert read(data, "image/jpeg", c2pa_anchors=authority)["c2pa"]["state"] == "valid"


def test_a_changed_picture_and_a_changed_manifest_are_tampered_with(read, signed):
    data, authority = signed
    in_the_picture = bytearray(data)
    in_the_picture[-200] ^= 0xFF
    in_the_claim = data.replace(b"Invented picture", b"Invented pixture")
    assert in_the_claim != data
    for changed, code in ((bytes(in_the_picture), "assertion.dataHash.mismatch"), (in_the_claim, "claimSignature")):
        found = read(changed, "image/jpeg", c2pa_anchors=authority)["c2pa"]
        assert found["state"] == "tampered"
        assert any(one["code"].startswith(code) for one in found["problems"]), found["problems"]


def test_most_files_have_no_manifest(read):
    assert read(invented.jpeg(), "image/jpeg") == {"c2pa": {"state": "none", "claims": {}, "problems": []}}


def test_a_manifest_that_lies_elsewhere_is_not_fetched(read, httpd):
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{httpd.address}/m.c2pa"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    found = read(invented.encoded(invented.corners(), "JPEG", xmp=xmp.encode()), "image/jpeg")["c2pa"]
    assert found["state"] == "none"
    assert httpd.asked == []
    assert credentials.SETTINGS["verify"]["remote_manifest_fetch"] is False
    assert credentials.SETTINGS["verify"]["ocsp_fetch"] is False


@pytest.fixture
def httpd():
    """A server that notes whether anybody asks it."""
    import http.server
    import threading

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    asked: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.asked, server.address = asked, f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_proof_bundle_is_recognised_and_its_hashes_compared(read):
    photo = invented.jpeg()
    digest = hashlib.sha256(photo).hexdigest()
    proof = json.dumps({"File Hash SHA256": digest}).encode()
    bundle = {"photo.jpg": photo, f"{digest}.proof.json": proof, f"{digest}.proof.csv": b"x", f"{digest}.asc": b"s",
              f"{digest}.proof.json.asc": b"s", "pubkey.asc": b"k"}  # fmt: skip
    found = read(invented.packed(bundle), "application/zip")["proofmode"]
    assert (found["proofs"], found["unchanged"], found["missing"], found["signatures"]) == (1, 1, 0, 2)
    assert found["signatures_checked"] is False and found["has_key"] is True
    changed = read(invented.packed({**bundle, "photo.jpg": photo + b"x"}), "application/zip")["proofmode"]
    assert (changed["unchanged"], changed["missing"]) == (0, 1)
    assert words.origin({"proofmode": found})["kind"] == "ok"
    assert words.origin({"proofmode": changed})["kind"] == "warn"


def capture(**given) -> bytes:
    """A web archive. Its writer leaves closing its temporary files to the collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        data = written(**given)
        gc.collect()
    return data


def written(*, packed: bool = True, addresses=("http://one.example/", "http://two.example/")) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    info = {"software": "Invented crawler 1"}
    writer.write_record(writer.create_warcinfo_record("a.warc", info))
    for day, uri in enumerate(addresses, 1):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.0")
        record = writer.create_warc_record(
            uri, "response", payload=io.BytesIO(b"invented " * 50), http_headers=headers,
            warc_headers_dict={"WARC-Date": f"2020-01-0{day}T00:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


@pytest.mark.parametrize("packed", [True, False])
def test_a_web_archive_is_counted(read, packed):
    found = read(capture(packed=packed), "application/gzip" if packed else "text/plain", "warc")["warc"]
    assert (found["records"], found["targets"]) == (3, 2)
    assert found["kinds"] == {"warcinfo": 1, "response": 2}
    assert (found["first"], found["last"][:4]) == ("2020-01-01T00:00:00Z", str(datetime.date.today().year))
    assert found["software"] == "Invented crawler 1"
    assert found["digests"] == {"checked": 3, "failed": 0}


def test_a_changed_record_does_not_match_its_digest(read):
    data = capture(packed=False).replace(b"invented invented", b"inventeX invented", 1)
    found = read(data, "text/plain", "warc")["warc"]
    assert found["digests"]["failed"] == 1
    assert words.origin({"warc": found})["kind"] == "bad"


def test_a_web_archive_cut_off_tells_what_could_be_read(read):
    data = capture(packed=False)
    found = read(data[: len(data) - 300], "text/plain", "warc")["warc"]
    assert found["records"] >= 2
    with pytest.raises(Failed):
        read(b"WARC/1.0\r\nnonsense", "application/warc")


def test_a_wacz_is_checked_against_its_package(read):
    data = capture()
    package = {
        "wacz_version": "1.1.1", "title": "Invented", "created": "2020-01-02",
        "resources": [{"path": "archive/a.warc.gz", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}],
    }  # fmt: skip
    members = {"archive/a.warc.gz": data, "datapackage.json": json.dumps(package).encode()}
    found = read(invented.packed(members), "application/zip")["wacz"]
    assert (found["archives"], found["records"], found["targets"]) == (1, 3, 2)
    assert found["hashes"] == {"checked": 1, "failed": 0}
    members["archive/a.warc.gz"] = capture(addresses=("http://other.example/",))
    assert read(invented.packed(members), "application/zip")["wacz"]["hashes"] == {"checked": 1, "failed": 1}


def test_other_archives_and_files_have_no_origin(read):
    assert read(invented.packed({"a.txt": b"x"}), "application/zip") == {}
    assert read(gzip.compress(b"hello"), "application/gzip") == {}
    assert read(b"\0\1", "application/octet-stream") == {}
    assert words.origin({}) is None and words.origin({"c2pa": "x"}) is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_state_has_words(language):
    seen = set()
    with translation.override(language):
        for state in words.C2PA:
            told = words.origin({"c2pa": {"state": state, "claims": {"issuer": "I"}, "problems": []}})
            seen.add((str(told["label"]), str(told["text"])))
    assert len(seen) == 4
    assert language == "en" or all(not label.isascii() for label, _text in seen)
