// 选址: the curve, the outlets, and trials under the hand.

import type { Client, CurvePoint, Trial } from "../data";
import { button, h, svg, table } from "../dom";
import { count, minutes, placeOf } from "../format";
import type { TabView } from "../frame";
import { LIMIT_S } from "../palette";
import { NO_EDITS, state, update } from "../store";
import type { State } from "../store";
import { commit, isEdited, pins, reset, undo, without } from "../trial";
import type { Pin } from "../trial";
import { t } from "../words";

const WIDE = 420;
const HIGH = 190;
const EDGE = { left: 46, right: 12, top: 12, bottom: 30 };
const MOST_NAMES = 100;

interface Scale {
  x: (p: number) => number;
  y: (clients: number) => number;
  top: number;
}

function scale(points: CurvePoint[], total: number, planned: number): Scale {
  const first = points[0]?.p ?? 1;
  const last = Math.max(points[points.length - 1]?.p ?? 1, planned);
  const span = Math.max(1, last - first);
  return {
    x: (p) => EDGE.left + ((p - first) / span) * (WIDE - EDGE.left - EDGE.right),
    y: (clients) => HIGH - EDGE.bottom - (Math.min(clients, total) / Math.max(1, total)) * (HIGH - EDGE.top - EDGE.bottom),
    top: total,
  };
}

/** The bound in clients: the same share above the value as in demand weight. */
function boundClients(c: CurvePoint): number {
  return c.objective > 0 ? c.clients * (c.bound / c.objective) : c.clients;
}

function axes(s: Scale, points: CurvePoint[]): Node[] {
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = s.y(share * s.top);
    return svg("g", {}, svg("line", { x1: EDGE.left, x2: WIDE - EDGE.right, y1: y, y2: y, class: "rule" }), svg("text", { x: EDGE.left - 6, y: y + 4, class: "tick end" }, count(Math.round(share * s.top))));
  });
  const every = Math.max(1, Math.ceil(points.length / 10));
  const numbers = points.filter((_, i) => i % every === 0).map((c) => c.p);
  const ticks = numbers.map((p) => svg("text", { x: s.x(p), y: HIGH - 12, class: "tick middle" }, p));
  return [...lines, ...ticks];
}

function curve(s: State): HTMLElement {
  const points = s.county.curve;
  if (points.length === 0) return h("p", { class: "quiet" }, t("noCurve"));
  const { summary } = s.county;
  const at = scale(points, summary.clients_total, summary.outlets);
  const path = (y: (c: CurvePoint) => number): string => points.map((c) => `${at.x(c.p)},${y(c)}`).join(" ");
  const band = `${path((c) => at.y(boundClients(c)))} ${[...points].reverse().map((c) => `${at.x(c.p)},${at.y(c.clients)}`).join(" ")}`;
  const dots = points.map((c, i) => {
    const more = c.clients - (points[i - 1]?.clients ?? 0);
    const label = `${t("outlets")} ${c.p} · ${count(c.clients)} ${t("people")} · ${t("marginal")} ${count(more)} · ${c.proven ? t("provenPoint") : `${t("openPoint")} ${c.gap_pct.toFixed(2)} %`}`;
    const press = (): void => commit({ ...NO_EDITS, open: c.open });
    const dot = svg("circle", { cx: at.x(c.p), cy: at.y(c.clients), r: 5, class: c.proven ? "proven" : "open", tabindex: 0, role: "button", "aria-label": label, click: press }, svg("title", {}, label));
    dot.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") press();
    });
    return dot;
  });
  const mark = at.x(summary.outlets);
  const beyond = summary.outlets > (points[points.length - 1]?.p ?? 0);
  // The curve may end before the plan's own number: its point stands alone, with its own proof.
  const own = beyond ? [svg("rect", { x: mark - 5, y: at.y(summary.clients_in_outlet_circle) - 5, width: 10, height: 10, class: summary.siting.proven ? "proven" : "open" }, svg("title", {}, `${t("thisPlan")} ${summary.outlets} · ${count(summary.clients_in_outlet_circle)} ${t("people")}`))] : [];
  return h(
    "figure",
    {},
    h("figcaption", {}, `${t("curve")}（${t("curveTip")}）`),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "curve", role: "group", "aria-label": t("curve") },
      ...axes(at, points),
      svg("polygon", { points: band, class: "band" }),
      svg("polyline", { points: path((c) => at.y(c.clients)), class: "path" }),
      svg("line", { x1: mark, x2: mark, y1: EDGE.top, y2: HIGH - EDGE.bottom, class: "mark" }),
      ...dots,
      ...own,
    ),
    h("div", { class: "key" }, h("span", {}, h("i", { class: "disc dark" }), t("provenPoint")), h("span", {}, h("i", { class: "ring dark" }), t("openPoint")), h("span", {}, h("i", { class: "bar" }), `${t("thisPlan")}（${s.county.summary.outlets}）`)),
  );
}

interface Moved {
  client: Client;
  before: number | null;
  after: number | null;
}

function inside(seconds: number | null): boolean {
  return seconds !== null && seconds <= LIMIT_S;
}

function crossings(s: State, trial: Trial): { gained: Moved[]; lost: Moved[] } {
  const gained: Moved[] = [];
  const lost: Moved[] = [];
  for (const change of trial.changed) {
    const client = s.county.client.get(change.client);
    if (!client) continue;
    const row = { client, before: client.outlet_time_s, after: change.outlet_time_s };
    if (inside(row.after) && !inside(row.before)) gained.push(row);
    if (!inside(row.after) && inside(row.before)) lost.push(row);
  }
  return { gained, lost };
}

function names(s: State, title: string, rows: Moved[]): Node[] {
  if (rows.length === 0) return [];
  return [
    h("h3", {}, `${title} ${count(rows.length)} ${t("people")}`),
    h("div", { class: "names" }, table<Moved>(
      [
        { head: t("person"), cell: (m) => m.client.name || m.client.id },
        { head: t("village"), cell: (m) => placeOf(m.client) },
        { head: `${t("outletMin")}（${t("minute")}）`, cell: (m) => `${minutes(m.before)} → ${minutes(m.after)}`, number: true },
      ],
      rows.slice(0, MOST_NAMES),
      { choose: (m) => update({ client: m.client.id }), chosen: (m) => m.client.id === s.client, key: (m) => m.client.id },
    )),
  ];
}

function result(s: State): Node[] {
  if (s.trialFault) return [h("p", { class: "fault", role: "alert" }, t("noRoads") + s.trialFault)];
  if (!s.trial) return [h("p", { class: "quiet" }, t("dragTip"))];
  const { gained, lost } = crossings(s, s.trial);
  const head = h("h3", {}, `${t("result")}：${t("inOutletCircle")} ${count(s.trial.in_outlet_circle)}`);
  if (s.dragging) return [head, h("p", {}, `${t("gained")} ${count(gained.length)} · ${t("lost")} ${count(lost.length)}`)];
  const none = gained.length + lost.length === 0 ? [h("p", {}, t("noChange"))] : [];
  return [head, ...none, ...names(s, t("gained"), gained), ...names(s, t("lost"), lost), h("p", { class: "quiet" }, t("trialNote"))];
}

/** Clients inside the limit by nearest outlet, as the trial has it. */
function load(s: State): Map<string, number> {
  const now = new Map(s.trial?.changed.map((c) => [c.client, c]) ?? []);
  const clients = new Map<string, number>();
  for (const c of s.county.clients) {
    const change = now.get(c.id);
    const outlet = change ? change.outlet : c.outlet;
    if (outlet && inside(change ? change.outlet_time_s : c.outlet_time_s)) clients.set(outlet, (clients.get(outlet) ?? 0) + 1);
  }
  return clients;
}

function outlets(s: State): HTMLElement {
  const clients = load(s);
  const rows = pins().map((pin, i) => ({ pin, number: i + 1 }));
  return table<{ pin: Pin; number: number }>(
    [
      { head: t("number"), cell: (r) => r.number, number: true },
      { head: t("name"), cell: (r) => r.pin.name || r.pin.id },
      { head: t("kind"), cell: (r) => (r.pin.proposed ? t("trialOutlet") : r.pin.existing ? t("existing") : t("newOutlet")) },
      { head: t("peopleIn"), cell: (r) => count(clients.get(r.pin.id) ?? 0), number: true },
      { head: "", cell: (r) => button(t("removeOutlet"), () => commit(without(s.edits, r.pin.id)), { class: "plain", "aria-label": `${t("removeOutlet")} ${r.pin.name}` }) },
    ],
    rows,
    { choose: (r) => update({ outlet: r.pin.id }), chosen: (r) => r.pin.id === s.outlet, key: (r) => r.pin.id },
  );
}

async function add(): Promise<void> {
  const [lon, lat] = (await import("../map")).centre();
  const { edits } = state();
  commit({ ...edits, add: [...edits.add, { lon, lat }] });
}

/** The part of the panel that changes under the hand. */
const outcome = h("div", { id: "trial-result" });

export const sitingTab: TabView = {
  shows: ["edits", "trial", "trialFault", "outlet", "client", "past", "isochrone", "dragging"],
  live: (s, before) => {
    if (!s.dragging || !before.dragging) return false;
    outcome.replaceChildren(...result(s));
    return true;
  },
  draw: (s) => {
    outcome.replaceChildren(...result(s));
    const { siting } = s.county.summary;
    const proof = siting.proven ? t("sitingProven") : `${t("sitingGap")} ${siting.gap_pct.toFixed(2)} %`;
    return [
      h("p", { class: "quiet" }, proof),
      h(
        "div",
        { class: "buttons" },
        button(t("addOutlet"), () => void add()),
        button(t("undo"), undo, { disabled: s.past.length === 0, id: "undo" }),
        button(t("reset"), reset, { disabled: !isEdited(s.edits), id: "reset" }),
        button(t("showIsochrone"), () => update({ isochrone: !s.isochrone }), { "aria-pressed": String(s.isochrone) }),
      ),
      outcome,
      curve(s),
      h("h3", {}, t("outlets")),
      outlets(s),
    ];
  },
};
