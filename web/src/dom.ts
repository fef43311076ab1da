// Elements. Text only ever enters through textContent.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
  append(element, children);
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "number" ? String(child) : child);
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

export interface Column<Row> {
  head: string;
  cell: (row: Row) => Child;
  number?: boolean;
}

/** A table whose rows can be chosen with mouse and keyboard. */
export function table<Row>(
  columns: Column<Row>[],
  rows: Row[],
  options: { choose?: (row: Row) => void; chosen?: (row: Row) => boolean; foot?: Child[]; caption?: string; key?: (row: Row) => string } = {},
): HTMLTableElement {
  const kind = (c: Column<Row>): Attributes => (c.number ? { class: "number" } : {});
  const body = h("tbody");
  for (const row of rows) {
    const line = h("tr", {}, ...columns.map((c) => h("td", kind(c), c.cell(row))));
    if (options.key) line.dataset["key"] = options.key(row);
    const choose = options.choose;
    if (choose) {
      line.tabIndex = 0;
      line.classList.add("choice");
      line.addEventListener("click", () => choose(row));
      line.addEventListener("keydown", (event) => {
        // A button inside the row has keys of its own.
        if (event.target !== line) return;
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose(row);
        }
      });
    }
    if (options.chosen?.(row)) line.setAttribute("aria-selected", "true");
    body.append(line);
  }
  return h(
    "table",
    {},
    options.caption ? h("caption", {}, options.caption) : null,
    h("thead", {}, h("tr", {}, ...columns.map((c) => h("th", { scope: "col", ...kind(c) }, c.head)))),
    body,
    options.foot ? h("tfoot", {}, h("tr", {}, ...options.foot.map((f, i) => h("td", columns[i] ? kind(columns[i]) : {}, f)))) : null,
  );
}

export function button(text: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", click: () => press(), ...attributes }, text);
}

export function select(label: string, options: [string, string][], chosen: string, change: (value: string) => void): HTMLLabelElement {
  const box = h("select", {}, ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  box.addEventListener("change", () => change(box.value));
  return h("label", { class: "field" }, h("span", {}, label), box);
}
