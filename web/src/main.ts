// Entry: read the plan, build the page.

import "./style.css";
import { load, Refusal } from "./data";
import { open } from "./frame";
import { start } from "./store";
import { either, setLanguage, t } from "./words";

async function main(): Promise<void> {
  const root = document.getElementById("page");
  if (!root) return;
  setLanguage("zh");
  root.textContent = `${t("loading")} …`;
  try {
    start(await load(false));
    open(root);
  } catch (error) {
    root.textContent = t("failed") + (error instanceof Refusal ? either(error.zh, error.en) : String(error));
  }
}

void main();
