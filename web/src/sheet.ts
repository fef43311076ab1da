// The day sheet: A5, large type, one page a day, boxes for the five service items and lines to sign.

import type { Caregiver, Visit } from "./data";
import { h } from "./dom";
import { date, placeOf } from "./format";
import { state } from "./store";
import { code, t } from "./words";
import type { Word } from "./words";

const ITEMS: Word[] = ["item1", "item2", "item3", "item4", "item5"];
/** Visits that fit on one A5 page in large type. */
const A_PAGE = 4;

function visit(v: Visit): HTMLElement {
  const c = state().county.client.get(v.client);
  const place = c ? [placeOf(c), c.group].filter(Boolean).join(" ") : "";
  const facts = c ? [code(c.category), `${c.tier} ${t("tier")}`, c.needs_female ? t("needsFemale") : ""].filter(Boolean).join(" · ") : "";
  return h(
    "section",
    { class: "visit" },
    h("div", { class: "top" }, h("span", { class: "order" }, String(v.order)), h("strong", {}, c?.name || v.client), h("span", { class: "when" }, `${v.arrive.slice(0, 5)}–${v.leave.slice(0, 5)}`)),
    h("div", { class: "where" }, place, h("span", {}, facts)),
    h("div", { class: "items" }, ...ITEMS.map((item) => h("span", {}, h("i", { class: "box" }), t(item))), h("span", { class: "sign" }, `${t("signClient")}：`)),
  );
}

function pages(caregiver: Caregiver, iso: string, visits: Visit[]): HTMLElement[] {
  const { summary } = state().county;
  const count = Math.ceil(visits.length / A_PAGE);
  return Array.from({ length: count }, (_, i) =>
    h(
      "article",
      { class: "sheet" },
      h("header", {}, h("strong", {}, t("daySheet")), h("span", {}, date(iso)), h("span", {}, caregiver.name || caregiver.id)),
      h("div", { class: "sub" }, [summary.county, caregiver.township, code(caregiver.mode), `${t("sheetNo")} ${caregiver.id}-${iso.replaceAll("-", "")}`, count > 1 ? `${i + 1}/${count} ${t("page")}` : ""].filter(Boolean).join(" · ")),
      ...visits.slice(i * A_PAGE, (i + 1) * A_PAGE).map(visit),
      h("footer", {}, h("span", {}, `${t("signCaregiver")}：____________`), h("span", {}, summary.synthetic ? t("synthetic") : "")),
    ),
  );
}

/** Builds the sheets of some days without printing them. */
export function buildSheets(caregiver: Caregiver, days: [string, Visit[]][]): void {
  const holder = document.getElementById("sheets");
  holder?.replaceChildren(...days.flatMap(([iso, visits]) => pages(caregiver, iso, visits)));
}

/** Prints sheets; the page itself stays out of the print. */
export function printSheets(caregiver: Caregiver, days: [string, Visit[]][]): void {
  buildSheets(caregiver, days);
  document.body.classList.add("print-sheets");
  const done = (): void => {
    document.body.classList.remove("print-sheets");
    window.removeEventListener("afterprint", done);
  };
  window.addEventListener("afterprint", done);
  window.print();
}
