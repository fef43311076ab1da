// Takes the pictures of docs/pictures/: node tests/browser/pictures.mjs FOLDER PREFIX [DROP], DROP a folder of rosters to drop on the page

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { indexed } from "./palette_png.mjs";
import { browser, missing, openPage, served, tab } from "./serve.mjs";

const [folder, prefix = "sample", drop] = process.argv.slice(2);
const why = missing();
if (why || !folder) {
  console.error(why ?? "name a folder for the pictures.");
  process.exit(2);
}
const server = await served();
const chrome = await browser();
const { page, said } = await openPage(chrome, server.url);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const keep = async (of, name) => writeFile(join(folder, `${prefix}-${name}.png`), await indexed(chrome, await of.screenshot()));
const take = async (name) => {
  await pause(1500);
  await keep(page, name);
};
// The panel may be drawn anew between a press and its release, so the element that stands there now is pressed.
const press = (selector) => page.$eval(selector, (element) => element.click());
const scrollTo = (title) => page.evaluate((t) => [...document.querySelectorAll(".panel h3")].find((h) => h.textContent.startsWith(t))?.scrollIntoView(), title);

await page.click("#names");
await page.waitForSelector('#names[aria-pressed="true"]');
await take("map");
await tab(page, "gapTab");
await page.waitForFunction(() => document.querySelector(".panel tbody td:last-child")?.textContent !== "", { timeout: 60_000 });
// The first gap that an outlet would close, else the first.
await page.evaluate(() => (document.querySelector(".try")?.closest("tr") ?? document.querySelector(".panel tbody tr"))?.click());
await take("gaps");
await page.evaluate(() => document.querySelector(".card button")?.click());
await press("#gap-visits");
await take("unplaced");
await press("#gap-hires");
await take("hires");
await press("#gap-people");
await tab(page, "siting");
const box = await (await page.$(".pin")).boundingBox();
await page.mouse.move(box.x + 11, box.y + 11);
await page.mouse.down();
for (let step = 1; step <= 12; step += 1) await page.mouse.move(box.x + 11 + 6 * step, box.y + 11 + 3 * step);
await page.mouse.up();
await take("siting");
await tab(page, "scenarioTab");
await page.waitForSelector("#keep-trial:not(:disabled)");
await page.type('input[name="scenario"]', "一号网点东移");
await press("#keep-trial");
await page.waitForFunction(() => /满意/.test(document.querySelector(".panel").textContent), { timeout: 30_000 });
await take("scenarios");
await press("#undo-scenario");
await tab(page, "siting");
await press("#reset");
await tab(page, "grids");
await take("grids");
await tab(page, "calendar");
await page.waitForSelector("#print-day:not(:disabled)");
await page.evaluate(() => [...document.querySelectorAll(".day")].find((d) => d.querySelector("b"))?.click());
await take("month");
await page.evaluate(() => document.querySelector(".panel tbody tr")?.click());
await press("#by-client");
await page.waitForSelector("#client-month");
await take("client");
// A client is forbidden to their caregiver: what it costs is told before it is taken.
await tab(page, "grids");
await press("#forbid");
await press("#try-locks");
await page.waitForSelector("#take-changes", { timeout: 120_000 });
await scrollTo("人工锁定");
await take("locks");
await press("#reset-locks");
await tab(page, "calendar");
await press("#by-caregiver");
await page.waitForSelector("#print-day:not(:disabled)");
// The caregiver is ill for three days of the second week.
const { working_days: days } = await page.evaluate(() => fetch("/plans/current/summary").then((r) => r.json()));
for (const [name, value] of [["date", days[7]], ["until", days[9]]]) {
  await page.$eval(`input[name="${name}"]`, (box, day) => { box.value = day; box.dispatchEvent(new Event("change")); }, value);
}
const told = await page.$eval("#repaired", (p) => p.textContent);
await press("#repair");
await page.waitForFunction((was) => ![was, undefined].includes(document.querySelector("#repaired")?.textContent), { timeout: 120_000 }, told);
await scrollTo("人员变动");
await take("repair");
if (drop) {
  await tab(page, "data");
  const files = readdirSync(drop).sort().map((f) => join(drop, f));
  await (await page.$("#files")).uploadFile(...files);
  await page.waitForSelector("#take-in", { timeout: 120_000 });
  await take("drop");
  await scrollTo("待确认");
  await take("confirm");
  await scrollTo("未采用的行");
  await take("problems");
  await page.evaluate(() => document.querySelectorAll(".panel details").forEach((d) => (d.open = true)));
  await scrollTo("表头对应");
  await take("mapping");
  await page.evaluate(() => [...document.querySelectorAll(".panel button")].find((b) => b.textContent === "清空重来").click());
  await tab(page, "calendar");
}
await press("#print-day");
await page.waitForSelector("#sheets .visit");
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
