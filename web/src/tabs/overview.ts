// 总览: townships with their coverage, and a search over everybody.

import type { Client, Township } from "../data";
import { button, h, table } from "../dom";
import { count, minutes, percent, placeOf } from "../format";
import type { TabView } from "../frame";
import { update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";

const MOST = 50;

function townships(s: State): HTMLElement {
  const rows = [...s.county.townships].sort((a, b) => b.gaps - a.gaps || a.name.localeCompare(b.name, "zh"));
  const sum = (of: (p: Township) => number): number => rows.reduce((n, r) => n + of(r), 0);
  const clients = sum((p) => p.clients);
  return table<Township>(
    [
      { head: t("township"), cell: (p) => p.name || "–" },
      { head: t("clients"), cell: (p) => count(p.clients), number: true },
      { head: t("servedN"), cell: (p) => count(p.served), number: true },
      { head: t("rate"), cell: (p) => percent(p.served, p.clients), number: true },
      { head: t("circleRate"), cell: (p) => percent(p.in_outlet_circle, p.clients), number: true },
      { head: t("plannedOwed"), cell: (p) => `${count(p.planned)}/${count(p.owed)}`, number: true },
    ],
    rows,
    {
      choose: (p) => update({ township: s.township === p.name ? "" : p.name }),
      chosen: (p) => p.name === s.township,
      key: (p) => p.name,
      foot: [
        t("total"),
        count(clients),
        count(sum((p) => p.served)),
        percent(sum((p) => p.served), clients),
        percent(sum((p) => p.in_outlet_circle), clients),
        `${count(sum((p) => p.planned))}/${count(sum((p) => p.owed))}`,
      ],
    },
  );
}

interface Area {
  name: string;
  outlet: string | null;
  clients: number;
  served: number;
  inside: number;
  planned: number;
  owed: number;
}

/** The table of a county whose rosters name no township: clients by nearest outlet. */
function areas(s: State): HTMLElement {
  const sums = new Map<string, Area>();
  for (const c of s.county.clients) {
    const key = c.outlet ?? "";
    const name = c.outlet ? s.county.outlet.get(c.outlet)?.name || c.outlet : t("noOutlet");
    const sum = sums.get(key) ?? { name, outlet: c.outlet, clients: 0, served: 0, inside: 0, planned: 0, owed: 0 };
    sum.clients += 1;
    sum.served += c.cause === null ? 1 : 0;
    sum.inside += c.outlet_time_s !== null && c.outlet_time_s <= s.county.summary.limit_s ? 1 : 0;
    sum.planned += c.planned;
    sum.owed += c.owed;
    sums.set(key, sum);
  }
  const rows = [...sums.values()].sort((a, b) => b.clients - b.served - (a.clients - a.served) || b.clients - a.clients);
  return table<Area>(
    [
      { head: t("nearOutlet"), cell: (a) => a.name },
      { head: t("clients"), cell: (a) => count(a.clients), number: true },
      { head: t("servedN"), cell: (a) => count(a.served), number: true },
      { head: t("rate"), cell: (a) => percent(a.served, a.clients), number: true },
      { head: t("circleRate"), cell: (a) => percent(a.inside, a.clients), number: true },
      { head: t("plannedOwed"), cell: (a) => `${count(a.planned)}/${count(a.owed)}`, number: true },
    ],
    rows,
    {
      choose: (a) => update({ outlet: a.outlet }),
      chosen: (a) => a.outlet !== null && a.outlet === s.outlet,
      key: (a) => a.outlet ?? "none",
      foot: [t("total"), count(s.county.summary.clients_total), count(s.county.summary.clients_served), percent(s.county.summary.clients_served, s.county.summary.clients_total), percent(s.county.summary.clients_in_outlet_circle, s.county.summary.clients_total), `${count(s.county.summary.visits_planned)}/${count(s.county.summary.visits_owed)}`],
    },
  );
}

function matches(c: Client, words: string[]): boolean {
  const text = `${c.id} ${c.name} ${c.township} ${c.village} ${c.group}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

function found(s: State): Node[] {
  const words = s.query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const rows = s.county.clients.filter((c) => matches(c, words));
  return [
    h("p", { class: "quiet" }, `${count(rows.length)} ${t("found")}`),
    table<Client>(
      [
        { head: t("person"), cell: (c) => c.name || c.id },
        { head: t("village"), cell: (c) => placeOf(c) },
        { head: t("verdict"), cell: (c) => code(c.cause ?? c.verdict) },
        { head: `${t("caregiverMin")}（${t("minute")}）`, cell: (c) => minutes(c.caregiver_time_s), number: true },
      ],
      rows.slice(0, MOST),
      { choose: (c) => update({ client: c.id }), chosen: (c) => c.id === s.client, key: (c) => c.id },
    ),
  ];
}

export const overviewTab: TabView = {
  shows: ["township", "query", "client", "outlet"],
  draw: (s) => {
    const box = h("input", { type: "search", name: "query", value: s.query, placeholder: t("search"), "aria-label": t("search") });
    box.addEventListener("input", () => update({ query: box.value }));
    const results = found(s);
    return [
      box,
      s.township ? button(`${t("allCounty")} ←`, () => update({ township: "" })) : "",
      ...(results.length > 0 ? results : [s.county.townships.some((p) => p.name !== "") ? townships(s) : areas(s)]),
    ].map((n) => (typeof n === "string" ? document.createTextNode(n) : n));
  },
};
