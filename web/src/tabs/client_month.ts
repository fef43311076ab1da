// 日历 of one client: who comes on which day, how far apart, and what is missing and why.

import type { Client, Visit } from "../data";
import { h, table } from "../dom";
import { called, count, date, placeOf } from "../format";
import { update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";
import { monthGrid } from "./month";
import { remedyOf } from "./unplaced";

const MOST_FOUND = 8;

/** Days between two dates. */
function apart(a: string, b: string): number {
  return Math.round((Date.parse(b) - Date.parse(a)) / 86_400_000);
}

function finder(s: State): Node[] {
  const box = h("input", { type: "search", name: "who", value: s.query, placeholder: t("search"), "aria-label": t("search") });
  box.addEventListener("input", () => update({ query: box.value }));
  const words = s.query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [box];
  const found = s.county.clients.filter((c) => words.every((w) => `${c.id} ${c.name} ${c.township} ${c.village} ${c.group}`.toLowerCase().includes(w)));
  return [
    box,
    h("p", { class: "quiet" }, `${count(found.length)} ${t("found")}`),
    table<Client>(
      [
        { head: t("person"), cell: (c) => called(c) },
        { head: t("village"), cell: (c) => placeOf(c) },
        { head: t("plannedOwed"), cell: (c) => `${c.planned}/${c.owed}`, number: true },
      ],
      found.slice(0, MOST_FOUND),
      { choose: (c) => update({ client: c.id, query: "", day: null }), key: (c) => c.id },
    ),
  ];
}

/** The month of the chosen client; `visits` null while they are read. */
export function clientMonth(s: State, visits: Visit[] | null): Node[] {
  const client = s.client ? s.county.client.get(s.client) : undefined;
  if (!client) return [...finder(s), h("p", { class: "quiet" }, t("chooseClient"))];
  if (!visits) return [...finder(s), h("p", { class: "quiet" }, `${t("loading")} …`)];
  const rows = [...visits].sort((a, b) => a.date.localeCompare(b.date) || a.arrive.localeCompare(b.arrive));
  const who = (id: string): string => called(s.county.caregiver.get(id), id);
  const gaps = rows.slice(1).map((v, i) => apart(rows[i]?.date ?? v.date, v.date));
  const missing = s.county.summary.unplaced_list.find((u) => u.client === client.id);
  const carer = client.caregiver && client.planned > 0 ? ` · ${t("responsible")} ${who(client.caregiver)}` : "";
  return [
    ...finder(s),
    h("h3", { id: "client-month" }, `${called(client)} · ${placeOf(client)}`),
    h("p", {}, `${code(client.category)} · ${t("plannedOwed")} ${client.planned}/${client.owed}${carer}${gaps.length > 0 ? ` · ${t("apartDays")} ${gaps.join("、")} ${t("day")}` : ""}`),
    missing ? h("p", { class: "fault" }, `${t("missing")} ${missing.missing} · ${code(missing.reason)} · `, remedyOf(s, client, missing)) : document.createTextNode(""),
    monthGrid(s, (iso) => {
      const today = rows.filter((v) => v.date === iso);
      return { visits: today.length, lines: today.flatMap((v) => [v.arrive.slice(0, 5), who(v.caregiver)]), note: "" };
    }),
    table<Visit>(
      [
        { head: t("dateHead"), cell: (v) => date(v.date) },
        { head: t("time"), cell: (v) => `${v.arrive.slice(0, 5)}–${v.leave.slice(0, 5)}` },
        { head: t("caregiver"), cell: (v) => who(v.caregiver) + (v.caregiver === client.caregiver ? "" : `（${t("backup")}）`) },
      ],
      rows,
      { choose: (v) => update({ calendarBy: "caregiver", caregiver: v.caregiver, day: v.date }), key: (v) => `${v.date}-${v.order}` },
    ),
  ];
}
