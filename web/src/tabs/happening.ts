// 变动: who is off, gone, new or has moved; what would move is shown before anybody takes it. And the month after.

import type { Caregiver, Changes, Happening, Job, Move } from "../data";
import { button, h, select, table } from "../dom";
import { called, count, date, month, monthAfter, percent } from "../format";
import { adopt, makePlan, refreshDesk, repairPlan } from "../desk";
import { state, update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";
import { standing } from "./scenarios";

const MOST_MOVES = 200;
const CATEGORIES = ["分散供养特困人员", "经济困难老年人", "贫困重度残疾人", "低收入残疾人", "孤儿", "事实无人抚养儿童", "其他"];

type What = "leave" | "escort" | "left" | "client" | "moved" | "new_client" | "rest";

/** What is typed but not yet sent; the panel may be drawn anew meanwhile. */
const typed = { what: "leave" as What, date: "", until: "", id: "", name: "", category: CATEGORIES[0] ?? "", tier: "1", female: false, place: "" };
/** Events entered so far, to be tried together. */
let queue: Happening[] = [];

/** The first day: as typed, else the day chosen on the calendar. */
function fromDay(s: State): string {
  return typed.date || (s.day ?? s.county.summary.working_days[0] ?? s.county.summary.first_day);
}

function slot(s: State, on: string | null, who: string | null): string {
  return on && who ? `${date(on)} ${called(s.county.caregiver.get(who), who)}` : "–";
}

function signed(n: number, show: (n: number) => string): string {
  return n === 0 ? "±0" : `${n > 0 ? "+" : "−"}${show(Math.abs(n))}`;
}

function shown(s: State, plan: string, c: Changes): Node[] {
  const [was, now] = c.travel_s;
  const minutes = Math.round((now - was) / 60);
  const missing = c.unplaced - c.gone[1];
  const facts = [
    `${t("couldNotStay")} ${count(c.lost)}`,
    `${t("handedOver")} ${count(c.handed_over.length)} ${t("people")}`,
    `${t("unplaced")} ${count(missing)}（${signed(missing - (c.unplaced_before - c.gone[0]), count)}）`,
    `${t("onRoad")} ${signed(minutes, count)} ${t("minute")}`,
  ];
  return [
    h("p", { id: "repaired" }, h("strong", {}, `${count(c.moved)} / ${count(c.visits)} ${t("visitsMove")}`), ` · ${facts.join(" · ")}`),
    c.moves.length === 0
      ? h("p", { class: "quiet" }, t("nothingMoves"))
      : h("div", { class: "names" }, table<Move>(
          [
            { head: t("person"), cell: (m) => called(s.county.client.get(m.client), m.client) },
            { head: t("wasBefore"), cell: (m) => slot(s, m.was_date, m.was_caregiver) },
            { head: t("isNow"), cell: (m) => (m.now_date === null ? `${t("unplaced")}${m.reason ? `：${code(m.reason)}` : ""}` : slot(s, m.now_date, m.now_caregiver)) },
          ],
          c.moves.slice(0, MOST_MOVES),
          { choose: (m) => update({ client: m.client }), chosen: (m) => m.client === s.client },
        )),
    c.moves.length > MOST_MOVES ? h("p", { class: "quiet" }, `${t("more")} ${count(c.moves.length - MOST_MOVES)}`) : document.createTextNode(""),
    take(plan),
  ];
}

function take(plan: string): HTMLElement {
  return h("div", { class: "buttons" }, button(t("takeChanges"), () => void adopt(plan), { id: "take-changes" }), h("span", { class: "quiet" }, t("takeNote")));
}

/** How long work stands, and what it would change; a plan that is on the page already has nothing to show. */
export function outcome(s: State): Node[] {
  const { job } = s;
  const fault = s.deskFault ? [h("p", { class: "fault", role: "alert" }, s.deskFault)] : [];
  return [...fault, ...standing(job), ...(job?.changes && job.plan ? shown(s, job.plan, job.changes) : [])];
}

function kinds(s: State, caregiver: Caregiver): [What, string][] {
  const client = s.client ? s.county.client.get(s.client) : undefined;
  const of = (word: "onLeave" | "escort" | "leftWork"): string => `${t(word)}：${called(caregiver)}`;
  const theirs: [What, string][] = client ? [["client", `${t("clientGone")}：${called(client)}`], ["moved", `${t("clientMoved")}：${called(client)}`]] : [];
  return [["leave", of("onLeave")], ["escort", of("escort")], ["left", of("leftWork")], ...theirs, ["new_client", t("clientNew")], ["rest", t("restAnew")]];
}

function box(name: "id" | "name", label: string): HTMLElement {
  const input = h("input", { type: "text", name: `new-${name}`, value: typed[name], maxlength: 40, size: 10 });
  input.addEventListener("input", () => (typed[name] = input.value));
  return h("label", {}, `${label} `, input);
}

function female(): HTMLElement {
  const tick = h("input", { type: "checkbox", name: "new-female", checked: typed.female });
  tick.addEventListener("change", () => (typed.female = tick.checked));
  return h("label", {}, tick, ` ${t("needsFemale")}`);
}

/** The place of someone new or moved: longitude and latitude, or the map's centre at a press. */
function place(): Node[] {
  const input = h("input", { type: "text", name: "new-place", value: typed.place, size: 20, placeholder: t("lonLat"), "aria-label": t("lonLat") });
  input.addEventListener("input", () => (typed.place = input.value));
  const here = async (): Promise<void> => {
    const [lon, lat] = (await import("../map")).centre();
    typed.place = input.value = `${lon.toFixed(6)},${lat.toFixed(6)}`;
  };
  return [input, button(t("pinHere"), () => void here(), { id: "place-here" })];
}

/** What the form says now; null for the rest of the month, which is no event. */
function event(s: State, caregiver: Caregiver): Happening | null {
  if (typed.what === "rest") return null;
  const [lon = "", lat = ""] = typed.place.split(/[,，\s]+/);
  const base = { date: fromDay(s), until: "" };
  switch (typed.what) {
    case "leave":
    case "escort":
      return { ...base, kind: typed.what, who: caregiver.id, until: typed.until };
    case "left":
      return { ...base, kind: "gone", who: caregiver.id };
    case "client":
      return { ...base, kind: "gone", who: s.client ?? "" };
    case "moved":
      return { ...base, kind: "moved", who: s.client ?? "", lon, lat };
    case "new_client":
      return { ...base, kind: "new_client", who: typed.id, name: typed.name, category: typed.category, tier: typed.tier, needs_female: typed.female ? "1" : "", lon, lat };
  }
}

function entered(s: State): Node[] {
  if (queue.length === 0) return [];
  const kind = (e: Happening): string => {
    const caregiver = s.county.caregiver.has(e.who);
    return t(e.kind === "leave" ? "onLeave" : e.kind === "escort" ? "escort" : e.kind === "moved" ? "clientMoved" : e.kind === "new_client" ? "clientNew" : caregiver ? "leftWork" : "clientGone");
  };
  const drop = (e: Happening): void => {
    queue = queue.filter((x) => x !== e);
    update({ loadedVisits: state().loadedVisits + 1 });
  };
  return [
    table<Happening>(
      [
        { head: t("change"), cell: kind },
        { head: t("person"), cell: (e) => called(s.county.caregiver.get(e.who) ?? s.county.client.get(e.who), e.who) },
        { head: t("fromDay"), cell: (e) => date(e.date) },
        { head: t("untilDay"), cell: (e) => (e.until ? date(e.until) : "") },
        { head: "", cell: (e) => button(t("remove"), () => drop(e), { class: "plain", "aria-label": `${t("remove")} ${e.who}` }) },
      ],
      queue,
    ),
  ];
}

/** The form for what happened, and what it would move. */
export function happening(s: State, caregiver: Caregiver): Node[] {
  refreshDesk();
  const days = s.county.summary.working_days;
  const all = kinds(s, caregiver);
  if (!all.some(([k]) => k === typed.what)) typed.what = "leave";
  const day = (name: "date" | "until"): HTMLInputElement => {
    const input = h("input", { type: "date", name, min: s.county.summary.first_day, max: days.at(-1) ?? "", value: name === "date" ? fromDay(s) : typed[name] });
    input.addEventListener("change", () => (typed[name] = input.value));
    return input;
  };
  const again = (): void => update({ loadedVisits: state().loadedVisits + 1 });
  const more = (): void => {
    const e = event(s, caregiver);
    if (e) queue = [...queue, e];
    again();
  };
  const ask = (): void => {
    const e = event(s, caregiver);
    // What was entered is tried together; the form counts where nothing was.
    const events = queue.length > 0 ? queue : e ? [e] : [];
    void repairPlan(events.length > 0 ? { events } : { from: fromDay(s) });
  };
  const running = s.job?.status === "running";
  const off = typed.what === "leave" || typed.what === "escort";
  return [
    h("h3", {}, t("happening")),
    h(
      "div",
      { class: "buttons" },
      select(t("change"), all, typed.what, (what) => {
        typed.what = what as What;
        again();
      }),
      h("label", {}, `${t("fromDay")} `, day("date")),
      off ? h("label", {}, `${t("untilDay")} `, day("until")) : null,
      ...(typed.what === "new_client"
        ? [
            box("id", t("idWord")),
            box("name", t("person")),
            select(t("kind"), CATEGORIES.map((c): [string, string] => [c, code(c)]), typed.category, (category) => (typed.category = category)),
            select(t("tier"), ["1", "2", "3"].map((n): [string, string] => [n, n]), typed.tier, (tier) => (typed.tier = tier)),
            female(),
          ]
        : []),
      ...(typed.what === "new_client" || typed.what === "moved" ? place() : []),
      button(t("tryRepair"), ask, { id: "repair", disabled: running }),
      typed.what === "rest" ? null : button(t("oneMore"), more, { id: "one-more" }),
    ),
    ...entered(s),
    h("p", { class: "quiet" }, t(typed.what === "rest" ? "restNote" : "happeningNote")),
    ...outcome(s),
  ];
}

/** The month after, made from this one: caregivers stay where they can. */
export function following(s: State): Node[] {
  const next = monthAfter(s.county.summary.month);
  const { job } = s;
  const running = job?.status === "running";
  return [
    h("h3", {}, t("nextMonth")),
    h("div", { class: "buttons" }, button(`${t("begin")} ${month(next)}`, () => void makePlan(next, {}, true), { id: "next-month", disabled: running }), h("span", { class: "quiet" }, t("nextNote"))),
    ...followed(job),
  ];
}

function followed(job: Job | null): Node[] {
  if (!job?.followed || !job.plan) return [];
  const f = job.followed;
  return [
    h("p", { id: "followed" }, `${t("sameCaregiver")} ${count(f.same_caregiver)} / ${count(f.clients)} ${t("people")}（${percent(f.same_caregiver, f.clients)}） · ${t("sameWeekday")} ${count(f.same_weekday)} / ${count(f.visits)} ${t("visitsN")}（${percent(f.same_weekday, f.visits)}）`),
    take(job.plan),
  ];
}
