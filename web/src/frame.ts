// The frame: header line, three numbers, rail of tabs, panel beside the map, legend.

import { button, h } from "./dom";
import { called, count, date, minutes, month, percent, tier } from "./format";
import { load, visitsTo } from "./data";
import type { Client } from "./data";
import { STEPS, UNKNOWN } from "./palette";
import { adopt, planBefore, refreshDesk } from "./desk";
import { TABS, differs, state, subscribe, update } from "./store";
import type { State, Tab } from "./store";
import { calendarTab } from "./tabs/calendar";
import { dataTab } from "./tabs/data";
import { gapsTab } from "./tabs/gaps";
import { gridsTab } from "./tabs/grids";
import { overviewTab } from "./tabs/overview";
import { reportTab } from "./tabs/report";
import { scenariosTab } from "./tabs/scenarios";
import { sitingTab } from "./tabs/siting";
import { isEdited } from "./trial";
import { code, currentLanguage, setLanguage, t } from "./words";

/** One module a tab: how it draws itself, and which changes of the store it shows. */
export interface TabView {
  draw: (s: State) => Node[];
  shows: (keyof State)[];
  /** Shows a change in place, where drawing the whole panel would be too slow under the hand; false: it was not enough. */
  live?: (s: State, before: State) => boolean;
}

const VIEWS: Record<Tab, TabView> = {
  overview: overviewTab,
  siting: sitingTab,
  gapTab: gapsTab,
  grids: gridsTab,
  calendar: calendarTab,
  data: dataTab,
  scenarioTab: scenariosTab,
  report: reportTab,
};

const header = h("header", { class: "line" });
const numbers = h("div", { class: "numbers" });
const rail = h("nav", { class: "rail" });
const panel = h("section", { class: "panel", tabindex: -1 });
const legend = h("div", { class: "legend" });
const card = h("div", { class: "card", role: "status" });
const credit = h("div", { class: "credit" });
const holder = h("div", { class: "map" });

function drawHeader(s: State): void {
  const edited = isEdited(s.edits);
  header.replaceChildren(
    h("strong", {}, s.county.summary.county),
    h("span", {}, month(s.county.summary.month)),
    h("span", {}, `${t("plan")}：${edited ? t("trial") : s.county.summary.recruits === null ? t("asRepaired") : t("asPlanned")}`),
    s.county.summary.synthetic ? h("span", { class: "synthetic" }, t("synthetic")) : "",
    h("span", { class: "gap" }),
    back(s),
    button(s.named ? t("hideNames") : t("showNames"), () => void switchNames(), { class: "plain", id: "names", "aria-pressed": String(s.named) }),
    button(t("language"), switchLanguage, { class: "plain", id: "language" }),
    button(t("print"), () => window.print(), { class: "plain" }),
  );
  document.title = `${s.county.summary.county} ${t("title")}`;
}

/** Undo of the last plan taken over, while its plan is still served. */
function back(s: State): HTMLElement | string {
  const before = planBefore();
  const plan = before ? s.plans.find((p) => p.id === before) : undefined;
  return plan ? button(`${t("backTo")}（${month(plan.month)}）`, () => void adopt(plan.id), { class: "plain", id: "undo-plan" }) : "";
}

async function switchNames(): Promise<void> {
  const named = !state().named;
  const county = await load(named);
  update({ county, named });
}

/** The visits of the chosen client, by date. */
function showVisits(visits: HTMLElement, id: string): void {
  void visitsTo(id).then((rows) => {
    if (state().client !== id) return;
    const days = [...rows].sort((a, b) => a.date.localeCompare(b.date));
    visits.replaceChildren(...days.map((v) => h("span", { class: "when" }, `${date(v.date)} ${v.arrive.slice(0, 5)}`)));
  });
}

function switchLanguage(): void {
  setLanguage(currentLanguage() === "zh" ? "en" : "zh");
  drawAll(state());
}

function door(id: string, name: string, big: string, small: string, tab: Tab): HTMLElement {
  const open = (): void => {
    update({ tab });
    panel.focus();
  };
  return h("button", { type: "button", class: "door", id, click: open }, h("span", { class: "name" }, name), h("span", { class: "big" }, big), h("span", { class: "small" }, small));
}

/** A signed difference, or nothing. */
function change(now: number, before: number): string {
  const d = now - before;
  return d === 0 ? "" : `（${d > 0 ? "+" : "−"}${count(Math.abs(d))}）`;
}

function drawNumbers(s: State): void {
  const { summary, outlets } = s.county;
  const inside = s.trial?.in_outlet_circle ?? summary.clients_in_outlet_circle;
  const open = s.trial?.outlets ?? summary.outlets;
  const existing = outlets.filter((o) => o.open && o.existing).length;
  const gaps = summary.clients_total - summary.clients_served;
  const circle = `${t("inOutletCircle")} ${count(inside)}${change(inside, summary.clients_in_outlet_circle)} · ${percent(inside, summary.clients_total)}`;
  numbers.replaceChildren(
    door("door-served", t("covered"), `${count(summary.clients_served)} / ${count(summary.clients_total)}`, `${percent(summary.clients_served, summary.clients_total)} · ${circle}`, "overview"),
    door("door-outlets", t("outlets"), `${count(open)}${change(open, summary.outlets)}`, `${t("existingOf")} ${existing}`, "siting"),
    door("door-gaps", t("gaps"), count(gaps), t("noCause"), "gapTab"),
  );
}

function drawRail(s: State): void {
  rail.replaceChildren(
    ...TABS.map((tab) =>
      h("button", { type: "button", "data-tab": tab, "aria-current": s.tab === tab ? "page" : "false", click: () => update({ tab }) }, t(tab)),
    ),
  );
}

/** `chosen`: what is selected has changed, perhaps on the map, so the list shows it; else it keeps its place under the hand. */
function drawPanel(s: State, chosen = true): void {
  const focus = document.activeElement;
  const inside = panel.contains(focus) && focus !== panel;
  const field = focus instanceof HTMLInputElement && panel.contains(focus) ? { name: focus.name, at: focus.selectionStart } : null;
  const key = focus instanceof HTMLElement && panel.contains(focus) ? focus.dataset["key"] : undefined;
  const id = focus instanceof HTMLElement && panel.contains(focus) ? focus.id : "";
  const top = panel.scrollTop;
  panel.replaceChildren(h("h2", {}, t(s.tab)), ...VIEWS[s.tab].draw(s));
  panel.scrollTop = panel.dataset["tab"] === s.tab ? top : 0;
  panel.dataset["tab"] = s.tab;
  if (field) {
    const again = panel.querySelector<HTMLInputElement>(`input[name="${field.name}"]`);
    again?.focus({ preventScroll: true });
    again?.setSelectionRange(field.at, field.at);
  } else if (id) panel.querySelector<HTMLElement>(`#${CSS.escape(id)}`)?.focus({ preventScroll: true });
  else if (key) panel.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  // Who works by keyboard goes on from the panel where their row or button is no longer there.
  if (inside && document.activeElement === document.body) panel.focus({ preventScroll: true });
  // The siting panel keeps its place: its result stands above the list that the hand selects in.
  if (s.tab !== "siting" && chosen && !inside) panel.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
}

function swatch(colour: string, outside: boolean): HTMLElement {
  const dot = h("i", { class: outside ? "ring" : "disc" });
  // Set through the object model: an inline style attribute would break the page's policy.
  if (outside) dot.style.borderColor = colour;
  else dot.style.backgroundColor = colour;
  return dot;
}

function drawLegend(s: State): void {
  const toggle = (circle: State["circle"], name: string): HTMLElement =>
    button(name, () => update({ circle }), { "aria-pressed": String(s.circle === circle), id: `circle-${circle}` });
  const from = s.circle === "caregiver" ? t("fromCaregiver") : `${t("fromOutlet")} · ${code(s.county.summary.outlet_mode)}`;
  legend.replaceChildren(
    h("div", { class: "toggle", role: "group" }, toggle("caregiver", t("caregiverCircle")), toggle("outlet", t("outletCircle"))),
    h("div", { class: "from" }, `${t("minutesLegend")} · ${from}`),
    h(
      "ul",
      {},
      ...STEPS.map((step, i) => h("li", {}, swatch(step.colour, i > 2), step.label, i === 2 ? h("b", {}, t("within")) : i === 3 ? h("b", {}, t("beyond")) : "")),
      h("li", {}, swatch(UNKNOWN, true), t("unknownTime")),
      h("li", {}, h("i", { class: "pin square small" }), t("existing")),
      h("li", {}, h("i", { class: "pin small" }), t("newOutlet")),
      h("li", {}, h("i", { class: "pin ringed small" }), t("trialOutlet")),
    ),
    s.isochrone ? h("div", { class: "from" }, `${t("isochrone")}：${t("onlyPicture")}`) : "",
  );
}

/** What the client's file says beside; a line for what is known. */
function dossier(c: Client, line: (name: string, text: string) => HTMLElement): HTMLElement[] {
  const d = c.dossier;
  if (!d) return [];
  const assessed = [d.assessed ?? "", d.assessor, d.elder_grade, d.assessed_by_provider ? t("ownAssessor") : ""].filter(Boolean).join(" · ");
  const lines: [Parameters<typeof t>[0], string][] = [
    ["assessment", assessed],
    ["measures", d.measures.map(code).join("；")],
    ["guardian", d.guardian],
    ["idTail", d.id_last4],
  ];
  return lines.filter(([, text]) => text).map(([name, text]) => line(t(name), text));
}

function drawCard(s: State): void {
  const c = s.client ? s.county.client.get(s.client) : undefined;
  card.hidden = !c;
  if (!c) return card.replaceChildren();
  const now = s.trial?.changed.find((x) => x.client === c.id);
  const outletTime = now ? now.outlet_time_s : c.outlet_time_s;
  const line = (name: string, text: string): HTMLElement => h("div", {}, h("span", {}, name), text);
  const unit = (seconds: number | null): string => (seconds === null ? "–" : `${minutes(seconds)} ${t("minute")}`);
  const caregiver = c.caregiver ? s.county.caregiver.get(c.caregiver) : undefined;
  const visits = h("div", { class: "visits" });
  if (c.planned > 0) showVisits(visits, c.id);
  card.replaceChildren(
    h("div", { class: "head" }, h("strong", {}, c.name || c.id), button("×", () => update({ client: null }), { class: "plain", "aria-label": t("close") })),
    h("div", {}, [c.id, code(c.category), tier(c.tier)].join(" · ")),
    h("div", {}, [c.township, c.village, c.group].filter(Boolean).join(" ") || (c.near ? `${t("near")} ${c.near}` : "")),
    line(t("verdict"), c.cause ? `${code(now?.verdict ?? c.verdict)}（${code(c.cause)}）` : code(c.verdict)),
    line(t("outletCircle"), `${now ? (now.outlet ?? "–") : (c.outlet ?? "–")} · ${unit(outletTime)}`),
    line(t("caregiverCircle"), `${caregiver ? called(caregiver) : "–"} · ${unit(c.caregiver_time_s)}`),
    line(t("quota"), `${t("plannedOwed")} ${c.planned} / ${c.owed}`),
    visits,
    line(t("precision"), code(c.precision)),
    ...dossier(c, line),
    h(
      "div",
      { class: "buttons" },
      button(t("theirMonth"), () => update({ tab: "calendar", calendarBy: "client", day: null }), { id: "their-month" }),
      c.caregiver ? button(t("caregiverMonth"), () => update({ tab: "calendar", calendarBy: "caregiver", caregiver: c.caregiver, day: null })) : "",
    ),
  );
}

function drawCredit(s: State): void {
  credit.replaceChildren(h("span", {}, t("osm")), h("span", {}, t("notice")), s.county.summary.synthetic ? h("span", { class: "synthetic" }, t("synthetic")) : "");
}

function drawAll(s: State): void {
  drawHeader(s);
  drawNumbers(s);
  drawRail(s);
  drawPanel(s);
  drawLegend(s);
  drawCard(s);
  drawCredit(s);
}

function follow(s: State, before: State): void {
  if (differs(s, before, "county")) return drawAll(s);
  if (differs(s, before, "edits") || (planBefore() && differs(s, before, "plans"))) drawHeader(s);
  if (differs(s, before, "trial")) drawNumbers(s);
  if (differs(s, before, "tab")) drawRail(s);
  const view = VIEWS[s.tab];
  if (differs(s, before, "tab", ...view.shows) && (s.tab !== before.tab || !view.live?.(s, before))) drawPanel(s, differs(s, before, "tab", "client", "caregiver", "outlet"));
  if (differs(s, before, "circle", "isochrone")) drawLegend(s);
  if (differs(s, before, "client", "trial")) drawCard(s);
}

/** Builds the page in `root` once the plan is read. */
export function open(root: HTMLElement): void {
  rail.setAttribute("aria-label", t("plan"));
  holder.setAttribute("aria-label", t("mapPanel"));
  root.replaceChildren(header, numbers, h("main", {}, rail, panel, h("div", { class: "ground" }, holder, legend, card, credit)));
  drawAll(state());
  subscribe(follow);
  if (planBefore()) refreshDesk();
  // The numbers are painted before the map's code is even read.
  requestAnimationFrame(() => setTimeout(() => void import("./map").then((map) => map.draw(holder))));
}
