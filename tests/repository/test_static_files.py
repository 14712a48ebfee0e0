import pytest

from repository.static_files import NODE_MODULES, VendorFinder


@pytest.fixture
def finder(tmp_path):
    dist = tmp_path / "leaflet" / "dist"
    (dist / "images").mkdir(parents=True)
    for name in ("leaflet.css", "leaflet-src.esm.js", "leaflet.js", "images/layers.png"):
        (dist / name).write_text(name)
    (tmp_path / "leaflet" / "package.json").write_text("{}")
    return VendorFinder(root=tmp_path)


def test_only_what_is_on_the_list_is_found(finder):
    assert finder.find("vendor/leaflet/leaflet.css").endswith("leaflet/dist/leaflet.css")
    assert finder.find("vendor/leaflet/images/layers.png", find_all=True)
    assert finder.find("vendor/leaflet/leaflet.js") == []


@pytest.mark.parametrize(
    "path", ["vendor/leaflet/../package.json", "vendor/leaflet/images/../leaflet.js", "leaflet.css"]
)
def test_a_path_out_of_the_list_is_not_found(finder, path):
    assert finder.find(path) == []


def test_listing_and_finding_agree(finder):
    for name, storage in finder.list([]):
        assert finder.find(f"{storage.prefix}/{name}") == storage.path(name)


@pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="front-end assets are not fetched: npm ci --ignore-scripts")
def test_the_packages_hold_what_the_list_names():
    found = {f"{storage.prefix}/{name}" for name, storage in VendorFinder().list([])}
    assert {"vendor/leaflet/leaflet.css", "vendor/pretendard/pretendardvariable-dynamic-subset.css"} <= found
