// 缺口: everybody who is not served, by township and cause; the sums reconcile.

import type { Client } from "../data";
import { button, h, select, table } from "../dom";
import { count, minutes, placeOf } from "../format";
import type { TabView } from "../frame";
import { seekRemedies } from "../desk";
import { NO_EDITS, update } from "../store";
import type { State } from "../store";
import { commit } from "../trial";
import { code, t } from "../words";
import { remedyText } from "./scenarios";
import { hiresView, remedyOf, remedyWords, unplacedView } from "./unplaced";

const STEP = 200;

function causes(s: State, gaps: Client[]): HTMLElement {
  const sums = new Map<string, number>();
  for (const c of gaps) sums.set(c.cause ?? "", (sums.get(c.cause ?? "") ?? 0) + 1);
  const chip = (cause: string, name: string, n: number): HTMLElement =>
    button(`${name} ${count(n)}`, () => update({ cause }), { "aria-pressed": String(s.cause === cause), class: "chip", "data-key": `cause-${cause}` });
  const order = Object.keys(s.county.summary.gaps_by_cause);
  const known = [...new Set([...order, ...sums.keys()])].filter((c) => sums.has(c)).sort((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0));
  return h("div", { class: "chips", role: "group", "aria-label": t("causeSum") }, chip("", t("all"), gaps.length), ...known.map((c) => chip(c, code(c), sums.get(c) ?? 0)));
}

/** The remedy of a gap; one that opens an outlet can be tried on the map at once. */
function remedy(s: State, c: Client): Node | string {
  // Whoever lacks visits, not a place or an outlet, has the remedy of those visits: it has weighed needs and hours.
  const visits = s.county.summary.unplaced_list.find((u) => u.client === c.id);
  if (visits && c.cause !== "too_far") return remedyOf(s, c, visits);
  const r = s.remedies?.get(c.id);
  if (!r) return "";
  const site = r.site ? s.county.outlet.get(r.site) : undefined;
  const hire = visits?.remedy.startsWith("hire:") ? `；${t("orHire")}${remedyWords(s, visits.remedy)}` : "";
  const text = h("span", {}, remedyText(r.step, site?.name || r.site || "", r.reaches), hire);
  if (r.step !== "open_outlet" || !site) return text;
  const open = s.county.outlets.filter((o) => o.open || o.id === site.id).map((o) => o.id);
  const press = (event: Event): void => {
    event.stopPropagation();
    update({ tab: "siting", outlet: site.id, client: c.id });
    commit({ ...NO_EDITS, open });
  };
  return h("span", {}, text, " ", h("button", { type: "button", class: "plain try", click: press }, t("tryIt")));
}

export const gapsTab: TabView = {
  shows: ["township", "cause", "client", "gapRows", "remedies", "gapView"],
  draw: (s) => {
    seekRemedies();
    const all = s.county.clients.filter((c) => c.cause !== null);
    const here = all.filter((c) => s.township === "" || c.township === s.township);
    const rows = here.filter((c) => s.cause === "" || c.cause === s.cause);
    rows.sort((a, b) => a.township.localeCompare(b.township, "zh") || a.village.localeCompare(b.village, "zh") || a.id.localeCompare(b.id));
    const byTownship = s.county.townships.filter((p) => p.gaps > 0 && p.name !== "").sort((a, b) => b.gaps - a.gaps);
    const options: [string, string][] = [["", `${t("allCounty")}（${count(all.length)}）`], ...byTownship.map((p): [string, string] => [p.name, `${p.name}（${count(p.gaps)}）`])];
    const chosenAt = rows.findIndex((c) => c.id === s.client);
    const shown = Math.max(s.gapRows, chosenAt + 1);
    const list = table<Client>(
      [
        { head: t("person"), cell: (c) => h("span", { class: "whole" }, c.name || c.id) },
        { head: t("village"), cell: (c) => placeOf(c) },
        { head: t("cause"), cell: (c) => h("span", { class: "whole" }, code(c.cause)) },
        { head: `${t("outletMin")}/${t("caregiverMin")}（${t("minute")}）`, cell: (c) => `${minutes(c.outlet_time_s)} / ${minutes(c.caregiver_time_s)}`, number: true },
        { head: t("remedy"), cell: (c) => remedy(s, c) },
      ],
      rows.slice(0, shown),
      { choose: (c) => update({ client: c.id }), chosen: (c) => c.id === s.client, key: (c) => c.id },
    );
    const rest = rows.length - shown;
    const more = button(`${t("more")} ${count(Math.min(rest, STEP))}`, () => {
      update({ gapRows: s.gapRows + STEP });
    });
    const township = select(t("township"), options, s.township, (township) => update({ township }));
    const { summary } = s.county;
    const view = (of: State["gapView"], name: string, n: number | undefined): HTMLElement => button(`${name} ${n === undefined ? "–" : count(n)}`, () => update({ gapView: of }), { class: "view", "aria-pressed": String(s.gapView === of), id: `gap-${of}` });
    const views = h("div", { class: "buttons", role: "group" }, view("people", t("gapPeople"), all.length), view("visits", t("unplacedTitle"), summary.unplaced), view("hires", t("hireTitle"), summary.recruits?.hires));
    if (s.gapView === "visits") return [views, ...unplacedView(s)];
    if (s.gapView === "hires") return [views, ...hiresView(s)];
    return [views, township, causes(s, here), h("p", { class: "quiet" }, `${count(rows.length)} ${t("people")}`), list, ...(rest > 0 ? [more] : []), h("p", { class: "quiet" }, t("remedyNote"))];
  },
};
