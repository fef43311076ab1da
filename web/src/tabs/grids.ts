// 网格: caregivers with their load, and who each is in charge of.

import type { Caregiver, Client, Grid } from "../data";
import { button, h, table } from "../dom";
import { count, hours, minutes, placeOf } from "../format";
import type { TabView } from "../frame";
import { update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";

/** A bar of care, travel and waiting against the month's limit. */
function bar(c: Caregiver): HTMLElement {
  const used = c.care_min + c.travel_min + c.wait_min;
  const whole = Math.max(c.max_month_min, used, 1);
  const part = (minutes: number, kind: string): HTMLElement => {
    const piece = h("i", { class: kind });
    piece.style.width = `${(100 * minutes) / whole}%`;
    return piece;
  };
  return h("div", { class: "load", title: `${t("care")} ${hours(c.care_min)} · ${t("onRoad")} ${hours(c.travel_min)} · ${t("waiting")} ${hours(c.wait_min)}` }, part(c.care_min, "care"), part(c.travel_min, "travel"), part(c.wait_min, "wait"));
}

function one(s: State, c: Caregiver, grid: Grid | undefined): Node[] {
  const clients = s.county.clients.filter((x) => x.caregiver === c.id && x.cause === null);
  const backup = grid?.backup ? s.county.caregiver.get(grid.backup) : undefined;
  const reasons = new Map(grid?.exceptions.map((e) => [e.client, e.reason]) ?? []);
  return [
    h("h3", {}, `${c.name || c.id} · ${code(c.mode)} · ${t("workDays")} ${c.days} ${t("day")}`),
    grid ? h("p", {}, `${t("grid")} ${grid.id} · ${t("cells")}：${grid.cells.join("、")}`) : "",
    grid && reasons.size > 0 ? h("p", {}, `${t("exceptions")}：${[...reasons].map(([id, why]) => `${s.county.client.get(id)?.name || id}（${code(why)}）`).join("、")}`) : "",
    backup ? h("p", {}, `${t("backup")}：${backup.name || backup.id}`) : "",
    button(t("openCalendar"), () => update({ tab: "calendar", day: null })),
    h("p", { class: "quiet" }, `${t("assigned")} ${count(clients.length)} ${t("people")}`),
    table<Client>(
      [
        { head: t("person"), cell: (x) => x.name || x.id },
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
  shows: ["caregiver", "client", "township"],
  draw: (s) => {
    const rows = s.county.caregivers.filter((c) => s.township === "" || c.township === s.township);
    rows.sort((a, b) => b.visits - a.visits || a.id.localeCompare(b.id));
    const chosen = s.caregiver ? s.county.caregiver.get(s.caregiver) : undefined;
    const grid = chosen ? s.county.grids.find((g) => g.caregiver === chosen.id) : undefined;
    const list = table<Caregiver>(
      [
        { head: t("caregiver"), cell: (c) => c.name || c.id },
        { head: t("township"), cell: (c) => c.township },
        { head: t("clients"), cell: (c) => count(c.clients), number: true },
        { head: t("visits"), cell: (c) => count(c.visits), number: true },
        { head: `${t("care")} · ${t("onRoad")} · ${t("waiting")}`, cell: bar },
      ],
      rows,
      { choose: (c) => update({ caregiver: c.id }), chosen: (c) => c.id === s.caregiver, key: (c) => c.id },
    );
    return [h("div", { class: "half" }, list), ...(chosen ? one(s, chosen, grid) : [])];
  },
};
