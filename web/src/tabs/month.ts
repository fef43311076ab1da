// A month as a grid of days, Monday first.

import { h } from "../dom";
import { date, weekday, weekdayName } from "../format";
import { update } from "../store";
import type { State } from "../store";
import { t } from "../words";

/** What stands in a day: how many visits, a line each, and a note where there are none. */
export interface DayCell {
  visits: number;
  lines: string[];
  note: string;
}

const MOST_LINES = 3;

/** Every date of the plan's month. */
export function dates(s: State): string[] {
  const [y, m] = s.county.summary.month.split("-");
  return Array.from({ length: s.county.summary.days }, (_, i) => `${y}-${m}-${String(i + 1).padStart(2, "0")}`);
}

export function monthGrid(s: State, cell: (iso: string) => DayCell): HTMLElement {
  const working = new Set(s.county.summary.working_days);
  const all = dates(s);
  const first = all[0] ? (weekday(all[0]) + 6) % 7 : 0;
  const heads = [1, 2, 3, 4, 5, 6, 0].map((d) => h("div", { class: "weekday" }, weekdayName(d)));
  const blanks = Array.from({ length: first }, () => h("div", { class: "blank" }));
  const days = all.map((iso) => {
    const { visits, lines, note } = cell(iso);
    const rest = lines.length - MOST_LINES;
    return h(
      "button",
      { type: "button", class: `day${working.has(iso) ? "" : " off"}`, "data-key": iso, "aria-pressed": String(s.day === iso), "aria-label": `${date(iso)} ${visits} ${t("visitsN")}`, click: () => update({ day: iso }) },
      h("span", { class: "date" }, h("span", {}, String(Number(iso.slice(8)))), visits > 0 ? h("b", {}, `${visits} ${t("visitsN")}`) : note || (working.has(iso) ? "" : t("off"))),
      // On paper everybody stands in their day.
      ...lines.map((line, i) => h("span", { class: i < MOST_LINES ? "who" : "who on-paper" }, line)),
      rest > 0 ? h("span", { class: "who quiet on-screen" }, `+${rest}`) : null,
    );
  });
  return h("div", { class: "month" }, ...heads, ...blanks, ...days);
}
