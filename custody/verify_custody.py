#!/usr/bin/env python3
"""Checks a custody proof offline, without trusting whoever made it. Needs Python 3.9 and `cryptography` 42, or newer.

    verify_custody.py PROOF.zip --trust trust.json [--file PATH]... [--kept CHECKPOINT [--consistency FILE]]

Get trust.json (the log's name, its keys, the roots of the time-stamping authorities) by another way than the proof, and
keep every checkpoint you are given: both are what a forger cannot reach.
Exit status: 0 everything holds, 1 something does not, 2 the input cannot be read, 3 everything holds in itself but
without --trust: the keys came with the proof, and a forger would have sent his own.
"""
import argparse, base64, datetime, hashlib, json, sys, zipfile, zlib
from pathlib import Path

import cryptography
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.serialization import Encoding

LIMITS = """What no ledger can show, whatever holds above:
  - an act that nobody ever recorded, or a statement that was false when it was recorded;
  - an entry that somebody with full power over the database removed in the second before it was numbered;
  - entries that were left out of this proof, unless it says that it is complete, and then up to the size it names;
  - whether keys and roots are the right ones, or were revoked: that is why trust.json must come to you by another way."""
# Object identifiers as the hex of their DER contents: 2.16.840.1.101.3.4.2.x, 1.2.840.10045.4.3.x and so on.
HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
SHA = {f"6086480165030402{number:02x}": algorithm for number, algorithm in enumerate(HASHES, 1)}
ECDSA = {f"2a8648ce3d0403{number:02x}": algorithm for number, algorithm in enumerate(HASHES, 2)}
RSA = {f"2a864886f70d0101{number:02x}": algorithm for number, algorithm in enumerate(HASHES, 11)}
SIGNED_DATA, CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010702", "2a864886f70d010903", "2a864886f70d010904"
TST_INFO, SIGNED_BY_V1, SIGNED_BY_V2 = "2a864886f70d0109100104", "2a864886f70d010910020c", "2a864886f70d010910022f"

class Bad(Exception):
    """Something does not hold; the message says what."""

FAILURES = []
MALFORMED = (Bad, LookupError, TypeError, ValueError, AttributeError, RecursionError, UnsupportedAlgorithm, x509.ExtensionNotFound,
             x509.DuplicateExtension, x509.InvalidVersion)

def need(holds, message):
    if not holds:
        raise Bad(message)

sha256 = lambda data: hashlib.sha256(data).digest()
leaf_hash = lambda data: sha256(b"\0" + data)
node_hash = lambda left, right: sha256(b"\1" + left + right)
b64 = lambda text: base64.b64decode(text, validate=True)
extensions = lambda certificate: {type(one.value): one.value for one in certificate.extensions}
digest = lambda algorithm, data: hashlib.new(algorithm.name, data).digest()

# --- the Merkle tree: RFC 6962, verification as in RFC 9162 2.1.3.2 and 2.1.4.2
def sides(fn, sn, proof):
    """Each step of a proof and whether it stands on the left; the proof has as many steps as the tree is high there."""
    for step in proof:
        need(sn and len(step) == 32, "the proof is too long or malformed")
        is_left = fn & 1 or fn == sn
        yield step, is_left
        while is_left and not fn & 1 and fn:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the proof is too short")

def check_inclusion(index, size, leaf, proof, root):
    need(type(index) is type(size) is int and 0 <= index < size and len(root) == 32, "the proof is malformed")
    for step, is_left in sides(index, size - 1, proof):
        leaf = node_hash(step, leaf) if is_left else node_hash(leaf, step)
    need(leaf == root, "it is not in the log")

def check_consistency(old, new, proof, old_root, new_root):
    need(0 < old <= new and len(old_root) == len(new_root) == 32, "the consistency proof is malformed")
    if old == new:
        return need(not proof and old_root == new_root, f"there are two different logs of size {old}: the log was forked")
    need(proof, "the consistency proof is empty")
    (first, *steps), fn, sn = (list(proof) if old & (old - 1) else [old_root, *proof]), old - 1, new - 1
    need(len(first) == 32, "the consistency proof is malformed")
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    second = first
    for step, is_left in sides(fn, sn, steps):
        first, second = (node_hash(step, first), node_hash(step, second)) if is_left else (first, node_hash(second, step))
    need(first == old_root and second == new_root, "the log was rewritten: the later one does not contain the earlier one")

# --- checkpoints: C2SP signed-note and tlog-checkpoint, Ed25519; lines of other kinds of keys are passed over
class Trust:
    def __init__(self, document):
        self.origin, self.keys = document["origin"], []
        for name, key_id, encoded in (text.split("+", 2) for text in document["log_keys"]):
            raw = b64(encoded)
            fits = raw[0] == 1 and len(raw) == 33 and sha256(name.encode() + b"\n" + raw)[:4].hex() == key_id
            need(fits, "a log key of the trust file is malformed")
            self.keys.append((name, bytes.fromhex(key_id), ed25519.Ed25519PublicKey.from_public_bytes(raw[1:])))
        self.roots = [root for text in document.get("authorities", []) for root in x509.load_pem_x509_certificates(text.encode())]

    def checkpoint(self, note):
        """(size, root, text, ids of the trusted keys that signed) of a checkpoint note."""
        note = note.encode() if isinstance(note, str) else note
        need(b"\n\n" in note and note.endswith(b"\n") and not any(c < 32 and c != 10 for c in note), "this is not a signed checkpoint")
        text, lines = note[: note.rindex(b"\n\n") + 1], note[note.rindex(b"\n\n") + 2 :].decode().split("\n")[:-1]
        origin, size, root, *_ = text.decode().split("\n")
        need(origin == self.origin, f"this checkpoint is of another log: {origin}")
        need(size.isascii() and size.isdigit() and str(int(size)) == size and len(b64(root)) == 32, "the checkpoint is malformed")
        signed = []
        for line in lines:
            need(line.startswith("\u2014 ") and line.count(" ") == 2, "a signature line is malformed")
            _, name, encoded = line.split(" ")
            for known, key_id, key in self.keys:
                if (known, key_id) == (name, b64(encoded)[:4]):
                    try:
                        key.verify(b64(encoded)[4:], text)
                    except InvalidSignature:
                        raise Bad(f"the signature of key {key_id.hex()} does not fit the checkpoint")
                    signed.append(key_id.hex())
        need(signed, "no key of the trust file has signed this checkpoint")
        return int(size), b64(root), text, sorted(set(signed))

# --- RFC 3161 time stamps: a minimal DER reader and the checks of RFC 3161, 5652 and 5816
class Der:
    def __init__(self, data):
        need(len(data) >= 2 and data[0] & 31 != 31, "the time stamp is malformed")
        self.tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start, size = 2 + (size & 0x7F), int.from_bytes(data[2 : 2 + (size & 0x7F)], "big")
            need(2 < start <= 6 and size > 127, "the time stamp is malformed")
        need(len(data) >= start + size, "the time stamp is cut off")
        self.raw, self.value, self.rest = data[: start + size], data[start : start + size], data[start + size :]

    def parts(self):
        found, data = [], self.value
        while data:
            found.append(Der(data))
            data = found[-1].rest
        return found

    def oid(self):
        need(self.tag == 6 and self.value, "the time stamp is malformed")
        return self.value.hex()

def check_stamp(token, data, roots):
    """(time, name of the authority) of an RFC 3161 response or token over `data`, judged by the given roots only."""
    parts = Der(token).parts()
    if parts[0].tag == 0x30:
        need(len(parts) > 1 and int.from_bytes(parts[0].parts()[0].value, "big") in (0, 1), "the authority did not grant the time stamp")
        parts = parts[1].parts()
    need(parts[0].oid() == SIGNED_DATA, "the time stamp is no signed data")
    signed = Der(parts[1].value).parts()
    content = signed[2].parts()
    need(content[0].oid() == TST_INFO, "the signed data is no time stamp")
    info = Der(content[1].value).value
    enclosed = [one.raw for part in signed[3:] if part.tag == 0xA0 for one in part.parts() if one.tag == 0x30]
    need(len(enclosed) <= 16, "the time stamp encloses too many certificates")
    certificates = [x509.load_der_x509_certificate(raw) for raw in enclosed]
    signers = [one for part in signed[3:] if part.tag == 0x31 for one in part.parts()]
    need(len(signers) == 1, "a time stamp has one signer")
    _, _, hashing, attributes, algorithm, signature, *_ = signers[0].parts()
    hashing = hashing.parts()[0].oid()
    need(hashing in SHA and attributes.tag == 0xA0, "the time stamp uses an unknown digest")
    named = {}
    for attribute in attributes.parts():
        name, values = attribute.parts()
        need(name.oid() not in named, "an attribute of the time stamp stands twice")
        named[name.oid()] = values.parts()[0]
    need(CONTENT_TYPE in named and named[CONTENT_TYPE].oid() == TST_INFO, "the time stamp's signature is over something else")
    need(MESSAGE_DIGEST in named and named[MESSAGE_DIGEST].value == digest(SHA[hashing], info), "the time stamp was altered")
    signer = signing_certificate(named, certificates)
    check_signature(signer, signature.value, b"\x31" + attributes.raw[1:], algorithm.parts()[0].oid(), SHA[hashing])
    fields = Der(info).parts()
    algorithm, imprint = fields[2].parts()
    algorithm = SHA.get(algorithm.parts()[0].oid())
    need(algorithm and imprint.value == digest(algorithm, data), "the time stamp is over other data")
    when = fields[4].value.decode()
    need(fields[4].tag == 0x18 and when.endswith("Z"), "the time of the time stamp is malformed")
    when = datetime.datetime.strptime(when[:14], "%Y%m%d%H%M%S").replace(tzinfo=datetime.timezone.utc)
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    need(usage.critical and list(usage.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING], "the certificate is not for time stamps")
    need(leads_to(signer, certificates, roots, when), "no path leads from the authority's certificate to a root of the trust file")
    return when, signer.subject.rfc4514_string()

def signing_certificate(named, certificates):
    """The certificate that the signed attribute binds (RFC 5816), not merely one that came along."""
    binding = named.get(SIGNED_BY_V2) or named.get(SIGNED_BY_V1)
    need(binding, "the time stamp does not name its certificate")
    parts, algorithm = binding.parts()[0].parts()[0].parts(), hashes.SHA256 if SIGNED_BY_V2 in named else hashes.SHA1
    if parts[0].tag == 0x30:
        algorithm, parts = SHA[parts[0].parts()[0].oid()], parts[1:]
    for certificate in certificates:
        if digest(algorithm, certificate.public_bytes(Encoding.DER)) == parts[0].value:
            return certificate
    raise Bad("the time stamp's own certificate is missing")

def check_signature(certificate, signature, message, algorithm, hashing):
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(ECDSA.get(algorithm, hashing)()))
        else:
            key.verify(signature, message, padding.PKCS1v15(), RSA.get(algorithm, hashing)())
    except InvalidSignature:
        raise Bad("the signature of the time-stamping authority does not hold")

def leads_to(certificate, others, roots, when, depth=0, seen=()):
    """Whether a path of certificates valid at that time leads to a root that we were given. Revocation is not looked at."""
    usage, seen = extensions(certificate).get(x509.KeyUsage), seen or []
    seen.append(certificate)  # each is looked at once, however they point at each other
    if not certificate.not_valid_before_utc <= when <= certificate.not_valid_after_utc:
        return False
    if not depth and usage and not (usage.digital_signature or usage.content_commitment):
        return False
    for issuer in [*roots, *(other for other in others if other not in roots)]:
        if certificate == issuer and issuer in roots:
            return True
        limits, usage = (extensions(issuer).get(kind) for kind in (x509.BasicConstraints, x509.KeyUsage))
        may_issue = (limits.ca if limits else issuer in roots) and not (usage and not usage.key_cert_sign)
        if issuer == certificate or issuer in seen or issuer.subject != certificate.issuer or not may_issue:
            continue
        if limits and limits.path_length is not None and limits.path_length < depth:
            continue
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            continue
        if leads_to(issuer, others, roots, when, depth + 1, seen):
            return True
    return False

# --- entries: canonical JSON, salted commitments, the chain of an object's history
def parse_entry(raw):
    """The entry of these bytes; one spelling only, so that nobody can read them in two ways."""
    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "a key stands twice in an entry")
        return dict(pairs)

    refuse = lambda text: need(False, "a fraction stands in an entry")
    entry = json.loads(raw, object_pairs_hook=once, parse_float=refuse, parse_constant=refuse)
    spelled = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    need(isinstance(entry, dict) and spelled == raw, "an entry is not in canonical form")
    return entry

def check_parts(entry, parts):
    """What became of each erasable part, in words."""
    need(set(parts) == set(entry["commit"]), "the parts do not match the commitments")
    words = []
    for name, part in sorted(parts.items()):
        need("body" in part or part.get("withheld") is True or isinstance(part.get("redacted_by"), str), f"what of “{name}”?")
        if "body" in part:
            salt = bytes.fromhex(part["salt"])
            made = sha256(b"ledger-commit/v1\0" + salt + name.encode() + b"\0" + part["body"].encode())
            fits = base64.urlsafe_b64encode(made).rstrip(b"=").decode() == entry["commit"][name]
            need(len(salt) == 32 and fits, f"the part “{name}” is not what was recorded")
        words.append(f"{name} {'shown' if 'body' in part else 'erased' if part.get('redacted_by') else 'withheld'}")
    return ", ".join(words)

def say(word, text):
    """A line; what came in cannot end it, colour it, push it aside or write a line of its own."""
    print(f"  {word:<5} " + " ".join("".join(c if c.isprintable() else "?" for c in str(text)).split())[:600])

def check(what, act):
    try:
        say("OK", act())
    except MALFORMED as error:
        FAILURES.append(what)
        say("FAIL", f"{what}: {error if isinstance(error, Bad) else 'malformed (' + type(error).__name__ + ')'}")

class Proof:
    """One proof file against one trust file: `before` and `after` bound the time of entries by what was proven of stamps."""
    steps = staticmethod(lambda proof: [bytes.fromhex(step) for step in proof])

    def __init__(self, document, trust):
        self.document, self.trust, self.before, self.after, self.entries = document, trust, [], [], {}
        self.size, self.root, text, self.signed = trust.checkpoint(document["checkpoint"])
        self.texts, self.roots = {self.size: text}, {self.size: self.root}

    def logged(self, one):
        """An entry that is in the log: (index, leaf hash, content)."""
        raw = one["envelope"].encode()
        check_inclusion(one["index"], self.size, leaf_hash(raw), self.steps(one["proof"]), self.root)
        entry = parse_entry(raw)
        need(entry["v"] == 1 and entry["log"] == self.trust.origin, "it is of another log or version")
        return one["index"], leaf_hash(raw), entry

    def kept(self, note, steps):
        """The checkpoint that the verifier kept, against those in the proof."""
        size, root, _, _ = self.trust.checkpoint(note)
        if size in self.roots:
            need(root == self.roots[size], f"there are two different logs of size {size}: the log was forked")
        else:
            need(steps, f"a proof of consistency between {size} and {self.size} is needed: --consistency, from the ledger's API")
            (old, old_root), (new, new_root) = sorted([(size, root), (self.size, self.root)])
            check_consistency(old, new, self.steps(steps), old_root, new_root)
        return f"the checkpoint you kept (size {size}) and this proof are of one and the same growing log"

    def earlier(self, one):
        size, root, text, _ = self.trust.checkpoint(one["checkpoint"])
        check_consistency(size, self.size, self.steps(one["proof"]), root, self.root)
        self.texts[size], self.roots[size] = text, root
        return f"the log of {self.size} entries contains the log of {size} entries unchanged"

    def stamp(self, one):
        need(type(one["size"]) is int and one["size"] in self.texts, "it belongs to no checkpoint of this proof")
        need(self.trust.roots, "the trust file names no authority")
        when, authority = check_stamp(b64(one["token"]), self.texts[one["size"]], self.trust.roots)
        self.before.append((one["size"], when))
        if one.get("anchored"):  # that the log itself records the stamp proves that what follows is younger
            index, _, entry = self.logged(one["anchored"])
            told = (entry["type"], entry["data"].get("sha256"))
            need(told == ("ledger.anchored", sha256(b64(one["token"])).hex()), "the entry about the time stamp is about another")
            self.after.append((index, when))
        return f"the first {one['size']} entries existed at {when:%Y-%m-%d %H:%M:%S} UTC, says {authority}"

    def entry(self, one):
        index, leaf, entry = self.logged(one)
        need(entry["object"] == self.document["object"], "it is about another record")
        need(index not in self.entries, "it stands twice in the proof")
        parts = check_parts(entry, one.get("parts", {}))
        self.entries[index] = (leaf, entry, one.get("parts", {}))
        after = max((when for place, when in self.after if place < index), default=None)
        before = min((when for size, when in self.before if size > index), default=None)
        span = " and ".join(f"{word} {when:%Y-%m-%d %H:%M:%S}" for word, when in (("after", after), ("before", before)) if when)
        actor = entry["actor"].get("id") or entry["actor"].get("name") or "nobody known: somebody at the database"
        return f"#{index} {entry['at']} {entry['type']} by {actor}; recorded {span or 'at an unproven time'}; {parts or 'no parts'}"

    def erasures(self):
        """Every erased part must be an entry of its own: an erasure that nobody recorded is a gap."""
        ordered, by_id = list(self.entries), {entry["id"]: entry for _, entry, _ in self.entries.values()}
        need(ordered == sorted(ordered), "the entries are out of order")
        for index, (_, entry, parts) in self.entries.items():
            for name, part in parts.items():
                if by := part.get("redacted_by"):
                    said = by_id.get(by, {"type": "", "data": {}})
                    told = (said["type"], said["data"].get("entry"), said["data"].get("part"))
                    need(told == ("ledger.redacted", entry["id"], name), f"#{index}: the erasure of “{name}” is claimed but not recorded")
        return "the entries are in order, and every erasure among them is itself recorded"

    def completeness(self, head):
        (_, _, manifest), own = self.logged(head["manifest"]), bytes.fromhex(head["entry"])
        need(manifest["type"] == "ledger.heads" and len(own) == 56, "this is no manifest")
        data = manifest["data"]
        check_inclusion(head["index"], data["objects"], leaf_hash(own), self.steps(head["proof"]), bytes.fromhex(data["root"]))
        need(own[:16].hex() == self.document["object"]["id"].replace("-", ""), "the manifest speaks of another record")
        chain, count = sha256(b"ledger-object/v1\0" + own[:16]), 0
        for _, (leaf, _, _) in sorted(item for item in self.entries.items() if item[0] < data["size"]):
            chain, count = sha256(b"\2" + chain + leaf), count + 1
        told = int.from_bytes(own[16:24], "big")
        need((count, chain) == (told, own[24:]), f"the manifest counts {told} entries, {count} are here: some are missing or foreign")
        later = len(self.entries) - count
        return (f"complete up to {manifest['at']}: these are all {count} entries of this record among the first {data['size']} of the "
                f"log; {later} later ones are shown, there may be more")

    def file(self, name, sum_):
        known = [f"#{index}" for index, (_, entry, _) in self.entries.items()
                 if entry["type"] == "file.received" and entry["data"].get("sha256") == sum_]
        need(known, f"no entry of this proof says that bytes of SHA-256 {sum_} were received")
        return f"{name}: these bytes were received as {', '.join(known)} says, SHA-256 {sum_}; the file's name is not proven"

    def members(self, archive):
        """Names that cannot fool whoever unpacks the zip, and entries/N.json that say what the proof says."""
        names = [name for name in archive.namelist() if not name.endswith("/")]
        odd = [name for name in names if "\\" in name or ".." in name or name.startswith("/") or not name.isprintable()]
        need(len(set(names)) == len(names) and not odd, f"the zip has names twice or names that lead elsewhere: {odd[:3]}")
        told = {f"entries/{one['index']}.json": one["envelope"].encode() for one in self.document["entries"]}
        wrong = [name for name in names if name.startswith("entries/") and archive.read(name) != told.get(name)]
        need(not wrong, f"these are not what the proof says: {wrong[:3]}")
        return "entries/ is what the proof says; other files beside it, but for files/, are copies that were not checked"

def sum_of(stream):
    digester = hashlib.sha256()
    for chunk in iter(lambda: stream.read(1 << 20), b""):
        digester.update(chunk)
    return digester.hexdigest()

def verify(archive, options):
    document = json.loads(archive.read("proof.json"))
    need(document.get("format") == "custody-proof/v1", "this is not a custody proof of version 1")
    trust = Trust(json.loads(Path(options.trust).read_bytes() if options.trust else archive.read("trust.json")))
    proof, about = Proof(document, trust), document["object"]
    say("", f"Custody of {about['type']} {about['id']}, which whoever made this proof calls “{document['label']}”")
    say("OK", f"{trust.origin} with {proof.size} entries, signed by key {', '.join(proof.signed)}")
    for one in document.get("earlier", []):
        check("an earlier checkpoint", lambda one=one: proof.earlier(one))
    if options.kept:
        steps = json.loads(Path(options.consistency).read_bytes())["proof"] if options.consistency else None
        check("the checkpoint you kept", lambda: proof.kept(Path(options.kept).read_bytes(), steps))
    for one in document.get("stamps", []):
        check(f"the time stamp for size {one.get('size')}", lambda one=one: proof.stamp(one))
    need(document["entries"], "it holds no entry")
    for one in document["entries"]:
        check(f"entry #{one.get('index')}", lambda one=one: proof.entry(one))
    check("order and erasures", proof.erasures)
    if document.get("head"):
        check("completeness", lambda: proof.completeness(document["head"]))
    check("the zip", lambda: proof.members(archive))
    enclosed = [(name, archive.open) for name in archive.namelist() if name.startswith("files/") and not name.endswith("/")]
    for name, opener in [*enclosed, *((path, lambda path: open(path, "rb")) for path in options.file)]:
        with opener(name) as stream:
            check(name, lambda name=name, stream=stream: proof.file(name, sum_of(stream)))
    return bool(document.get("head"))

def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks a custody proof offline.", epilog="See docs/verify.md.")
    parser.add_argument("proof", help="the proof file (zip)")
    parser.add_argument("--trust", help="trust.json, obtained by another way than the proof")
    parser.add_argument("--file", action="append", default=[], help="a file whose bytes the proof should speak of")
    parser.add_argument("--kept", help="a checkpoint kept from another day or got from somebody else")
    parser.add_argument("--consistency", help="the ledger's proof of consistency between the two")
    options, complete = parser.parse_args(arguments), False
    FAILURES.clear()
    sys.stdout.reconfigure(errors="replace")
    try:
        if int(cryptography.__version__.split(".")[0]) < 42:
            raise ValueError("install cryptography 42 or newer: this one cannot judge times")
        with zipfile.ZipFile(options.proof) as archive:
            complete = verify(archive, options)
    except Bad as error:
        FAILURES.append(say("FAIL", error))
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, *MALFORMED) as error:
        say("", f"The input cannot be read: {type(error).__name__} {error}")
        return 2
    print(LIMITS)
    if FAILURES:
        print(f"RESULT: NOT VERIFIED, {len(FAILURES)} of the checks failed")
        return 1
    shown = "complete up to its manifest" if complete else "what is shown; this proof does not claim to be complete"
    print(f"RESULT: VERIFIED, {shown}" if options.trust else "RESULT: holds in itself, but the keys came with the proof: get trust.json")
    return 0 if options.trust else 3

if __name__ == "__main__":
    sys.exit(main())
