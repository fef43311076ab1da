// Visits of a caregiver or to a client, read once.

import { visitsOf, visitsTo } from "./data";
import type { Visit } from "./data";
import { state, update } from "./store";
import type { State } from "./store";

const kept = new Map<string, Visit[]>();

/** The visits; null while they are read, and the store tells when they are there. */
export function visits(by: State["calendarBy"], id: string): Visit[] | null {
  const key = `${by} ${id}`;
  const known = kept.get(key);
  if (known) return known;
  void (by === "caregiver" ? visitsOf(id) : visitsTo(id)).then((rows) => {
    kept.set(key, rows);
    if (state()[by] === id) update({ loadedVisits: state().loadedVisits + 1 });
  });
  return null;
}

/** The day whose tour is shown: the chosen one, else the first with visits. */
export function shownDay(s: State, rows: Visit[]): string | null {
  return s.day ?? rows[0]?.date ?? null;
}
