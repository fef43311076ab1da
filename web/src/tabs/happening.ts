// 变动: a caregiver off or gone, a client gone; what would move is shown before anybody takes it.

import type { Caregiver, Changes, Happening, Move } from "../data";
import { button, h, select, table } from "../dom";
import { count, date } from "../format";
import { adopt, refreshDesk, repairPlan } from "../desk";
import { update } from "../store";
import type { State } from "../store";
import { t } from "../words";
import { standing } from "./scenarios";

const MOST_MOVES = 200;

/** What is typed but not yet sent; the panel may be drawn anew meanwhile. */
const typed: { what: string; date: string; until: string } = { what: "leave", date: "", until: "" };

function slot(s: State, on: string | null, who: string | null): string {
  return on && who ? `${date(on)} ${s.county.caregiver.get(who)?.name || who}` : "–";
}

function shown(s: State, plan: string, c: Changes): Node[] {
  return [
    h("p", { id: "repaired" }, h("strong", {}, `${count(c.moved)} / ${count(c.visits)} ${t("visitsMove")}`), ` · ${t("couldNotStay")} ${count(c.lost)} · ${t("handedOver")} ${count(c.handed_over.length)} ${t("people")} · ${t("unplaced")} ${count(c.unplaced)}`),
    h("div", { class: "names" }, table<Move>(
      [
        { head: t("person"), cell: (m) => s.county.client.get(m.client)?.name || m.client },
        { head: t("wasBefore"), cell: (m) => slot(s, m.was_date, m.was_caregiver) },
        { head: t("isNow"), cell: (m) => slot(s, m.now_date, m.now_caregiver) },
      ],
      c.moves.slice(0, MOST_MOVES),
      { choose: (m) => update({ client: m.client }), chosen: (m) => m.client === s.client },
    )),
    h("div", { class: "buttons" }, button(t("takeChanges"), () => void adopt(plan), { id: "take-changes" }), h("span", { class: "quiet" }, t("takeNote"))),
  ];
}

/** The form for what happened to a caregiver or the chosen client, and what it would move. */
export function happening(s: State, caregiver: Caregiver): Node[] {
  refreshDesk();
  const days = s.county.summary.working_days;
  const client = s.client ? s.county.client.get(s.client) : undefined;
  const kinds: [string, string][] = [["leave", `${t("onLeave")}：${caregiver.name || caregiver.id}`], ["escort", `${t("escort")}：${caregiver.name || caregiver.id}`], ["gone", `${t("leftWork")}：${caregiver.name || caregiver.id}`]];
  if (client) kinds.push(["client", `${t("clientGone")}：${client.name || client.id}`]);
  if (!kinds.some(([k]) => k === typed.what)) typed.what = "leave";
  const day = (name: "date" | "until", fallback: string): HTMLInputElement => {
    const box = h("input", { type: "date", name, min: days[0] ?? "", max: days.at(-1) ?? "", value: typed[name] || fallback });
    box.addEventListener("change", () => (typed[name] = box.value));
    return box;
  };
  const first = day("date", s.day ?? days[0] ?? "");
  const last = day("until", "");
  const ask = (): void => {
    const off = typed.what === "leave" || typed.what === "escort";
    const event: Happening = {
      date: first.value,
      kind: typed.what === "client" ? "gone" : (typed.what as Happening["kind"]),
      who: typed.what === "client" && client ? client.id : caregiver.id,
      until: off ? last.value : "",
    };
    void repairPlan(event);
  };
  const running = s.job?.status === "running";
  return [
    h("h3", {}, t("happening")),
    h("div", { class: "buttons" }, select(t("change"), kinds, typed.what, (what) => (typed.what = what)), h("label", {}, `${t("fromDay")} `, first), h("label", {}, `${t("untilDay")} `, last), button(t("tryRepair"), ask, { id: "repair", disabled: running })),
    h("p", { class: "quiet" }, t("happeningNote")),
    ...(s.deskFault ? [h("p", { class: "fault", role: "alert" }, s.deskFault)] : []),
    ...standing(s.job),
    ...(s.job?.changes && s.job.plan ? shown(s, s.job.plan, s.job.changes) : []),
  ];
}
