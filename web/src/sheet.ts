// The day sheet: A5, large type, one page a day, boxes for the five service items and lines to sign.

import { fullPeople } from "./data";
import type { Caregiver, Client, Visit } from "./data";
import { h } from "./dom";
import { clock, date, placeOf, second, tier } from "./format";
import { state } from "./store";
import { code, t } from "./words";
import type { Word } from "./words";

const ITEMS: Word[] = ["item1", "item2", "item3", "item4", "item5"];
/** Visits that fit on one A5 page in large type. */
const A_PAGE = 4;

/** Second of the day at which the caregiver leaves for the first visit; null where the way there is not in the lists. */
export function departure(clients: Map<string, Client>, caregiver: Caregiver, visits: Visit[]): number | null {
  const first = visits[0];
  const client = first ? clients.get(first.client) : undefined;
  if (!first || !client || client.caregiver !== caregiver.id || client.caregiver_time_s === null) return null;
  return second(first.arrive) - client.caregiver_time_s;
}

function visit(v: Visit, c: Client | undefined): HTMLElement {
  const place = c ? [placeOf(c), c.group].filter(Boolean).join(" ") : "";
  const facts = c ? [code(c.category), tier(c.tier), c.needs_female ? t("needsFemale") : ""].filter(Boolean).join(" · ") : "";
  const guardian = c?.dossier?.guardian ? h("span", { class: "guardian" }, `${t("guardian")} ${c.dossier.guardian}`) : null;
  return h(
    "section",
    { class: "visit" },
    h("div", { class: "top" }, h("span", { class: "order" }, String(v.order)), h("strong", {}, c?.name || v.client), guardian, h("span", { class: "when" }, `${v.arrive.slice(0, 5)}–${v.leave.slice(0, 5)}`)),
    h("div", { class: "where" }, place, h("span", {}, facts)),
    h("div", { class: "items" }, ...ITEMS.map((item) => h("span", {}, h("i", { class: "box" }), t(item))), h("span", { class: "sign" }, `${t("signClient")}：`)),
  );
}

function pages(clients: Map<string, Client>, caregiver: Caregiver, iso: string, visits: Visit[]): HTMLElement[] {
  const { summary } = state().county;
  const count = Math.ceil(visits.length / A_PAGE);
  const out = departure(clients, caregiver, visits);
  const facts = [summary.county, caregiver.township, code(caregiver.mode), `${t("sheetNo")} ${caregiver.id}-${iso.replaceAll("-", "")}`];
  return Array.from({ length: count }, (_, i) =>
    h(
      "article",
      { class: "sheet" },
      h("header", {}, h("strong", {}, t("daySheet")), h("span", {}, date(iso)), out === null ? null : h("span", {}, `${t("setOut")} ${clock(out)}`), h("span", {}, caregiver.name || caregiver.id)),
      h("div", { class: "sub" }, [...facts, count > 1 ? `${i + 1}/${count} ${t("page")}` : ""].filter(Boolean).join(" · ")),
      ...visits.slice(i * A_PAGE, (i + 1) * A_PAGE).map((v) => visit(v, clients.get(v.client))),
      h("footer", {}, h("span", {}, `${t("signCaregiver")}：____________`), h("span", {}, summary.synthetic ? t("synthetic") : "")),
    ),
  );
}

/** What one caregiver does on one day. */
export interface Tour {
  caregiver: string;
  date: string;
  visits: Visit[];
}

/** Tours of visits that come by caregiver, date and order. */
export function tours(visits: Visit[]): Tour[] {
  const all: Tour[] = [];
  for (const v of visits) {
    const last = all.at(-1);
    if (last && last.caregiver === v.caregiver && last.date === v.date) last.visits.push(v);
    else all.push({ caregiver: v.caregiver, date: v.date, visits: [v] });
  }
  return all;
}

/** Prints sheets; the page itself stays out of the print. A sheet finds a doorstep, so its names are full even where the page masks them. */
export async function printSheets(of: Tour[]): Promise<void> {
  const { county, named } = state();
  const full = named ? null : await fullPeople();
  const clients = full?.client ?? county.client;
  const carers = full?.caregiver ?? county.caregiver;
  const holder = document.getElementById("sheets");
  holder?.replaceChildren(
    ...of.flatMap((tour) => {
      const carer = carers.get(tour.caregiver);
      return carer ? pages(clients, carer, tour.date, tour.visits) : [];
    }),
  );
  document.body.classList.add("print-sheets");
  const done = (): void => {
    document.body.classList.remove("print-sheets");
    holder?.replaceChildren();
    window.removeEventListener("afterprint", done);
  };
  window.addEventListener("afterprint", done);
  window.print();
}
