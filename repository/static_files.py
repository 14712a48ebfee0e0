"""Static files: third-party assets from node_modules by an explicit list, and the storage that names by content."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

NODE_MODULES = Path(settings.BASE_DIR) / "node_modules"
# Prefix under static/ -> directory of the package, and what of it may be served. Nothing else of node_modules is.
VENDOR_ASSETS = {
    "vendor/leaflet": (
        "leaflet/dist",
        ["leaflet-src.esm.js", "leaflet-src.esm.js.map", "leaflet.css", "images/*.png"],
    ),
    # Outlines of the countries, behind the maps: no picture is asked of anybody.
    "vendor/world-atlas": ("world-atlas", ["countries-50m.json"]),
    "vendor/pretendard": (
        "pretendard/dist/web/variable",
        ["pretendardvariable-dynamic-subset.css", "woff2-dynamic-subset/*.woff2"],
    ),
    # Embedded into the PDF certificates, which need TrueType outlines.
    "vendor/pretendard-print": (
        "pretendard/dist/public/static/alternative",
        ["Pretendard-Regular.ttf", "Pretendard-Bold.ttf"],
    ),
}


class VendorFinder(BaseFinder):
    """Finds VENDOR_ASSETS. What is missing is reported by repository.checks, with the way to fetch it."""

    def __init__(self, app_names=None, *args, root: Path | None = None, **kwargs):
        self.root = root or NODE_MODULES

    def _allowed(self, package: str, patterns: list[str]):
        folder = self.root / package
        for pattern in patterns:
            yield from sorted(path for path in folder.glob(pattern) if path.is_file())

    def find(self, path, find_all=False, **kwargs):
        find_all = find_all or kwargs.get("all", False)
        for prefix, (package, patterns) in VENDOR_ASSETS.items():
            for found in self._allowed(package, patterns):
                if path == f"{prefix}/{found.relative_to(self.root / package).as_posix()}":
                    return [str(found)] if find_all else str(found)
        return []

    def list(self, ignore_patterns):
        for prefix, (package, patterns) in VENDOR_ASSETS.items():
            storage = FileSystemStorage(location=self.root / package)
            storage.prefix = prefix
            for found in self._allowed(package, patterns):
                yield found.relative_to(self.root / package).as_posix(), storage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, compressed copies, and imports between our own modules rewritten to match.

    Django's switch for that (support_js_module_import_aggregation) trips over comments in other people's modules.
    """

    patterns = (
        *HashedFilesMixin.patterns,
        ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1]),
    )
