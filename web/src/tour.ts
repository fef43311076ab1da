// A day's tour on the map: base and homes in visiting order. The line joins them straight, as a picture of the order.

import { state } from "./store";
import type { State } from "./store";
import { shownDay, visits } from "./visits";

/** The line and the numbered stops of the day on the calendar; nothing on other tabs. */
export function tourShapes(s: State): GeoJSON.FeatureCollection {
  const none: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
  const caregiver = s.caregiver ? s.county.caregiver.get(s.caregiver) : undefined;
  if (s.tab !== "calendar" || s.calendarBy !== "caregiver" || !caregiver) return none;
  const rows = visits("caregiver", caregiver.id) ?? [];
  const day = shownDay(s, rows);
  const stops = rows.filter((v) => v.date === day).flatMap((v) => {
    const at = s.county.client.get(v.client)?.at;
    return at ? [{ at, order: v.order }] : [];
  });
  if (stops.length === 0) return none;
  const base = caregiver.at ? [caregiver.at] : [];
  const line: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [...base, ...stops.map((p) => p.at), ...base] } };
  const point = (at: [number, number], label: string): GeoJSON.Feature => ({ type: "Feature", properties: { label }, geometry: { type: "Point", coordinates: at } });
  // People of one house share a stop.
  const labels = new Map<string, { at: [number, number]; orders: number[] }>();
  for (const p of stops) {
    const key = p.at.join();
    labels.set(key, { at: p.at, orders: [...(labels.get(key)?.orders ?? []), p.order] });
  }
  return { type: "FeatureCollection", features: [line, ...[...labels.values()].map((p) => point(p.at, p.orders.join("·"))), ...base.map((at) => point(at, "⌂"))] };
}

/** Everything of the shown tour, for the map to fit. */
export function tourPoints(): [number, number][] {
  const line = tourShapes(state()).features[0];
  return line?.geometry.type === "LineString" ? (line.geometry.coordinates as [number, number][]) : [];
}
