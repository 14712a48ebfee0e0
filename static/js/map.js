// The map of the incident list: the drawing of the server, exchanged for one that can be moved and looked at closely.
// <section data-map> with a table below it: its rows tr[data-mark~="province"] are the marks from far, [data-mark~="county"]
// from near. Rows stay the way for keyboard and screen reader. No picture is asked of anybody.
import * as L from "../vendor/leaflet/leaflet-src.esm.js";
import { features } from "./topology.js";

const NEAR = 8; // from this zoom on, counties
const MOST_NAMED = 20; // more names would lie over each other
const [LEAST, LARGEST] = [7, 30];

function marks(section, level) {
  const rows = [...section.querySelectorAll(`tr[data-mark~="${level}"][data-x]`)];
  const largest = Math.max(1, ...rows.map((row) => Number(row.dataset.count)));
  return rows.map((row) => {
    const { x, y, count, name } = row.dataset;
    const radius = LEAST + (LARGEST - LEAST) * Math.sqrt(Number(count) / largest);
    const rough = "rough" in row.dataset;
    const mark = L.circleMarker([Number(y), Number(x)], { radius, className: rough ? "mark-rough" : "mark" });
    const named = level === "province" && rows.length <= MOST_NAMED;
    const under = { permanent: true, direction: "bottom", className: "place-name", offset: [0, radius - 6] };
    mark.bindTooltip(`${name} ${count}`, named ? under : {});
    mark.on("click", () => row.querySelector("a").click());
    return mark;
  });
}

async function show(section) {
  const box = section.querySelector("[data-map-box]");
  if (!box || box.dataset.shown) return;
  box.dataset.shown = "yes";
  const answer = await fetch(section.dataset.outlines);
  if (!answer.ok) return; // the drawing of the server stays
  const outlines = features(await answer.json());
  box.replaceChildren();
  box.classList.add("moving");
  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, maxZoom: 11, keyboard: true });
  L.control.zoom({ zoomInTitle: section.dataset.zoomIn, zoomOutTitle: section.dataset.zoomOut }).addTo(map);
  const { west, south, east, north } = section.dataset;
  map.fitBounds([[Number(south), Number(west)], [Number(north), Number(east)]]);
  L.geoJSON(outlines, { style: { className: "outline" }, interactive: false }).addTo(map);
  const layers = { province: L.layerGroup(marks(section, "province")), county: L.layerGroup(marks(section, "county")) };
  const choose = () => {
    const near = map.getZoom() >= NEAR;
    layers[near ? "province" : "county"].remove();
    layers[near ? "county" : "province"].addTo(map);
  };
  map.on("zoomend", choose);
  choose();
}

function all() {
  for (const section of document.querySelectorAll("[data-map]")) show(section);
}
document.addEventListener("htmx:afterSettle", all);
all();
