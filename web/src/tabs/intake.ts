// 新名册: the drop, the mapping of headings, problem rows, addresses to confirm, duplicates, data quality by township.

import type { Listed } from "../data";
import type { ColumnGuess, DatumPanel, Duplicate, FilePreview, PlaceQuestion, Preview, TownshipQuality } from "../drop";
import { button, h, table } from "../dom";
import { count, percent } from "../format";
import { accept, confirm, drop, forget, forgetOne, map as mapColumn, merge } from "../intake";
import type { State } from "../store";
import { code, currentLanguage, either, t } from "../words";

const MOST = 200;

export function dropZone(s: State): HTMLElement {
  const picker = h("input", { type: "file", multiple: true, accept: ".xlsx,.csv", id: "files", class: "hidden" });
  picker.addEventListener("change", () => drop([...(picker.files ?? [])]));
  const zone = h("div", { class: "dropzone", id: "drop" }, h("span", {}, t("dropHere")), button(t("chooseFiles"), () => picker.click()), picker);
  const over = (on: boolean) => (event: Event): void => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    drop([...(event.dataTransfer?.files ?? [])]);
  });
  const busy = s.intakeBusy ? h("p", { role: "status" }, `${t("reading")} ${s.intakeBusy.done}/${s.intakeBusy.total}`) : null;
  const fault = s.intakeFault ? h("p", { class: "fault", role: "alert" }, s.intakeFault) : null;
  return h("div", {}, zone, busy, fault);
}

/** A sentence without the file, row and column that stand beside it. */
function short(file: string, zh: string, en: string): string {
  const whole = either(zh, en);
  const [, ...rest] = whole.split(/：|: /);
  return whole.startsWith(file) && rest.length > 0 ? whole.slice(whole.search(/：|: /) + 1).trim() : whole;
}

function files(p: Preview): HTMLElement {
  return table<FilePreview>(
    [
      { head: t("file"), cell: (f) => (f.fault ? h("span", { class: "fault" }, `${f.file}：${short(f.file, f.fault.zh, f.fault.en)}`) : f.file) },
      { head: t("rowsIn"), cell: (f) => count(f.rows_in), number: true },
      { head: t("kept"), cell: (f) => count(f.kept), number: true },
      { head: t("listed"), cell: (f) => count(f.listed), number: true },
      { head: "", cell: (f) => button("×", () => forgetOne(f.file), { class: "plain", "aria-label": `${t("remove")} ${f.file}` }) },
    ],
    p.files,
    { foot: [t("total"), count(p.rows_in), count(p.kept), count(p.listed)] },
  );
}

function guess(s: State, file: FilePreview, column: ColumnGuess): HTMLElement {
  const box = h(
    "select",
    { "aria-label": `${file.file} ${column.heading}` },
    h("option", { value: "", selected: column.field === null }, t("ignored")),
    ...s.fields.map((f) => h("option", { value: f.field, selected: f.field === column.field }, currentLanguage() === "zh" ? f.zh : f.field)),
  );
  box.addEventListener("change", () => mapColumn(file.file, column.heading, box.value || null));
  return box;
}

function mappings(s: State, p: Preview): Node[] {
  const readable = p.files.filter((f) => f.sheets.length > 0);
  return readable.map((file) =>
    h(
      "details",
      { "data-key": `map-${file.file}`, ...(readable.length === 1 ? { open: true } : {}) },
      h("summary", {}, `${file.file} · ${file.sheets.map((x) => (x.header_row > 0 ? `${t("headRow")} ${x.header_row}` : t("noHead"))).join("、")}`),
      ...file.sheets.map((sheet) =>
        table<ColumnGuess>(
          [
            { head: sheet.sheet || t("heading"), cell: (c) => c.heading },
            { head: t("means"), cell: (c) => guess(s, file, c) },
            { head: "", cell: (c) => (c.remembered ? t("remembered") : c.field === null ? t("unread") : t("guessed")) },
          ],
          sheet.columns,
        ),
      ),
    ),
  );
}

function problems(p: Preview): Node[] {
  if (p.problems.length === 0) return [h("p", { class: "quiet" }, t("noListed"))];
  const affected = [...new Set(p.problems.map((r) => r.file))];
  return [
    table<Listed>(
      [
        { head: `${t("file")} · ${t("sheetCol")}`, cell: (r) => [r.file, r.sheet].filter(Boolean).join(" · ") },
        { head: t("row"), cell: (r) => r.row, number: true },
        { head: t("column"), cell: (r) => h("span", { class: "whole" }, r.column) },
        { head: t("what"), cell: (r) => short(r.file, r.zh, r.en) },
      ],
      p.problems.slice(0, MOST),
    ),
    h("p", {}, `${t("sendBack")}：`, ...affected.map((file) => h("a", { href: `/intake/problems?file=${encodeURIComponent(file)}`, download: `退回-${file.replace(/\.[^.]*$/, "")}.xlsx`, class: "chip" }, file))),
  ];
}

function question(q: PlaceQuestion): HTMLElement {
  const pin = async (): Promise<void> => {
    const [lon, lat] = (await import("../map")).centre();
    confirm(q.township, q.text, { lon, lat });
  };
  return h(
    "div",
    { class: "question" },
    h("div", {}, h("strong", {}, q.text || "–"), ` · ${q.township} · ${count(q.rows)} ${t("people")}`),
    h(
      "div",
      { class: "chips" },
      ...q.candidates.slice(0, 3).map((c) => button(`${c.township === q.township ? "" : c.township}${c.name}`, () => confirm(q.township, q.text, { code: c.code }), { class: "chip" })),
      button(t("pinHere"), () => void pin(), { class: "chip plain" }),
    ),
  );
}

function datum(panels: DatumPanel[]): Node[] {
  const warned = panels.filter((d) => d.warns);
  return warned.map((d) => h("p", { class: "warning", role: "alert" }, either(d.sentence.zh, d.sentence.en)));
}

function duplicate(d: Duplicate): HTMLElement {
  const ids = d.rows.map((r) => r.id).filter((id): id is string => id !== null);
  const [keep, gone] = ids;
  return h(
    "div",
    { class: "question" },
    h("div", {}, h("strong", {}, code(d.kind)), ` · ${d.rows.map((r) => `${r.name}（${r.file} ${r.row}）`).join(" ｜ ")}`),
    keep !== undefined && gone !== undefined && d.kind !== "same_household" ? h("div", { class: "chips" }, button(t("mergeThem"), () => merge(keep, gone), { class: "chip" })) : null,
  );
}

function quality(rows: TownshipQuality[]): HTMLElement {
  const ranked = [...rows].sort((a, b) => a.score - b.score || a.township.localeCompare(b.township, "zh"));
  return table<TownshipQuality>(
    [
      { head: t("township"), cell: (q) => q.township || "–" },
      { head: t("score"), cell: (q) => h("strong", {}, q.score), number: true },
      { head: t("locatedShare"), cell: (q) => percent(q.located, q.kept), number: true },
      { head: t("toConfirm"), cell: (q) => count(q.to_confirm), number: true },
      { head: t("farRoads"), cell: (q) => count(q.far_from_roads), number: true },
      { head: t("duplicatesN"), cell: (q) => count(q.duplicates), number: true },
      { head: t("idProblems"), cell: (q) => count(q.id_problems), number: true },
      { head: t("stale"), cell: (q) => count(q.stale_assessment), number: true },
      { head: t("ownAssessor"), cell: (q) => count(q.assessed_by_provider), number: true },
    ],
    ranked,
  );
}

/** The dropped files as they read now. */
export function intakePanel(s: State, p: Preview): Node[] {
  const head = (word: Parameters<typeof t>[0], n: number): HTMLElement => h("h3", {}, `${t(word)}（${count(n)}）`);
  return [
    h("div", { class: "buttons" }, button(t("takeIn"), accept, { id: "take-in", disabled: p.refusal !== null || p.kept === 0 }), button(t("forgetDrop"), forget)),
    ...(p.refusal ? [h("p", { class: "fault", role: "alert" }, either(p.refusal.zh, p.refusal.en))] : []),
    ...datum(p.datum),
    h("div", { class: "names" }, files(p)),
    ...(p.questions.length > 0 ? [head("confirmTitle", p.questions.length), h("p", { class: "quiet" }, t("confirmTip")), ...p.questions.slice(0, MOST).map(question)] : []),
    head("problemsTitle", p.problems.length),
    ...problems(p),
    ...(p.duplicates.length > 0 ? [head("duplicatesTitle", p.duplicates.length), ...p.duplicates.slice(0, MOST).map(duplicate)] : []),
    h("h3", {}, t("qualityTitle")),
    quality(p.townships),
    h("h3", {}, t("mappingTitle")),
    ...mappings(s, p),
    ...(p.remarks.length > 0
      ? [head("remarksTitle", p.remarks.length), table<Listed>([{ head: t("file"), cell: (r) => r.file }, { head: t("row"), cell: (r) => r.row, number: true }, { head: t("column"), cell: (r) => r.column }, { head: t("what"), cell: (r) => short(r.file, r.zh, r.en) }], p.remarks.slice(0, MOST))]
      : []),
  ];
}
