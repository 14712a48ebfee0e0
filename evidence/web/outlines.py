"""The outlines of countries behind a map, from Natural Earth by the package world-atlas; a window of them as paths.

No picture is fetched from anybody: no server learns what is looked at. Seas are not named.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

FILE = "vendor/world-atlas/countries-50m.json"
WIDTH = 720  # units of a drawing
BESIDE = 2.0  # degrees around the window; what lies further away is drawn onto that edge


@dataclass(frozen=True)
class Window:
    """A part of the earth, in degrees, with places in it as points of a drawing that is 720 units wide."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        return WIDTH / (self.east - self.west)

    @property
    def stretch(self) -> float:
        """How much longer a degree of latitude is drawn than one of longitude, as it is in the middle."""
        return 1 / cos(radians((self.south + self.north) / 2))

    @property
    def height(self) -> int:
        return round((self.north - self.south) * self.scale * self.stretch)

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """(x, y) from the upper left corner."""
        x = (longitude - self.west) * self.scale
        return round(x, 1), round((self.north - latitude) * self.scale * self.stretch, 1)


KOREA = Window(123.6, 37.3, 131.4, 43.4)
WORLD = Window(-180, -58, 180, 78)


def window_of(points: list[tuple[float, float]]) -> Window:
    """The Korean north if all (longitude, latitude) lie in it, else what holds all of them with some room."""
    if all(KOREA.west < x < KOREA.east and KOREA.south < y < KOREA.north for x, y in points):
        return KOREA
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    wide = max((max(xs) - min(xs)) * 1.2, (max(ys) - min(ys)) * 1.5, 8.0)
    if wide > 200:
        return WORLD
    x, y, high = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max((max(ys) - min(ys)) * 1.2, wide * 0.6)
    return Window(x - wide / 2, max(y - high / 2, -84), x + wide / 2, min(y + high / 2, 84))


@lru_cache(maxsize=64)
def outlines(window: Window) -> tuple[str, ...]:
    """Paths of the countries that a window shows; none where the package was not fetched."""
    paths = []
    for rings in _countries():
        near = [ring for ring in rings if _meets(ring, window)]
        if path := "".join(_path(ring, window) for ring in near):
            paths.append(path)
    return tuple(paths)


def _meets(ring, window: Window) -> bool:
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    return min(xs) < window.east and max(xs) > window.west and min(ys) < window.north and max(ys) > window.south


def _path(ring, window: Window) -> str:
    points: list[str] = []
    for x, y in ring:
        x = min(max(x, window.west - BESIDE), window.east + BESIDE)
        y = min(max(y, window.south - BESIDE), window.north + BESIDE)
        drawn = "{:.0f} {:.0f}".format(*window.point(x, y))
        if not points or points[-1] != drawn:
            points.append(drawn)
    return f"M{'L'.join(points)}Z" if len(points) > 2 else ""


@lru_cache(maxsize=1)
def _countries() -> list[list[list[tuple[float, float]]]]:
    """Rings of (longitude, latitude) by country, taken out of the TopoJSON file."""
    found = finders.find(FILE)
    path = Path(found if isinstance(found, str) else Path(settings.STATIC_ROOT) / FILE)
    if not path.is_file():
        return []
    topology = json.loads(path.read_text())
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        arcs.append([((x := x + dx) * sx + tx, (y := y + dy) * sy + ty) for dx, dy in arc])
    countries = []
    for country in topology["objects"]["countries"]["geometries"]:
        shape = country.get("arcs") or []
        polygons = shape if country["type"] == "MultiPolygon" else [shape]
        countries.append([_ring(ring, arcs) for polygon in polygons for ring in polygon])
    return countries


def _ring(numbers: list[int], arcs: list) -> list[tuple[float, float]]:
    ring: list[tuple[float, float]] = []
    for number in numbers:
        # A negative number is an arc walked backwards.
        ring += (arcs[number] if number >= 0 else arcs[~number][::-1])[1 if ring else 0 :]
    return ring
