// Outlines out of a TopoJSON file (world-atlas): GeoJSON features of its countries.

function arcsOf({ arcs, transform }) {
  const { scale, translate } = transform;
  return arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
}

function ring(numbers, arcs) {
  const points = [];
  for (const number of numbers) {
    // A negative number is an arc walked backwards; neighbours share a point.
    const arc = number >= 0 ? arcs[number] : [...arcs[~number]].reverse();
    points.push(...(points.length ? arc.slice(1) : arc));
  }
  return points;
}

export function features(topology) {
  const arcs = arcsOf(topology);
  return topology.objects.countries.geometries.map(({ type, arcs: shape = [] }) => ({
    type: "Feature",
    properties: {},
    geometry: {
      type: "MultiPolygon",
      coordinates: (type === "MultiPolygon" ? shape : [shape]).map((polygon) => polygon.map((one) => ring(one, arcs))),
    },
  }));
}
