"""A client of the test server that speaks raw tus, for the tests of uploads."""

import base64
import hashlib

from described import DescribedClient

from evidence import storage
from evidence.models import Upload

PIECE = "application/offset+octet-stream"
CONTENT = b"bytes of evidence, " * 200_000  # 3.8 MB: several frames


def encoded(**values) -> str:
    return ",".join(f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in values.items())


class Tus:
    """A client of the test server that speaks raw tus."""

    def __init__(self, user=None):
        self.http = DescribedClient()
        if user:
            self.http.force_login(user, backend="accounts.backends.SignInBackend")

    def send(self, method, path, body=b"", *, content_type=PIECE, **headers):
        named = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): str(value) for name, value in headers.items()}
        named = {name: value for name, value in named.items() if value != "None"}
        # As browsers do: an empty body has a length too.
        extra = {"CONTENT_LENGTH": len(body), "CONTENT_TYPE": content_type} if body or method == "PATCH" else {}
        return self.http.generic(method, path, body, content_type=content_type if extra else "", headers=named, **extra)

    def begin(self, size, body=b"", **metadata):
        return self.send("POST", "/api/v1/uploads", body, Upload_Length=size, Upload_Metadata=encoded(**metadata))

    def begun(self, size, **metadata) -> str:
        answer = self.begin(size, **metadata)
        assert answer.status_code == 201, answer.content
        return answer["Location"].replace("http://testserver", "")

    def patch(self, path, body, offset, **headers):
        return self.send("PATCH", path, body, Upload_Offset=offset, **headers)

    def offset(self, path) -> int:
        answer = self.send("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        return int(answer["Upload-Offset"])

    def shown(self, path) -> dict:
        return self.http.get(path).json()


def upload_of(path) -> Upload:
    return Upload.objects.get(pk=path.rsplit("/", 1)[-1])


def parts() -> list[str]:
    return sorted(one.name for one in (storage.root() / "incoming").glob("*"))


def digest_header(body: bytes, name: str = "sha256") -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, body).digest()).decode()}"
