// 日历: a caregiver's or a client's month, a day's tour, sheets to print, and what happens to people.

import { visitsOn } from "../data";
import type { Caregiver, Visit } from "../data";
import { button, h, select, table } from "../dom";
import { called, clock, date, placeOf } from "../format";
import type { TabView } from "../frame";
import { departure, printSheets, tours } from "../sheet";
import { update } from "../store";
import type { State } from "../store";
import { shownDay, visits } from "../visits";
import { t } from "../words";
import { clientMonth } from "./client_month";
import { following, happening } from "./happening";
import { monthGrid } from "./month";

function byDay(rows: Visit[]): Map<string, Visit[]> {
  const days = new Map<string, Visit[]>();
  for (const v of rows) days.set(v.date, [...(days.get(v.date) ?? []), v]);
  return days;
}

function day(s: State, caregiver: Caregiver, iso: string, rows: Visit[]): Node[] {
  const out = departure(s.county.client, caregiver, rows);
  return [
    h("h3", {}, [date(iso), `${rows.length} ${t("visitsN")}`, out === null ? "" : `${t("setOut")} ${clock(out)}`].filter(Boolean).join(" · ")),
    table<Visit>(
      [
        { head: t("order"), cell: (v) => v.order, number: true },
        { head: t("time"), cell: (v) => `${v.arrive.slice(0, 5)}–${v.leave.slice(0, 5)}` },
        { head: t("person"), cell: (v) => called(s.county.client.get(v.client), v.client) },
        { head: t("village"), cell: (v) => placeOf(s.county.client.get(v.client)) },
      ],
      rows,
      { choose: (v) => update({ client: v.client }), chosen: (v) => v.client === s.client, key: (v) => `${v.client}-${v.order}` },
    ),
    rows.length > 0 ? h("p", { class: "quiet" }, t("tourNote")) : document.createTextNode(""),
  ];
}

function caregiverMonth(s: State): Node[] {
  const options = s.county.caregivers.filter((c) => c.visits > 0).map((c): [string, string] => [c.id, [called(c), c.township, `${c.visits} ${t("visitsN")}`].filter(Boolean).join(" · ")]);
  const chooser = select(t("chooseCaregiver"), options, s.caregiver ?? "", (caregiver) => update({ caregiver, day: null }));
  const caregiver = s.caregiver ? s.county.caregiver.get(s.caregiver) : undefined;
  if (!caregiver) return [chooser];
  const rows = visits("caregiver", caregiver.id);
  if (!rows) return [chooser, h("p", { class: "quiet" }, `${t("loading")} …`)];
  const days = byDay(rows);
  const leave = new Set(caregiver.leave);
  const chosen = shownDay(s, rows);
  const today = chosen ? (days.get(chosen) ?? []) : [];
  const file = h("a", { href: `/plans/current/calendar?caregiver=${encodeURIComponent(caregiver.id)}`, download: `${caregiver.id}.ics`, id: "calendar-file" }, t("calendarFile"));
  return [
    chooser,
    h("h3", { class: "on-paper" }, [called(caregiver), caregiver.township, `${caregiver.visits} ${t("visitsN")}`, `${t("workDays")} ${caregiver.days} ${t("day")}`].filter(Boolean).join(" · ")),
    monthGrid(s, (iso) => {
      const on = days.get(iso) ?? [];
      return { visits: on.length, lines: on.map((v) => s.county.client.get(v.client)?.name || v.client), note: leave.has(iso) ? t("leave") : "" };
    }),
    ...(chosen ? day(s, caregiver, chosen, today) : [h("p", {}, t("noVisits"))]),
    h(
      "div",
      { class: "buttons" },
      button(t("printDay"), () => void printSheets(tours(today)), { disabled: today.length === 0, id: "print-day" }),
      button(t("printMonth"), () => void printSheets(tours(rows)), { disabled: rows.length === 0, id: "print-month" }),
      button(t("printAll"), () => chosen && void visitsOn(chosen).then((all) => printSheets(tours(all))), { disabled: !chosen, id: "print-all" }),
      rows.length > 0 ? file : null,
    ),
    h("div", { class: "on-screen" }, h("p", { class: "quiet" }, t("sheetNames")), ...happening(s, caregiver), ...following(s)),
  ];
}

export const calendarTab: TabView = {
  shows: ["caregiver", "day", "client", "loadedVisits", "job", "deskFault", "calendarBy", "query", "plans"],
  draw: (s) => {
    const by = (of: State["calendarBy"], name: string): HTMLElement => button(name, () => update({ calendarBy: of, day: null }), { class: "chip", "aria-pressed": String(s.calendarBy === of), id: `by-${of}` });
    const chips = h("div", { class: "chips", role: "group" }, by("caregiver", t("byCaregiver")), by("client", t("byClient")));
    return [chips, ...(s.calendarBy === "caregiver" ? caregiverMonth(s) : clientMonth(s, s.client ? visits("client", s.client) : null))];
  },
};
