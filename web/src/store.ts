// The one store: what is shown and chosen. Views subscribe and redraw what they need.

import type { Comparison, County, Edits, Job, Lock, PlanEntry, Remedy, Scenario, Trial } from "./data";
import type { MappingField, Preview } from "./drop";

export const TABS = ["overview", "siting", "gapTab", "grids", "calendar", "data", "scenarioTab", "report"] as const;
export type Tab = (typeof TABS)[number];

export interface State {
  county: County;
  tab: Tab;
  client: string | null;
  outlet: string | null;
  caregiver: string | null;
  township: string;
  cause: string;
  query: string;
  /** What the gap tab lists. */
  gapView: "people" | "visits" | "hires";
  /** Whose month the calendar shows. */
  calendarBy: "caregiver" | "client";
  /** Locks as the planner has them now; null: as planned. */
  locks: Lock[] | null;
  /** Rows of the gap list on the page. */
  gapRows: number;
  /** Grows when visits of a caregiver have arrived. */
  loadedVisits: number;
  day: string | null;
  /** Which time colours the dots. */
  circle: "caregiver" | "outlet";
  edits: Edits;
  /** Edits before each change, for undo. */
  past: Edits[];
  trial: Trial | null;
  trialFault: string | null;
  isochrone: boolean;
  /** An outlet is under the hand: names wait until it is let go. */
  dragging: boolean;
  /** Names are shown in full, because the person asked. */
  named: boolean;
  scenarios: Scenario[];
  /** What stands beside what: `plan`, or a scenario's number. */
  sideA: string;
  sideB: string;
  comparison: Comparison | null;
  /** A sentence of the server about scenarios or plans. */
  deskFault: string | null;
  job: Job | null;
  plans: PlanEntry[];
  remedies: Map<string, Remedy> | null;
  /** Township files on their way in. */
  preview: Preview | null;
  fields: MappingField[];
  intakeBusy: { done: number; total: number } | null;
  intakeFault: string | null;
}

export const NO_EDITS: Edits = { open: null, move: [], add: [], remove: [] };

type Listener = (state: State, before: State) => void;

let current: State;
const listeners: Listener[] = [];

export function start(county: County): void {
  current = {
    county,
    tab: "overview",
    client: null,
    outlet: null,
    caregiver: county.caregivers.find((c) => c.visits > 0)?.id ?? null,
    township: "",
    cause: "",
    query: "",
    gapView: "people",
    calendarBy: "caregiver",
    locks: null,
    gapRows: 200,
    loadedVisits: 0,
    day: null,
    circle: "caregiver",
    edits: NO_EDITS,
    past: [],
    trial: null,
    trialFault: null,
    isochrone: false,
    dragging: false,
    named: false,
    scenarios: [],
    sideA: "plan",
    sideB: "plan",
    comparison: null,
    deskFault: null,
    job: null,
    plans: [],
    remedies: null,
    preview: null,
    fields: [],
    intakeBusy: null,
    intakeFault: null,
  };
}

export function state(): State {
  return current;
}

export function update(change: Partial<State>): void {
  const before = current;
  current = { ...current, ...change };
  for (const listener of listeners) listener(current, before);
}

export function subscribe(listener: Listener): void {
  listeners.push(listener);
}

/** Did any of these keys change? */
export function differs(a: State, b: State, ...keys: (keyof State)[]): boolean {
  return keys.some((k) => a[k] !== b[k]);
}
