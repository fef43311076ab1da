// 日历: one caregiver's month, a day's tour, and sheets to print.

import { visitsOf } from "../data";
import type { Visit } from "../data";
import { button, h, select, table } from "../dom";
import { date, placeOf, weekday, weekdayName } from "../format";
import type { TabView } from "../frame";
import { printSheets } from "../sheet";
import { state, update } from "../store";
import type { State } from "../store";
import { t } from "../words";
import { happening } from "./happening";

const kept = new Map<string, Visit[]>();

function visits(caregiver: string): Visit[] | null {
  const known = kept.get(caregiver);
  if (known) return known;
  void visitsOf(caregiver).then((rows) => {
    kept.set(caregiver, rows);
    if (state().caregiver === caregiver) update({ loadedVisits: state().loadedVisits + 1 });
  });
  return null;
}

function dates(s: State): string[] {
  const [y, m] = s.county.summary.month.split("-");
  return Array.from({ length: s.county.summary.days }, (_, i) => `${y}-${m}-${String(i + 1).padStart(2, "0")}`);
}

function byDay(rows: Visit[]): Map<string, Visit[]> {
  const days = new Map<string, Visit[]>();
  for (const v of rows) days.set(v.date, [...(days.get(v.date) ?? []), v]);
  return days;
}

function month(s: State, days: Map<string, Visit[]>, leave: Set<string>): HTMLElement {
  const working = new Set(s.county.summary.working_days);
  const all = dates(s);
  const first = all[0] ? (weekday(all[0]) + 6) % 7 : 0;
  const heads = [1, 2, 3, 4, 5, 6, 0].map((d) => h("div", { class: "weekday" }, weekdayName(d)));
  const blanks = Array.from({ length: first }, () => h("div", { class: "blank" }));
  const cells = all.map((iso) => {
    const today = days.get(iso) ?? [];
    const note = leave.has(iso) ? t("leave") : working.has(iso) ? "" : t("off");
    const names = today.slice(0, 3).map((v) => h("span", { class: "who" }, s.county.client.get(v.client)?.name || v.client));
    return h(
      "button",
      { type: "button", class: `day${working.has(iso) ? "" : " off"}`, "data-key": iso, "aria-pressed": String(s.day === iso), "aria-label": `${date(iso)} ${today.length} ${t("visitsN")}`, click: () => update({ day: iso }) },
      h("span", { class: "date" }, h("span", {}, String(Number(iso.slice(8)))), today.length > 0 ? h("b", {}, `${today.length} ${t("visitsN")}`) : note),
      ...names,
      today.length > 3 ? h("span", { class: "who quiet" }, `+${today.length - 3}`) : null,
    );
  });
  return h("div", { class: "month" }, ...heads, ...blanks, ...cells);
}

function day(s: State, iso: string, rows: Visit[]): Node[] {
  return [
    h("h3", {}, `${date(iso)} · ${rows.length} ${t("visitsN")}`),
    table<Visit>(
      [
        { head: t("order"), cell: (v) => v.order, number: true },
        { head: t("time"), cell: (v) => `${v.arrive.slice(0, 5)}–${v.leave.slice(0, 5)}` },
        { head: t("person"), cell: (v) => s.county.client.get(v.client)?.name || v.client },
        { head: t("village"), cell: (v) => placeOf(s.county.client.get(v.client)) },
      ],
      rows,
      { choose: (v) => update({ client: v.client }), chosen: (v) => v.client === s.client, key: (v) => `${v.client}-${v.order}` },
    ),
  ];
}

export const calendarTab: TabView = {
  shows: ["caregiver", "day", "client", "loadedVisits", "job", "deskFault"],
  draw: (s) => {
    const options = s.county.caregivers.filter((c) => c.visits > 0).map((c): [string, string] => [c.id, [c.name || c.id, c.township, `${c.visits} ${t("visitsN")}`].filter(Boolean).join(" · ")]);
    const chooser = select(t("chooseCaregiver"), options, s.caregiver ?? "", (caregiver) => update({ caregiver, day: null }));
    const caregiver = s.caregiver ? s.county.caregiver.get(s.caregiver) : undefined;
    if (!caregiver) return [chooser];
    const rows = visits(caregiver.id);
    if (!rows) return [chooser, h("p", { class: "quiet" }, `${t("loading")} …`)];
    const days = byDay(rows);
    const chosen = s.day ?? [...days.keys()][0] ?? null;
    const today = chosen ? (days.get(chosen) ?? []) : [];
    return [
      chooser,
      month(s, days, new Set(caregiver.leave)),
      ...(chosen ? day(s, chosen, today) : [h("p", {}, t("noVisits"))]),
      h(
        "div",
        { class: "buttons" },
        button(t("printDay"), () => chosen && printSheets(caregiver, [[chosen, today]]), { disabled: today.length === 0, id: "print-day" }),
        button(t("printMonth"), () => printSheets(caregiver, [...days]), { disabled: rows.length === 0 }),
      ),
      ...happening(s, caregiver),
    ];
  },
};
