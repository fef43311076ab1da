// Takes the pictures of docs/pictures/: node tests/browser/pictures.mjs FOLDER PREFIX

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { indexed } from "./palette_png.mjs";
import { browser, missing, openPage, served, tab } from "./serve.mjs";

const [folder, prefix = "sample"] = process.argv.slice(2);
const why = missing();
if (why || !folder) {
  console.error(why ?? "name a folder for the pictures.");
  process.exit(2);
}
const server = await served();
const chrome = await browser();
const { page, said } = await openPage(chrome, server.url);
const keep = async (of, name) => writeFile(join(folder, `${prefix}-${name}.png`), await indexed(chrome, await of.screenshot()));
const take = async (name) => {
  await new Promise((done) => setTimeout(done, 1500));
  await keep(page, name);
};
await take("map");
await tab(page, "gapTab");
await take("gaps");
await tab(page, "siting");
const box = await (await page.$(".pin")).boundingBox();
await page.mouse.move(box.x + 12, box.y + 12);
await page.mouse.down();
for (let step = 1; step <= 12; step += 1) await page.mouse.move(box.x + 12 + 6 * step, box.y + 12 + 3 * step);
await page.mouse.up();
await take("siting");
await page.click("#reset");
await tab(page, "grids");
await take("grids");
await tab(page, "calendar");
await page.waitForSelector("#print-day:not(:disabled)");
await take("month");
await page.click("#print-day");
await page.setViewport({ width: 560, height: 794 });
await page.emulateMediaType("print");
await keep(page, "day-sheet");
await page.emulateMediaType("screen");
const report = await chrome.newPage();
await report.setViewport({ width: 900, height: 1273 });
const answer = await report.goto(`${server.url}plans/current/report`, { waitUntil: "load" });
if (answer.ok()) await keep(report, "report");
for (const line of said) console.error(line);
await chrome.close();
server.stop();
