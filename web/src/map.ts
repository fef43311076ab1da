// The map: roads, homes, outlets to drag, grids, the outline of 30 minutes.

import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { isochrone } from "./data";
import type { County } from "./data";
import { h } from "./dom";
import { LIMIT_S, STEPS, UNKNOWN } from "./palette";
import { differs, state, subscribe, update } from "./store";
import type { State } from "./store";
import { ask, commit, movedTo, pins, without } from "./trial";
import type { Pin } from "./trial";
import { tourPoints, tourShapes } from "./tour";
import { t } from "./words";

const FACE = ["Noto Sans SC"];
/** The legend stands over the south-west; nobody shall hide behind it. */
const BESIDE_LEGEND = { top: 36, right: 60, bottom: 36, left: 290 };
/** A time that is not known, as a number the style can compare. */
const NONE = -1;

maplibre.setWorkerUrl(workerUrl);

let map: maplibre.Map;
const markers = new Map<string, { marker: maplibre.Marker; element: HTMLElement }>();
let shownTimes: Int32Array = new Int32Array(0);

function time(): maplibre.ExpressionSpecification {
  return ["coalesce", ["feature-state", "t"], ["get", "t"]];
}

function colour(): maplibre.ExpressionSpecification {
  const [a, b, c, d, e] = STEPS;
  return [
    "case", ["<", time(), 0], UNKNOWN,
    ["<=", time(), a.upTo], a.colour,
    ["<=", time(), b.upTo], b.colour,
    ["<=", time(), c.upTo], c.colour,
    ["<=", time(), d.upTo], d.colour,
    e.colour,
  ];
}

function style(): maplibre.StyleSpecification {
  const outside: maplibre.ExpressionSpecification = ["any", ["<", time(), 0], [">", time(), LIMIT_S]];
  const size = (k: number): maplibre.ExpressionSpecification => ["interpolate", ["linear"], ["zoom"], 8, 2.2 * k, 11, 3.6 * k, 14, 6.5 * k];
  return {
    version: 8,
    sources: {
      roads: { type: "vector", tiles: [`${location.origin}/tiles/roads/{z}/{x}/{y}.mvt`], maxzoom: 14 },
      homes: { type: "geojson", data: empty() },
      places: { type: "geojson", data: empty() },
      grids: { type: "geojson", data: empty() },
      area: { type: "geojson", data: empty() },
      tour: { type: "geojson", data: empty() },
      chosen: { type: "geojson", data: empty() },
      pins: { type: "geojson", data: empty() },
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": "#f8f8f5" } },
      road("path", "#e4e3dd", 0.6, 13),
      road("track", "#dcdad2", 0.7, 11),
      road("small", "#d2d0c8", 0.9, 8),
      road("middle", "#c2c0b8", 1.4, 7),
      road("main", "#a9a79f", 2, 0),
      { id: "grids", type: "line", source: "grids", layout: { visibility: "none" }, paint: { "line-color": "#555", "line-width": ["case", ["get", "chosen"], 2.5, 0.8], "line-dasharray": [3, 2] } },
      { id: "area", type: "line", source: "area", paint: { "line-color": "#3d6b8f", "line-width": 2, "line-opacity": 0.7, "line-blur": 1 } },
      {
        id: "homes", type: "circle", source: "homes",
        paint: {
          "circle-radius": size(1),
          "circle-color": ["case", outside, "#ffffff", colour()],
          "circle-opacity": ["case", outside, 0.55, 0.92],
          "circle-stroke-color": ["case", outside, colour(), "#ffffff"],
          "circle-stroke-width": ["case", outside, 1.8, 0.5],
        },
      },
      { id: "tour", type: "line", source: "tour", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": "#111", "line-width": 1.6, "line-dasharray": [2, 1.5] } },
      { id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 11, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": "#111", "circle-stroke-width": 2.5 } },
      {
        id: "villages", type: "symbol", source: "places", minzoom: 11.5, filter: ["==", ["get", "kind"], "village"],
        layout: { "text-field": ["get", "name"], "text-font": FACE, "text-size": 11, "text-padding": 6 },
        paint: { "text-color": "#666", "text-halo-color": "#fff", "text-halo-width": 1.4 },
      },
      {
        id: "townships", type: "symbol", source: "places", filter: ["==", ["get", "kind"], "township"],
        layout: { "text-field": ["get", "name"], "text-font": FACE, "text-size": 14, "text-padding": 1, "text-variable-anchor": ["bottom", "top", "left", "right", "bottom-left", "top-right"], "text-radial-offset": 0.6, "symbol-sort-key": ["-", 0, ["get", "clients"]] },
        paint: { "text-color": "#333", "text-halo-color": "#fff", "text-halo-width": 2 },
      },
      {
        id: "gridNames", type: "symbol", source: "grids", layout: { visibility: "none", "text-field": ["get", "name"], "text-font": FACE, "text-size": 12 },
        paint: { "text-color": "#1d3c5a", "text-halo-color": "#fff", "text-halo-width": 1.6 },
      },
      {
        id: "stops", type: "symbol", source: "tour", filter: ["==", ["geometry-type"], "Point"],
        layout: { "text-field": ["get", "label"], "text-font": FACE, "text-size": 15, "text-offset": [0, -0.8], "text-allow-overlap": true },
        paint: { "text-color": "#111", "text-halo-color": "#fff", "text-halo-width": 2.2 },
      },
      // Pins are elements above the drawing: an empty picture under each keeps names from hiding behind it.
      { id: "pins", type: "symbol", source: "pins", layout: { "icon-image": "blank", "icon-allow-overlap": true } },
    ],
  };
}

function road(name: string, tone: string, width: number, minzoom: number): maplibre.LayerSpecification {
  return {
    id: `road-${name}`, type: "line", source: "roads", "source-layer": "roads", minzoom,
    filter: ["==", ["get", "class"], name],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": tone, "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 8, width * 0.6, 14, width * 2.6] },
  };
}

function empty(): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features: [] };
}

function setData(source: string, data: GeoJSON.FeatureCollection): void {
  const found = map.getSource(source);
  if (found instanceof maplibre.GeoJSONSource) void found.setData(data);
}

/** Times that colour the homes now: the trial's where there is one. */
function times(s: State): Int32Array {
  const of = (value: number | null): number => value ?? NONE;
  const all = Int32Array.from(s.county.clients, (c) => of(s.circle === "caregiver" ? c.caregiver_time_s : c.outlet_time_s));
  if (s.trial && s.circle === "outlet") {
    for (const change of s.trial.changed) {
      const at = s.county.clientIndex.get(change.client);
      if (at !== undefined) all[at] = of(change.outlet_time_s);
    }
  }
  return all;
}

/** Recolours only the homes whose time changed. */
function recolour(s: State): void {
  const next = times(s);
  for (let i = 0; i < next.length; i += 1) {
    if (next[i] !== shownTimes[i]) map.setFeatureState({ source: "homes", id: i }, { t: next[i] });
  }
  shownTimes = next;
}

function homes(s: State): GeoJSON.FeatureCollection {
  const inTownship = (name: string): boolean => s.township === "" || name === s.township;
  const features: GeoJSON.Feature[] = [];
  s.county.clients.forEach((c, i) => {
    if (c.at && inTownship(c.township) && (s.tab !== "gapTab" || c.cause !== null)) {
      features.push({ type: "Feature", id: i, properties: { t: shownTimes[i] ?? NONE }, geometry: { type: "Point", coordinates: c.at } });
    }
  });
  return { type: "FeatureCollection", features };
}

function places(county: County): GeoJSON.FeatureCollection {
  const point = (name: string, kind: string, clients: number, at: [number, number] | null): GeoJSON.Feature[] =>
    at ? [{ type: "Feature", properties: { name, kind, clients }, geometry: { type: "Point", coordinates: at } }] : [];
  const named = county.townships.filter((p) => p.name !== "");
  return {
    type: "FeatureCollection",
    features: [
      ...named.flatMap((p) => point(p.name, "township", p.clients, p.at)),
      // Where no township is named, the map's own places stand in their stead.
      ...county.villages.flatMap((v) => point(v.name, named.length > 0 ? "village" : "township", v.clients, v.at)),
    ],
  };
}

function gridShapes(s: State): GeoJSON.FeatureCollection {
  const features = s.county.grids.flatMap((g): GeoJSON.Feature[] =>
    g.ring ? [{ type: "Feature", properties: { name: g.caregiver_name || g.caregiver, chosen: g.caregiver === s.caregiver }, geometry: { type: "Polygon", coordinates: g.ring } }] : [],
  );
  return { type: "FeatureCollection", features };
}

function everything(s: State): maplibre.LngLatBounds {
  const bounds = new maplibre.LngLatBounds();
  for (const c of s.county.clients) if (c.at && (s.township === "" || c.township === s.township)) bounds.extend(c.at);
  for (const o of s.county.outlets) if (o.open && s.township === "") bounds.extend(o.at);
  return bounds;
}

export function fit(): void {
  const bounds = everything(state());
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: BESIDE_LEGEND, maxZoom: 13, animate: false });
}

export function centre(): [number, number] {
  const { lng, lat } = map.getCenter();
  return [lng, lat];
}

function pinElement(pin: Pin, number: number): HTMLElement {
  const element = h("div", { class: "pin", tabindex: 0, role: "button" });
  return dressPin(element, pin, number);
}

function dressPin(element: HTMLElement, pin: Pin, number: number): HTMLElement {
  element.textContent = String(number);
  element.classList.toggle("square", pin.existing);
  element.classList.toggle("ringed", pin.proposed);
  element.classList.toggle("chosen", state().outlet === pin.id);
  element.setAttribute("aria-label", `${t("pinLabel")} ${number} ${pin.name}. ${t("pinHelp")}`);
  element.title = `${number} ${pin.name}`;
  return element;
}

/** Puts the pins where the edits say; a pin under the hand stays under it. */
function placePins(held: string | null): void {
  const wanted = pins();
  const ids = new Set(wanted.map((p) => p.id));
  for (const [id, { marker }] of markers) {
    if (!ids.has(id)) {
      marker.remove();
      markers.delete(id);
    }
  }
  wanted.forEach((pin, i) => {
    const known = markers.get(pin.id);
    if (known) {
      dressPin(known.element, pin, i + 1);
      if (pin.id !== held) known.marker.setLngLat(pin.at);
    } else addPin(pin, i + 1);
  });
  setData("pins", { type: "FeatureCollection", features: wanted.map((p) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: p.at } })) });
}

function addPin(pin: Pin, number: number): void {
  const element = pinElement(pin, number);
  const marker = new maplibre.Marker({ element, draggable: true }).setLngLat(pin.at).addTo(map);
  const here = (): [number, number] => {
    const { lng, lat } = marker.getLngLat();
    return [Math.round(lng * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];
  };
  marker.on("dragstart", () => update({ circle: "outlet", outlet: pin.id, dragging: true }));
  marker.on("drag", () => {
    performance.mark("drag");
    ask(movedTo(state().edits, pin.id, here()));
    performance.measure("drag event", "drag");
  });
  marker.on("dragend", () => {
    update({ dragging: false });
    commit(movedTo(state().edits, pin.id, here()));
  });
  element.addEventListener("click", () => update({ outlet: pin.id }));
  element.addEventListener("focus", () => update({ outlet: pin.id }));
  element.addEventListener("keydown", (event) => {
    const step = ({ ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] } as Record<string, [number, number]>)[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const at = map.project(marker.getLngLat());
      marker.setLngLat(map.unproject([at.x + step[0], at.y + step[1]]));
      commit(movedTo(state().edits, pin.id, here()));
    } else if (event.key === "Delete") commit(without(state().edits, pin.id));
  });
  markers.set(pin.id, { marker, element });
}

function showChosen(s: State, fly: boolean): void {
  const at = s.client ? (s.county.client.get(s.client)?.at ?? null) : null;
  const outlet = at ? null : pins().find((p) => p.id === s.outlet);
  const place = at ?? null;
  setData("chosen", place ? { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } }] } : empty());
  const target = place ?? outlet?.at;
  if (fly && target && !map.getBounds().contains(target)) map.easeTo({ center: target, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
}

let areaTicket = 0;

async function showArea(s: State): Promise<void> {
  const pin = pins().find((p) => p.id === s.outlet);
  const ticket = (areaTicket += 1);
  if (!s.isochrone || !pin) return setData("area", empty());
  try {
    const shape = await isochrone(pin.at);
    if (ticket === areaTicket) setData("area", shape);
  } catch {
    setData("area", empty());
  }
}

let onTour = false;

/** The day's tour; a day that a person chose is brought into view, and the county again once they leave. */
function showTour(s: State, before: State): void {
  setData("tour", tourShapes(s));
  const shown = s.tab === "calendar" && s.calendarBy === "caregiver";
  if (shown && s.day && differs(s, before, "day")) {
    const bounds = new maplibre.LngLatBounds();
    for (const at of tourPoints()) bounds.extend(at);
    if (!bounds.isEmpty()) {
      onTour = true;
      map.fitBounds(bounds, { padding: BESIDE_LEGEND, maxZoom: 16, animate: false });
    }
  } else if (onTour && !shown) {
    onTour = false;
    fit();
  }
}

function visibility(s: State): void {
  const shown = s.tab === "grids" ? "visible" : "none";
  for (const layer of ["grids", "gridNames"]) map.setLayoutProperty(layer, "visibility", shown);
}

function follow(s: State, before: State): void {
  if (differs(s, before, "township")) {
    setData("homes", homes(s));
    fit();
  }
  if (differs(s, before, "circle", "trial")) {
    performance.mark("trial");
    recolour(s);
    performance.measure("trial shown", "trial");
  }
  if (differs(s, before, "edits", "outlet")) placePins(null);
  if (differs(s, before, "client", "outlet")) showChosen(s, true);
  if (differs(s, before, "tab")) {
    visibility(s);
    if ((s.tab === "gapTab") !== (before.tab === "gapTab")) setData("homes", homes(s));
  }
  if (differs(s, before, "caregiver", "county")) setData("grids", gridShapes(s));
  if (differs(s, before, "tab", "caregiver", "day", "calendarBy", "loadedVisits", "county")) showTour(s, before);
  if (differs(s, before, "isochrone", "outlet", "edits")) void showArea(s);
}

/** Draws the county into `holder`; homes and pins select each other with the lists. */
export function draw(holder: HTMLElement): void {
  map = new maplibre.Map({ container: holder, style: style(), bounds: everything(state()), fitBoundsOptions: { padding: BESIDE_LEGEND }, attributionControl: false, locale: { "NavigationControl.ZoomIn": t("zoomIn"), "NavigationControl.ZoomOut": t("zoomOut") }, dragRotate: false, pitchWithRotate: false, maxPitch: 0, fadeDuration: 0 });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-right");
  shownTimes = times(state());
  map.on("load", () => {
    const s = state();
    map.addImage("blank", { width: 12, height: 12, data: new Uint8Array(12 * 12 * 4) });
    setData("homes", homes(s));
    setData("grids", gridShapes(s));
    void document.fonts.load('14px "Noto Sans SC"', "县").finally(() => setData("places", places(s.county)));
    placePins(null);
    visibility(s);
    subscribe(follow);
    map.once("idle", () => holder.setAttribute("data-ready", "true"));
  });
  map.on("click", (event) => {
    const box: [maplibre.PointLike, maplibre.PointLike] = [[event.point.x - 5, event.point.y - 5], [event.point.x + 5, event.point.y + 5]];
    const hit = map.queryRenderedFeatures(box, { layers: ["homes"] })[0];
    const client = hit ? state().county.clients[Number(hit.id)] : undefined;
    update({ client: client?.id ?? null });
  });
  map.on("mouseenter", "homes", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "homes", () => (map.getCanvas().style.cursor = ""));
}
