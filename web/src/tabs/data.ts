// 数据: what came in, what was listed and why, where everything came from.

import type { Listed } from "../data";
import { h, table } from "../dom";
import { count } from "../format";
import type { TabView } from "../frame";
import type { State } from "../store";
import { code, either, t } from "../words";
import { dropZone, intakePanel } from "./intake";

const MOST = 200;

function precision(s: State): HTMLElement {
  const sums = new Map<string, number>();
  for (const c of s.county.clients) sums.set(c.at ? c.precision : "no_location", (sums.get(c.at ? c.precision : "no_location") ?? 0) + 1);
  return table<[string, number]>([{ head: t("located"), cell: (r) => code(r[0]) }, { head: t("clients"), cell: (r) => count(r[1]), number: true }], [...sums]);
}

export const dataTab: TabView = {
  shows: ["client", "preview", "fields", "intakeBusy", "intakeFault"],
  draw: (s) => {
    if (s.preview && s.preview.files.length > 0) return [dropZone(s), ...intakePanel(s, s.preview)];
    const { counts, listed, notes, inputs, timings_ms } = s.county.summary;
    const files = table(
      [
        { head: t("file"), cell: (f) => f.file },
        { head: t("rowsIn"), cell: (f) => count(f.rows_in), number: true },
        { head: t("kept"), cell: (f) => count(f.kept), number: true },
        { head: t("listed"), cell: (f) => count(f.listed), number: true },
      ],
      counts,
    );
    const rows = table<Listed>(
      [
        { head: t("file"), cell: (r) => r.file },
        { head: t("row"), cell: (r) => r.row, number: true },
        { head: t("column"), cell: (r) => r.column },
        { head: t("what"), cell: (r) => either(r.zh, r.en) },
      ],
      listed.slice(0, MOST),
    );
    const hashes = table<[string, string]>([{ head: t("file"), cell: (r) => r[0] }, { head: "SHA-256", cell: (r) => h("code", {}, r[1].slice(0, 16)) }], Object.entries(inputs));
    const stages = table<[string, number]>([{ head: t("timings"), cell: (r) => r[0] }, { head: "ms", cell: (r) => count(r[1]), number: true }], Object.entries(timings_ms));
    return [
      dropZone(s),
      files,
      h("h3", {}, `${t("listed")}（${count(listed.length)}）`),
      listed.length > 0 ? rows : h("p", { class: "quiet" }, t("noListed")),
      precision(s),
      ...(notes.length > 0 ? [h("h3", {}, t("notes")), h("ul", {}, ...notes.map(([zh, en]) => h("li", {}, either(zh, en))))] : []),
      h("h3", {}, t("provenance")),
      hashes,
      stages,
    ];
  },
};
