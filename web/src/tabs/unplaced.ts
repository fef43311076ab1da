// Visits that no day could take, with reason and cheapest remedy; and whom to hire so that nobody stays unplaced.

import type { Client, Hire, Unplaced } from "../data";
import { h, select, table } from "../dom";
import { called, count, placeOf, tenths } from "../format";
import { update } from "../store";
import type { State } from "../store";
import { code, t } from "../words";

const MOST = 300;

/** The remedy of a row of unplaced.csv in words. */
export function remedyWords(s: State, remedy: string): string {
  const [step = "", who = ""] = remedy.split(":");
  if (step === "") return "–";
  if (step === "hire") {
    const named = who.split(";").map((id) => {
      const hire = s.county.summary.hires.find((x) => x.hire === id);
      return hire ? `${id}（${hire.village}）` : id;
    });
    return `${t("hireWord")} ${named.join("、")}`;
  }
  return [code(`remedy_${step}`), who ? called(s.county.caregiver.get(who), who) : ""].filter(Boolean).join(" ");
}

/** What helps where the place or the roads are in doubt, whoever is hired. */
const STEPS: Record<string, string> = { no_location: "step_locate", match_doubtful: "step_confirm_address", no_road_near: "step_add_road", disconnected: "step_check_roads" };

/** The remedy of a client's missing visits: the place and the roads first, then whom to hire. */
export function remedyOf(s: State, client: Client | undefined, u: Unplaced): string {
  const step = STEPS[client?.cause ?? ""];
  if (!step) return remedyWords(s, u.remedy);
  return u.remedy.startsWith("hire:") ? `${code(step)}；${t("orHire")}${remedyWords(s, u.remedy)}` : code(step);
}

/** The reason of a row, with the cause of the gap where it says more. */
function reason(client: Client | undefined, u: Unplaced): HTMLElement {
  const cause = client?.cause;
  const more = cause && cause !== "no_caregiver" && cause !== "over_capacity" ? h("span", { class: "whole" }, `（${code(cause)}）`) : null;
  return h("span", {}, h("span", { class: "whole" }, code(u.reason)), more);
}

function townshipsOf(s: State): HTMLElement | null {
  const sums = new Map<string, number>();
  for (const u of s.county.summary.unplaced_list) {
    const of = s.county.client.get(u.client)?.township ?? "";
    if (of) sums.set(of, (sums.get(of) ?? 0) + u.missing);
  }
  if (sums.size === 0) return null;
  const options: [string, string][] = [["", `${t("allCounty")}（${count(s.county.summary.unplaced)}）`], ...[...sums].sort((a, b) => b[1] - a[1]).map(([name, n]): [string, string] => [name, `${name}（${count(n)}）`])];
  return select(t("township"), options, s.township, (township) => update({ township }));
}

/** The list of unplaced visits, under what is proven about their number. */
export function unplacedView(s: State): Node[] {
  const { summary } = s.county;
  const rows = summary.unplaced_list.filter((u) => s.township === "" || s.county.client.get(u.client)?.township === s.township);
  const sum = rows.reduce((n, u) => n + u.missing, 0);
  const bound = summary.unplaced_bound > 0 ? ` · ${t("unplacedBound")} ${count(Math.ceil(summary.unplaced_bound - 1e-6))}` : "";
  const causes = new Map<string, number>();
  for (const u of rows) causes.set(u.reason, (causes.get(u.reason) ?? 0) + u.missing);
  const by = [...causes].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${code(reason)} ${count(n)}`);
  return [
    ...[townshipsOf(s)].filter((n) => n !== null),
    h("p", { id: "unplaced-said" }, h("strong", {}, `${t("unplaced")} ${count(sum)} ${t("visitsN")}`), `${s.township === "" ? bound : ""}${by.length > 0 ? ` · ${by.join("、")}` : ""}`),
    table<Unplaced>(
      [
        { head: t("person"), cell: (u) => h("span", { class: "whole" }, called(s.county.client.get(u.client), u.client)) },
        { head: t("village"), cell: (u) => placeOf(s.county.client.get(u.client)) },
        { head: t("missing"), cell: (u) => u.missing, number: true },
        { head: t("cause"), cell: (u) => reason(s.county.client.get(u.client), u) },
        { head: t("remedy"), cell: (u) => remedyOf(s, s.county.client.get(u.client), u) },
      ],
      rows.slice(0, MOST),
      { choose: (u) => update({ client: u.client }), chosen: (u) => u.client === s.client, key: (u) => u.client },
    ),
    rows.length > MOST ? h("p", { class: "quiet" }, `${t("more")} ${count(rows.length - MOST)}：unplaced.csv`) : document.createTextNode(""),
  ];
}

/** The recruitment answer: the fewest to hire, and where. */
export function hiresView(s: State): Node[] {
  const { recruits, hires } = s.county.summary;
  if (!recruits) return [h("p", {}, t("hiresUnasked"))];
  const proof = recruits.hires === recruits.bound ? t("provenFewest") : `${t("atLeast")} ${count(recruits.bound)} ${t("peopleN")}`;
  const beyond = recruits.beyond_help > 0 ? ` · ${t("beyondHelp")} ${count(recruits.beyond_help)} ${t("visitsN")}` : "";
  return [
    h("p", { id: "hires-said" }, h("strong", {}, `${t("hireWord")} ${count(recruits.hires)} ${t("peopleN")} → ${t("moreVisits")} ${count(recruits.visits)} ${t("visitsN")}`), `（${proof}）${beyond}`),
    table<Hire>(
      [
        { head: t("number"), cell: (x) => x.hire },
        { head: t("liveIn"), cell: (x) => x.village },
        { head: t("visits"), cell: (x) => count(x.visits), number: true },
        { head: `${t("care")}（${t("hour")}）`, cell: (x) => tenths(x.care_min), number: true },
        { head: `${t("onRoad")}（${t("hour")}）`, cell: (x) => tenths(x.travel_min), number: true },
        { head: `${t("workDays")}（${t("day")}）`, cell: (x) => x.days, number: true },
        { head: t("requires"), cell: (x) => h("span", { class: "whole" }, [x.needs_female ? t("needsFemale") : "", ...x.skills].filter(Boolean).join(" · ")) },
      ],
      hires,
      { choose: (x) => update({ client: x.near_client }), chosen: (x) => x.near_client === s.client, key: (x) => x.hire },
    ),
    h("p", { class: "quiet" }, `${t("hiresBy")} ${code(hires[0]?.mode)}。${t("hiresNote")}`),
  ];
}
