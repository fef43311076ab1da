// 锁定: what the planner fixes by hand, what each lock costs, and what a change of the locks would move.

import type { Caregiver, Lock } from "../data";
import { button, h, table } from "../dom";
import { called } from "../format";
import { refreshDesk, repairPlan } from "../desk";
import { state, update } from "../store";
import type { State } from "../store";
import { t } from "../words";
import { outcome } from "./happening";

/** The locks in force or as changed here. */
function locksOf(s: State): Lock[] {
  return s.locks ?? s.county.summary.locks.map(({ kind, client, caregiver }) => ({ kind, client, caregiver }));
}

const same = (a: Lock, b: Lock): boolean => a.kind === b.kind && a.client === b.client && a.caregiver === b.caregiver;

/** One lock more: tying a client to somebody unties them from everybody else, and lifts what forbade the two to meet. */
function add(lock: Lock): void {
  const clash = (x: Lock): boolean => x.client === lock.client && (lock.kind === "lock" ? x.kind === "lock" || x.caregiver === lock.caregiver : x.caregiver === lock.caregiver);
  update({ locks: [...locksOf(state()).filter((x) => !clash(x)), lock] });
}

function offers(s: State, caregiver: Caregiver): Node[] {
  const client = s.client ? s.county.client.get(s.client) : undefined;
  if (!client) return [h("p", { class: "quiet" }, t("lockTip"))];
  const [who, carer] = [called(client), called(caregiver)];
  const tie = client.caregiver === caregiver.id ? t("lockTo") : t("moveTo");
  return [
    h(
      "div",
      { class: "buttons" },
      button(`${who} ${tie} ${carer}`, () => add({ kind: "lock", client: client.id, caregiver: caregiver.id }), { id: "lock" }),
      button(`${who} ${t("forbidTo")} ${carer}`, () => add({ kind: "forbid", client: client.id, caregiver: caregiver.id }), { id: "forbid" }),
    ),
  ];
}

function cost(s: State, lock: Lock): string {
  // What was tried last knows the costs of locks that are not in force yet.
  const told = [...(s.job?.changes?.locks ?? []), ...s.county.summary.locks].find((x) => same(x, lock));
  if (!told || told.travel_s === null) return "–";
  return told.visits ? `${told.visits} ${t("visitsN")}` : `${Math.ceil(told.travel_s / 60)} ${t("minute")}`;
}

/** The section of the grid tab, for the chosen caregiver and the chosen client. */
export function locksPanel(s: State, caregiver: Caregiver | undefined): Node[] {
  refreshDesk();
  const locks = locksOf(s);
  const first = s.county.summary.working_days[0] ?? s.county.summary.first_day;
  const from = h("input", { type: "date", name: "lock-from", min: first, max: s.county.summary.working_days.at(-1) ?? "", value: first });
  const changed = s.locks !== null;
  const list = table<Lock>(
    [
      { head: t("lockKind"), cell: (l) => t(l.kind === "lock" ? "lockOnly" : "lockNever") },
      { head: t("client"), cell: (l) => called(s.county.client.get(l.client), l.client) },
      { head: t("caregiver"), cell: (l) => called(s.county.caregiver.get(l.caregiver), l.caregiver) },
      { head: t("lockCost"), cell: (l) => cost(s, l), number: true },
      { head: "", cell: (l) => button(t("remove"), () => update({ locks: locksOf(state()).filter((x) => !same(x, l)) }), { class: "plain", "aria-label": `${t("remove")} ${l.client}` }) },
    ],
    locks,
    { choose: (l) => update({ client: l.client }), chosen: (l) => l.client === s.client, key: (l) => `${l.kind}-${l.client}-${l.caregiver}` },
  );
  return [
    h("h3", {}, t("locksTitle")),
    ...(caregiver ? offers(s, caregiver) : []),
    ...(locks.length > 0 ? [list, h("p", { class: "quiet" }, t("lockCostNote"))] : []),
    ...(changed
      ? [
          h(
            "div",
            { class: "buttons" },
            h("label", {}, `${t("fromDay")} `, from),
            button(t("tryRepair"), () => void repairPlan({ from: from.value, locks: locksOf(state()) }), { id: "try-locks", disabled: s.job?.status === "running" }),
            button(t("reset"), () => update({ locks: null }), { id: "reset-locks" }),
          ),
          h("p", { class: "quiet" }, t("lockFromNote")),
        ]
      : []),
    ...outcome(s),
  ];
}
