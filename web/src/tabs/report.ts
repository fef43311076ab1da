// 报告: the plan in three sentences, the one-page report, and downloads.

import faceLicence from "@expo-google-fonts/noto-sans-sc/LICENSE_FONT?url";
import { h } from "../dom";
import { count, percent } from "../format";
import type { TabView } from "../frame";
import { code, t } from "../words";

const LISTS = ["clients", "gaps", "outlets", "caregivers", "grids", "villages", "townships"];

export const reportTab: TabView = {
  shows: [],
  draw: (s) => {
    const { summary } = s.county;
    const causes = Object.entries(summary.gaps_by_cause).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
    const link = (href: string, text: string, more: Record<string, string> = {}): HTMLElement => h("a", { href, ...more }, text);
    return [
      h("h3", {}, t("conclusions")),
      h(
        "ol",
        {},
        h("li", {}, `${t("covered")} ${count(summary.clients_served)} / ${count(summary.clients_total)}（${percent(summary.clients_served, summary.clients_total)}），${t("inOutletCircle")} ${count(summary.clients_in_outlet_circle)}（${percent(summary.clients_in_outlet_circle, summary.clients_total)}）`),
        h("li", {}, `${t("outlets")} ${summary.outlets}，${summary.siting.proven ? t("sitingProven") : `${t("sitingGap")} ${summary.siting.gap_pct.toFixed(2)} %`}；${t("caregivers")} ${count(summary.caregivers_used)} / ${count(summary.caregivers_total)}`),
        h("li", {}, `${t("planned")} ${count(summary.visits_planned)} / ${t("owed")} ${count(summary.visits_owed)} ${t("times")}；${t("gaps")}：${causes.map(([c, n]) => `${code(c)} ${count(n)}`).join("、") || "0"}`),
        h("li", {}, `${t("onRoad")} ${summary.travel_h.toFixed(1)} ${t("hour")}；${t("careEach")} ${t("largest")} ${summary.care_h_max.toFixed(1)} ${t("hour")}${summary.care_h_max_bound > 0 ? `（${t("careBound")} ${summary.care_h_max_bound.toFixed(1)}）` : ""}；${t("unplaced")} ${count(summary.unplaced)} ${t("visitsN")}${summary.unplaced_bound > 0 ? `（${t("unplacedBound")} ${count(Math.ceil(summary.unplaced_bound - 1e-6))}）` : ""}`),
        summary.recruits ? h("li", {}, `${t("hireWord")} ${count(summary.recruits.hires)} ${t("peopleN")} → ${t("moreVisits")} ${count(summary.recruits.visits)} ${t("visitsN")}；${t("beyondHelp")} ${count(summary.recruits.beyond_help)} ${t("visitsN")}`) : null,
      ),
      h("p", {}, link("/plans/current/report", t("reportOpen"), { target: "_blank", rel: "noopener", class: "primary", id: "open-report" })),
      h("p", { class: "quiet" }, t("reportNote")),
      h("h3", {}, t("downloads")),
      h(
        "ul",
        {},
        ...LISTS.map((id) => h("li", {}, link(`/collections/${id}/items?limit=10000`, `${id}.geojson`, { download: `${id}.geojson` }))),
        h("li", {}, link("/plans/current/certificate", t("certificate"), { download: "certificate.json" })),
        h("li", {}, link("/api", t("apiDoc"), { target: "_blank", rel: "noopener" })),
        h("li", {}, link(faceLicence, t("faceLicence"), { download: "Noto-Sans-SC-OFL.txt" })),
      ),
    ];
  },
};
