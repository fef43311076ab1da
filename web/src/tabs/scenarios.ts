// 情景: name a trial, lay two side by side on the three principles, see who gains and who loses; make a plan anew.

import type { Comparison, Crossing, Figures, Job, Scenario } from "../data";
import { button, h, select, table } from "../dom";
import { count, minutes, placeOf, yuan } from "../format";
import type { TabView } from "../frame";
import { adopt, cancelPlan, keepTrial, makePlan, pick, refreshDesk, removeScenario, turn } from "../desk";
import { NO_EDITS, state, update } from "../store";
import type { State } from "../store";
import { commit, isEdited } from "../trial";
import { code, either, t } from "../words";
import type { Word } from "../words";

const MOST_NAMES = 200;

/** What is typed but not yet sent; the panel may be drawn anew meanwhile. */
const typed = { name: "", month: "", outlets: "", scenario: "", follow: false };

interface Line {
  principle: Word;
  name: Word;
  of: (f: Figures) => number | null;
  show: (n: number) => string;
}

const LINES: Line[] = [
  { principle: "content", name: "meanTime", of: (f) => f.mean_time_s, show: minutes },
  { principle: "content", name: "p95Time", of: (f) => f.p95_time_s, show: minutes },
  { principle: "content", name: "sameOutlet", of: (f) => f.same_outlet, show: count },
  { principle: "benefit", name: "inCircle", of: (f) => f.in_outlet_circle, show: count },
  { principle: "benefit", name: "backedUp", of: (f) => f.backed_up, show: count },
  { principle: "benefit", name: "busiest", of: (f) => f.busiest_outlet, show: count },
  { principle: "burden", name: "openOutlets", of: (f) => f.outlets, show: count },
  { principle: "burden", name: "newOutlets", of: (f) => f.new_outlets, show: count },
  { principle: "burden", name: "openingCost", of: (f) => f.opening_fen, show: yuan },
  { principle: "burden", name: "monthCost", of: (f) => f.month_fen, show: yuan },
];

function difference(line: Line, c: Comparison): string {
  const [a, b] = [line.of(c.a), line.of(c.b)];
  if (a === null || b === null) return "–";
  // Minutes are shown rounded up, so their difference is that of what is shown.
  const d = line.show === minutes ? Math.ceil(b / 60) * 60 - Math.ceil(a / 60) * 60 : b - a;
  return d === 0 ? "0" : `${d > 0 ? "+" : "−"}${line.show(Math.abs(d))}`;
}

function board(c: Comparison): HTMLElement {
  const value = (line: Line, f: Figures): string => {
    const n = line.of(f);
    return n === null ? "–" : line.show(n);
  };
  const first = new Set(LINES.filter((l, i) => LINES[i - 1]?.principle !== l.principle));
  return table<Line>(
    [
      { head: t("principle"), cell: (l) => (first.has(l) ? h("strong", {}, t(l.principle)) : "") },
      { head: t("measure"), cell: (l) => t(l.name) },
      { head: "A", cell: (l) => value(l, c.a), number: true },
      { head: "B", cell: (l) => value(l, c.b), number: true },
      { head: "Δ", cell: (l) => difference(l, c), number: true },
    ],
    LINES,
  );
}

function crossings(s: State, title: string, rows: Crossing[]): Node[] {
  if (rows.length === 0) return [];
  return [
    h("h3", {}, `${title} ${count(rows.length)} ${t("people")}`),
    h("div", { class: "names" }, table<Crossing>(
      [
        { head: t("person"), cell: (r) => s.county.client.get(r.client)?.name || r.client },
        { head: t("village"), cell: (r) => place(s, r.client) },
        { head: `${t("outletMin")}（${t("minute")}）`, cell: (r) => `${minutes(r.before_s)} → ${minutes(r.after_s)}`, number: true },
      ],
      rows.slice(0, MOST_NAMES),
      { choose: (r) => update({ client: r.client }), chosen: (r) => r.client === s.client, key: (r) => r.client },
    )),
  ];
}

function place(s: State, id: string): string {
  return placeOf(s.county.client.get(id));
}

function compare(s: State): Node[] {
  const options: [string, string][] = [["plan", t("asPlanned")], ...s.scenarios.map((x): [string, string] => [String(x.id), x.name])];
  const nodes: Node[] = [
    h("h3", {}, t("compareTitle")),
    h("div", { class: "pair" }, select("A", options, s.sideA, (sideA) => pick({ sideA })), select("B", options, s.sideB, (sideB) => pick({ sideB }))),
  ];
  if (s.comparison) {
    const { gained, lost } = s.comparison;
    const still = gained.length + lost.length === 0 ? [h("p", {}, t("noChange"))] : [];
    nodes.push(board(s.comparison), ...still, ...crossings(s, t("gained"), gained), ...crossings(s, t("lost"), lost), h("p", { class: "quiet" }, t("trialNote")));
  }
  return nodes;
}

function edits(x: Scenario): string {
  const { open, move, add, remove } = x.edits;
  const part = (word: Word, n: number): string => (n > 0 ? `${t(word)} ${n}` : "");
  return [open ? `${t("openSet")} ${open.length}` : "", part("movedN", move?.length ?? 0), part("addedN", add?.length ?? 0), part("closedN", remove?.length ?? 0)].filter(Boolean).join(" · ");
}

function keep(s: State): HTMLElement {
  const box = h("input", { type: "text", name: "scenario", maxlength: 60, value: typed.name, placeholder: t("scenarioName"), "aria-label": t("scenarioName") });
  box.addEventListener("input", () => (typed.name = box.value));
  const save = (): void =>
    void keepTrial(typed.name).then((kept) => {
      if (!kept) return;
      typed.name = "";
      update({ scenarios: [...state().scenarios] });
    });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") save();
  });
  const ready = isEdited(s.edits);
  return h("div", { class: "buttons" }, box, button(t("keepTrial"), save, { disabled: !ready, id: "keep-trial" }), ready ? null : h("span", { class: "quiet" }, t("keepTip")));
}

function list(s: State): Node[] {
  if (s.scenarios.length === 0) return [h("p", { class: "quiet" }, t("noScenarios"))];
  return [
    table<Scenario>(
      [
        { head: t("name"), cell: (x) => x.name },
        { head: t("editsN"), cell: edits },
        { head: t("changedAt"), cell: (x) => new Date(x.changed_at).toLocaleString("zh-CN", { dateStyle: "short", timeStyle: "short" }) },
        {
          head: "",
          cell: (x) => h("span", { class: "acts" },
            button(t("onMap"), () => commit({ ...NO_EDITS, ...x.edits, open: x.edits.open ?? null }), { class: "plain" }),
            button(t("remove"), () => void removeScenario(x.id), { class: "plain", "aria-label": `${t("remove")} ${x.name}` })),
        },
      ],
      s.scenarios,
      { choose: (x) => pick({ sideA: "plan", sideB: String(x.id) }), chosen: (x) => String(x.id) === s.sideB, key: (x) => `scenario-${x.id}` },
    ),
  ];
}

function anew(s: State): Node[] {
  const { summary } = s.county;
  const running = s.job && s.job.status === "running" ? s.job : null;
  const month = h("input", { type: "month", name: "month", value: typed.month || summary.month, "aria-label": t("monthField") });
  const outlets = h("input", { type: "number", name: "outlets", min: 1, max: 500, placeholder: t("fewest"), "aria-label": t("outlets") });
  outlets.value = typed.outlets || (summary.siting.model === "mclp" ? String(summary.outlets) : "");
  if (!s.scenarios.some((x) => String(x.id) === typed.scenario)) typed.scenario = "";
  outlets.disabled = typed.scenario !== "";
  const from = s.scenarios.length === 0 ? null : select(t("outletsFrom"), [["", t("byNumber")], ...s.scenarios.map((x): [string, string] => [String(x.id), x.name])], typed.scenario, (scenario) => {
    typed.scenario = scenario;
    outlets.disabled = scenario !== "";
  });
  const follow = h("input", { type: "checkbox", name: "follow" });
  follow.checked = typed.follow;
  month.addEventListener("change", () => (typed.month = month.value));
  outlets.addEventListener("input", () => (typed.outlets = outlets.value));
  follow.addEventListener("change", () => (typed.follow = follow.checked));
  const begin = (): void => void makePlan(month.value, typed.scenario !== "" ? { scenario: Number(typed.scenario) } : outlets.value === "" ? {} : { outlets: Number(outlets.value) }, follow.checked);
  return [
    h("h3", {}, t("planAnew")),
    h("div", { class: "buttons" }, h("label", {}, `${t("monthField")} `, month), from, h("label", {}, `${t("outlets")} `, outlets), h("label", {}, follow, ` ${t("followOn")}`), button(t("begin"), begin, { disabled: running !== null, id: "make-plan" })),
    ...standing(s.job),
    ...plans(s),
  ];
}

/** How far long work is, or how it ended. */
export function standing(job: Job | null): Node[] {
  switch (job?.status) {
    case "running":
      return [h("div", { class: "buttons", role: "status" }, h("progress", { max: 100, ...(job.progress === null ? {} : { value: job.progress }) }), `${job.stage} ${job.progress === null ? "…" : `${job.progress} %`}`, button(t("cancel"), () => void cancelPlan(), { id: "cancel-plan" }))];
    case "failed":
      return [h("p", { class: "fault", role: "alert" }, either(job.message ?? "", job.message_en ?? ""))];
    case "dismissed":
      return [h("p", { class: "quiet" }, t("dismissed"))];
    default:
      return [];
  }
}

function plans(s: State): Node[] {
  if (s.plans.length < 2) return [];
  return [
    table(
      [
        { head: t("plan"), cell: (p) => p.month + (p.current ? ` · ${t("onPage")}` : "") },
        { head: t("covered"), cell: (p) => `${count(p.clients_served)}/${count(p.clients_total)}`, number: true },
        { head: t("outlets"), cell: (p) => count(p.outlets), number: true },
        { head: t("plannedOwed"), cell: (p) => `${count(p.visits_planned)}/${count(p.visits_owed)}`, number: true },
        { head: t("travelH"), cell: (p) => count(Math.round(p.travel_h)), number: true },
        { head: "", cell: (p) => (p.current ? "" : button(t("adopt"), () => void adopt(p.id), { class: "plain" })) },
      ],
      s.plans,
    ),
    h("p", { class: "quiet" }, t("adoptNote")),
  ];
}

export const scenariosTab: TabView = {
  shows: ["scenarios", "sideA", "sideB", "comparison", "client", "edits", "deskFault", "job", "plans"],
  draw: (s) => {
    refreshDesk();
    return [
      ...(s.deskFault ? [h("p", { class: "fault", role: "alert" }, s.deskFault)] : []),
      keep(s),
      ...list(s),
      h("div", { class: "buttons" }, button(t("undo"), () => void turn("undo"), { id: "undo-scenario" }), button(t("redo"), () => void turn("redo"))),
      ...compare(s),
      ...anew(s),
    ];
  },
};

/** The word for a remedy, with its place and how many it reaches. */
export function remedyText(step: string, site: string, reaches: number): Node {
  const many = reaches > 0 ? h("span", { class: "whole" }, `（${count(reaches)} ${t("people")}）`) : null;
  return h("span", {}, code(`step_${step}`), site ? ` ${site}` : "", many);
}
