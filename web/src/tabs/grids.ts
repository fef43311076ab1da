// 网格: caregivers with their load against the bound, whom each is in charge of, and what the planner fixed by hand.

import type { Caregiver, Client, Grid } from "../data";
import { button, h, table } from "../dom";
import { called, count, hours, minutes, placeOf, tenths } from "../format";
import type { TabView } from "../frame";
import { update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";
import { locksPanel } from "./locks";

/** A bar of care, travel and waiting against the month's limit, with a line at the mean care. */
function bar(c: Caregiver, mean: number): HTMLElement {
  const used = c.care_min + c.travel_min + c.wait_min;
  const whole = Math.max(c.max_month_min, used, 1);
  const part = (minutes: number, kind: string): HTMLElement => {
    const piece = h("i", { class: kind });
    piece.style.width = `${(100 * minutes) / whole}%`;
    return piece;
  };
  const line = h("i", { class: "fair" });
  line.style.left = `${Math.min(100, (100 * mean) / whole)}%`;
  return h("div", { class: "load", title: `${t("care")} ${hours(c.care_min)} · ${t("onRoad")} ${hours(c.travel_min)} · ${t("waiting")} ${hours(c.wait_min)}` }, part(c.care_min, "care"), part(c.travel_min, "travel"), part(c.wait_min, "wait"), line);
}

function mean(of: number[]): number {
  return of.length === 0 ? 0 : of.reduce((a, b) => a + b, 0) / of.length;
}

/** How evenly care is spread over those who work, against what no plan can undercut. */
function fairness(s: State): Node[] {
  const { summary, caregivers } = s.county;
  const working = caregivers.filter((c) => c.visits > 0);
  const care = working.map((c) => c.care_min);
  if (care.length === 0) return [];
  const sum = (of: (c: Caregiver) => number): number => working.reduce((n, c) => n + of(c), 0);
  const bound = summary.care_h_max_bound > 0 ? `（${t("careBound")} ${summary.care_h_max_bound.toFixed(1)}）` : "";
  const road = (100 * sum((c) => c.travel_min)) / Math.max(1, sum((c) => c.care_min + c.travel_min + c.wait_min));
  return [
    h(
      "p",
      { id: "fairness" },
      h("strong", {}, `${t("careEach")}（${t("hour")}）`),
      ` ${t("largest")} ${summary.care_h_max.toFixed(1)}${bound} · ${t("average")} ${tenths(mean(care))}（${t("fairLine")}） · ${t("least")} ${tenths(Math.min(...care))}`,
    ),
    h("p", { class: "quiet" }, [`${t("caregivers")} ${count(working.length)} / ${count(caregivers.length)}`, `${t("roadShare")} ${road.toFixed(1)} %`, `${t("byBackup")} ${count(summary.visits_by_backup)} ${t("visitsN")}`, `${t("longGaps")} ${count(summary.long_gaps)} ${t("people")}`].join(" · ")),
  ];
}

function one(s: State, c: Caregiver, grid: Grid | undefined): Node[] {
  const clients = s.county.clients.filter((x) => x.caregiver === c.id && x.cause === null);
  const backup = grid?.backup ? s.county.caregiver.get(grid.backup) : undefined;
  const reasons = new Map(grid?.exceptions.map((e) => [e.client, e.reason]) ?? []);
  const used = c.care_min + c.travel_min + c.wait_min;
  return [
    h("h3", {}, `${called(c)} · ${code(c.mode)} · ${t("workDays")} ${c.days} ${t("day")}`),
    h("p", { id: "load-said" }, `${t("care")} ${hours(c.care_min)} · ${t("onRoad")} ${hours(c.travel_min)} · ${t("waiting")} ${hours(c.wait_min)} · ${t("total")} ${hours(used)} / ${hours(c.max_month_min)}`),
    grid ? h("p", {}, `${t("grid")} ${grid.id} · ${t("cells")}：${grid.cells.join("、")}`) : "",
    grid && reasons.size > 0 ? h("p", {}, `${t("exceptions")}：${[...reasons].map(([id, why]) => `${called(s.county.client.get(id), id)}（${code(why)}）`).join("、")}`) : "",
    backup ? h("p", {}, `${t("backup")}：${called(backup)}`) : "",
    button(t("openCalendar"), () => update({ tab: "calendar", calendarBy: "caregiver", day: null })),
    h("p", { class: "quiet" }, `${t("assigned")} ${count(clients.length)} ${t("people")}`),
    table<Client>(
      [
        { head: t("person"), cell: (x) => called(x) },
        { head: t("village"), cell: (x) => placeOf(x) },
        { head: `${t("time")}（${t("minute")}）`, cell: (x) => minutes(x.caregiver_time_s), number: true },
        { head: t("plannedOwed"), cell: (x) => `${x.planned}/${x.owed}`, number: true },
      ],
      clients,
      { choose: (x) => update({ client: x.id }), chosen: (x) => x.id === s.client, key: (x) => x.id },
    ),
  ].map((n) => (typeof n === "string" ? document.createTextNode(n) : n));
}

export const gridsTab: TabView = {
  shows: ["caregiver", "client", "township", "locks", "job", "deskFault"],
  draw: (s) => {
    const rows = s.county.caregivers.filter((c) => s.township === "" || c.township === s.township);
    rows.sort((a, b) => b.visits - a.visits || a.id.localeCompare(b.id));
    const chosen = s.caregiver ? s.county.caregiver.get(s.caregiver) : undefined;
    const grid = chosen ? s.county.grids.find((g) => g.caregiver === chosen.id) : undefined;
    const average = mean(s.county.caregivers.filter((c) => c.visits > 0).map((c) => c.care_min));
    const townships = rows.some((c) => c.township !== "");
    const list = table<Caregiver>(
      [
        { head: t("caregiver"), cell: (c) => called(c) },
        ...(townships ? [{ head: t("township"), cell: (c: Caregiver) => c.township }] : []),
        { head: t("clients"), cell: (c) => count(c.clients), number: true },
        { head: t("visits"), cell: (c) => count(c.visits), number: true },
        { head: `${t("care")}/${t("onRoad")}（${t("hour")}）`, cell: (c) => `${tenths(c.care_min)} / ${tenths(c.travel_min)}`, number: true },
        { head: t("ofLimit"), cell: (c) => bar(c, average) },
      ],
      rows,
      { choose: (c) => update({ caregiver: c.id }), chosen: (c) => c.id === s.caregiver, key: (c) => c.id },
    );
    return [...fairness(s), h("div", { class: "half" }, list), ...locksPanel(s, chosen), ...(chosen ? one(s, chosen, grid) : [])];
  },
};
