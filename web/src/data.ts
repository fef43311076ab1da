// What the server sends, and how it is fetched.

export interface Client {
  id: string;
  name: string;
  category: string;
  tier: number;
  township: string;
  village: string;
  group: string;
  /** The map's place nearest to the home, where the roster names no village. */
  near: string | null;
  precision: string;
  service_min: number;
  needs_female: boolean;
  window: string;
  outlet: string | null;
  outlet_time_s: number | null;
  caregiver: string | null;
  caregiver_time_s: number | null;
  grid: string | null;
  verdict: string;
  cause: string | null;
  owed: number;
  planned: number;
  /** What the client's file says beside; null if nothing. */
  dossier: Dossier | null;
  at: [number, number] | null;
}

export interface Dossier {
  measures: string[];
  assessed: string | null;
  assessor: string;
  assessed_by_provider: boolean;
  guardian: string;
  elder_grade: string;
  /** Last four characters of the ID number; empty until full names are asked for. */
  id_last4: string;
}

export interface Outlet {
  id: string;
  name: string;
  existing: boolean;
  open: boolean;
  township: string;
  clients: number | null;
  visits: number | null;
  minutes: number | null;
  at: [number, number];
}

export interface Caregiver {
  id: string;
  name: string;
  mode: string;
  female: boolean;
  township: string;
  village: string;
  leave: string[];
  max_month_min: number;
  outlet: string | null;
  grid: string | null;
  clients: number;
  visits: number;
  care_min: number;
  travel_min: number;
  wait_min: number;
  days: number;
  at: [number, number] | null;
}

export interface Grid {
  id: string;
  caregiver: string;
  caregiver_name: string;
  backup: string | null;
  cells: string[];
  clients: number;
  exceptions: { client: string; reason: string }[];
  ring: [number, number][][] | null;
}

export interface Township {
  name: string;
  code: string | null;
  clients: number;
  served: number;
  in_outlet_circle: number;
  gaps: number;
  owed: number;
  planned: number;
  at: [number, number] | null;
}

export interface Village {
  code: string;
  name: string;
  township: string;
  clients: number;
  at: [number, number] | null;
}

export interface Visit {
  caregiver: string;
  date: string;
  order: number;
  client: string;
  arrive: string;
  leave: string;
}

export interface CurvePoint {
  p: number;
  objective: number;
  bound: number;
  gap_pct: number;
  proven: boolean;
  clients: number;
  open: string[];
}

export interface Listed {
  file: string;
  sheet: string;
  row: number;
  column: string;
  code: string;
  zh: string;
  en: string;
}

export interface Summary {
  id: string;
  county: string;
  synthetic: boolean;
  month: string;
  clients_total: number;
  clients_in_outlet_circle: number;
  clients_served: number;
  gaps_by_cause: Record<string, number>;
  outlets: number;
  siting: { model: string; objective: number; bound: number; gap_pct: number; proven: boolean };
  caregivers_used: number;
  caregivers_total: number;
  visits_owed: number;
  visits_planned: number;
  visits_by_backup: number;
  unplaced: number;
  /** Visits that no plan can place, proven; 0 in a repaired plan, which claims nothing. */
  unplaced_bound: number;
  /** Clients with a longer gap between two visits than their quota wishes. */
  long_gaps: number;
  /** Largest care load in hours, and the least it could be in any plan; 0 where nothing is claimed. */
  care_h_max: number;
  care_h_max_bound: number;
  /** Whom to hire; a repaired plan does not ask. */
  recruits: { hires: number; bound: number; visits: number; beyond_help: number } | null;
  hires: Hire[];
  locks: LockTold[];
  travel_h: number;
  inputs: Record<string, string>;
  timings_ms: Record<string, number>;
  limit_s: number;
  outlet_mode: string;
  first_day: string;
  days: number;
  working_days: string[];
  counts: { file: string; rows_in: number; kept: number; listed: number }[];
  listed: Listed[];
  notes: [string, string][];
  unplaced_list: Unplaced[];
}

/** Visits of a client that no day could take, why, and the cheapest remedy (`more_steps`, `overtime:ID`, `hire:IDS`, …). */
export interface Unplaced {
  client: string;
  missing: number;
  reason: string;
  remedy: string;
}

/** A caregiver to hire. */
export interface Hire {
  hire: string;
  village: string;
  near_client: string;
  mode: string;
  visits: number;
  care_min: number;
  travel_min: number;
  days: number;
  needs_female: boolean;
  skills: string[];
  clients: string[];
}

/** What the planner fixes by hand: a client is served by that caregiver alone (`lock`), or never (`forbid`). */
export interface Lock {
  kind: "lock" | "forbid";
  client: string;
  caregiver: string;
}

/** A lock with what it costs; null where it was not computed. */
export interface LockTold extends Lock {
  travel_s: number | null;
  visits: number | null;
}

export interface Edits {
  open: string[] | null;
  move: { outlet: string; lon: number; lat: number }[];
  add: { lon: number; lat: number }[];
  remove: string[];
}

export interface Trial {
  served: number;
  in_outlet_circle: number;
  outlets: number;
  changed: { client: string; outlet: string | null; outlet_time_s: number | null; verdict: string }[];
}

export interface Scenario {
  id: number;
  name: string;
  edits: { open?: string[]; move: Edits["move"]; add: Edits["add"]; remove: string[] };
  changed_at: string;
}

export interface Figures {
  mean_time_s: number | null;
  p95_time_s: number | null;
  same_outlet: number;
  in_outlet_circle: number;
  backed_up: number;
  busiest_outlet: number;
  mean_outlet: number;
  outlets: number;
  new_outlets: number;
  opening_fen: number;
  month_fen: number;
}

export interface Crossing {
  client: string;
  before_s: number | null;
  after_s: number | null;
}

export interface Comparison {
  a: Figures;
  b: Figures;
  gained: Crossing[];
  lost: Crossing[];
}

export interface Remedy {
  client: string;
  step: string;
  site: string | null;
  reaches: number;
}

export interface Job {
  jobID: string;
  status: string;
  stage: string;
  progress: number | null;
  message: string | null;
  message_en: string | null;
  plan: string | null;
  changes: Changes | null;
  followed: Followed | null;
}

/** What the month after kept of the one before. */
export interface Followed {
  clients: number;
  same_caregiver: number;
  visits: number;
  same_weekday: number;
}

/** One visit that moves; without a new place it is dropped, without an old one it is new. */
export interface Move {
  client: string;
  was_date: string | null;
  was_caregiver: string | null;
  now_date: string | null;
  now_caregiver: string | null;
  /** Why it has no new place. */
  reason: string | null;
}

/** What a repair changes. */
export interface Changes {
  visits: number;
  lost: number;
  moved: number;
  unplaced: number;
  unplaced_before: number;
  /** Unplaced visits of people who are gone, before and now: nobody misses them. */
  gone: [number, number];
  /** Seconds on the road, before and now. */
  travel_s: [number, number];
  handed_over: string[];
  /** The locks with what each costs in the new plan. */
  locks: LockTold[];
  moves: Move[];
}

/** Something that happened: who is off, has gone, has moved or is new; further cells as in an events file. */
export interface Happening {
  date: string;
  kind: "leave" | "escort" | "gone" | "moved" | "new_client";
  who: string;
  until: string;
  [cell: string]: string;
}

/** A few-change re-planning: after events, under other locks, or of the days left alone. */
export interface RepairRequest {
  events?: Happening[];
  from?: string;
  locks?: Lock[];
}

export interface PlanEntry {
  id: string;
  month: string;
  current: boolean;
  clients_total: number;
  clients_served: number;
  outlets: number;
  visits_owed: number;
  visits_planned: number;
  travel_h: number;
}

export interface County {
  summary: Summary;
  clients: Client[];
  client: Map<string, Client>;
  clientIndex: Map<string, number>;
  outlets: Outlet[];
  outlet: Map<string, Outlet>;
  caregivers: Caregiver[];
  caregiver: Map<string, Caregiver>;
  grids: Grid[];
  townships: Township[];
  villages: Village[];
  curve: CurvePoint[];
}

export class Refusal extends Error {
  constructor(
    readonly zh: string,
    readonly en: string,
  ) {
    super(en);
  }
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init);
  if (answer.status === 204 || answer.headers.get("content-length") === "0") return undefined as T;
  const body = await answer.json();
  if (!answer.ok) throw new Refusal(body.detail ?? String(answer.status), body.detail_en ?? String(answer.status));
  return body as T;
}

interface Feature {
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

interface Page {
  features: Feature[];
  links: { rel: string; href: string }[];
}

export function get<T>(path: string): Promise<T> {
  return json<T>(path);
}

export function change<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  return json<T>(path, { method, headers: { "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

export function upload(path: string, file: File): Promise<void> {
  return json<void>(path, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
}

async function list(id: string, named = false): Promise<Feature[]> {
  const all: Feature[] = [];
  let next: string | undefined = `/collections/${id}/items?limit=10000${named ? "&names=full" : ""}`;
  while (next) {
    const page: Page = await json(next);
    all.push(...page.features);
    next = page.links.find((l) => l.rel === "next")?.href;
  }
  return all;
}

function points<T>(features: Feature[]): T[] {
  return features.map((f) => ({ ...f.properties, at: f.geometry ? f.geometry.coordinates : null }) as T);
}

function byId<T extends { id: string }>(rows: T[]): Map<string, T> {
  return new Map(rows.map((r) => [r.id, r]));
}

/** Reads the whole plan; a county is a few megabytes from this machine. Names come in full only where `named`. */
export async function load(named: boolean): Promise<County> {
  const [summary, clients, outlets, caregivers, grids, townships, villages, curve] = await Promise.all([
    json<Summary>("/plans/current/summary"),
    list("clients", named).then(points<Client>),
    list("outlets").then(points<Outlet>),
    list("caregivers", named).then(points<Caregiver>),
    list("grids", named),
    list("townships").then(points<Township>),
    list("villages").then(points<Village>),
    json<{ curve: CurvePoint[] }>("/curve"),
  ]);
  return {
    summary,
    clients,
    client: byId(clients),
    clientIndex: new Map(clients.map((c, i) => [c.id, i])),
    outlets,
    outlet: byId(outlets),
    caregivers,
    caregiver: byId(caregivers),
    grids: grids.map((f) => ({ ...f.properties, ring: f.geometry ? f.geometry.coordinates : null }) as Grid),
    townships,
    villages,
    curve: curve.curve,
  };
}

export async function visitsOf(caregiver: string): Promise<Visit[]> {
  const answer = await json<{ visits: Visit[] }>(`/plans/current/visits?caregiver=${encodeURIComponent(caregiver)}`);
  return answer.visits;
}

/** The visits of everybody on one day, by caregiver and order. */
export async function visitsOn(date: string): Promise<Visit[]> {
  return (await json<{ visits: Visit[] }>(`/plans/current/visits?date=${encodeURIComponent(date)}`)).visits;
}

export async function visitsTo(client: string): Promise<Visit[]> {
  return (await json<{ visits: Visit[] }>(`/plans/current/visits?client=${encodeURIComponent(client)}`)).visits;
}

/** Clients and caregivers with their names in full, for sheets that go to a doorstep; null where they may not leave the server. */
export async function fullPeople(): Promise<{ client: Map<string, Client>; caregiver: Map<string, Caregiver> } | null> {
  try {
    const [clients, caregivers] = await Promise.all([list("clients", true).then(points<Client>), list("caregivers", true).then(points<Caregiver>)]);
    return { client: byId(clients), caregiver: byId(caregivers) };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

export function whatIf(edits: Edits): Promise<Trial> {
  const { open, ...rest } = edits;
  return change<Trial>("POST", "/whatif", open ? { open, ...rest } : rest);
}

export function isochrone(at: [number, number]): Promise<GeoJSON.FeatureCollection> {
  return json(`/isochrones?from=${at[0]},${at[1]}&minutes=30`);
}
