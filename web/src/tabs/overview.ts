// 总览: townships with their coverage, and a search over everybody.

import type { Client, Township } from "../data";
import { button, h, table } from "../dom";
import { count, minutes, percent } from "../format";
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
        { head: t("village"), cell: (c) => `${c.township} ${c.village}` },
        { head: t("verdict"), cell: (c) => code(c.cause ?? c.verdict) },
        { head: `${t("caregiverMin")}（${t("minute")}）`, cell: (c) => minutes(c.caregiver_time_s), number: true },
      ],
      rows.slice(0, MOST),
      { choose: (c) => update({ client: c.id }), chosen: (c) => c.id === s.client, key: (c) => c.id },
    ),
  ];
}

export const overviewTab: TabView = {
  shows: ["township", "query", "client"],
  draw: (s) => {
    const box = h("input", { type: "search", name: "query", value: s.query, placeholder: t("search"), "aria-label": t("search") });
    box.addEventListener("input", () => update({ query: box.value }));
    const results = found(s);
    return [
      box,
      s.township ? button(`${t("allCounty")} ←`, () => update({ township: "" })) : "",
      ...(results.length > 0 ? results : [townships(s)]),
    ].map((n) => (typeof n === "string" ? document.createTextNode(n) : n));
  },
};
