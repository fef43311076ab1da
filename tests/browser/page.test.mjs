// The page in a real browser, against a served plan.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser, missing, openPage, served, tab, text } from "./serve.mjs";

const why = missing();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const numberIn = (words) => Number(words.replaceAll(",", "").match(/\d+/)?.[0]);

describe("the page", { skip: why ?? false }, () => {
  let chrome, server, page, said, painted, summary;

  // The panel may be drawn anew between a press and its release, so the element that stands there now is pressed.
  const press = (selector) => page.$eval(selector, (element) => element.click());

  before(async () => {
    server = await served();
    chrome = await browser();
    ({ page, said, painted } = await openPage(chrome, server.url));
    summary = await page.evaluate(() => fetch("/plans/current/summary").then((r) => r.json()));
  });

  after(async () => {
    await chrome?.close();
    server?.stop();
  });

  test("the three numbers are the plan's", async () => {
    console.log(`first paint with numbers after ${painted} ms`);
    const big = (id) => text(page, `#${id} .big`);
    assert.equal(await big("door-served"), `${summary.clients_served.toLocaleString("en-US")} / ${summary.clients_total.toLocaleString("en-US")}`);
    assert.equal(numberIn(await big("door-outlets")), summary.outlets);
    assert.equal(numberIn(await big("door-gaps")), summary.clients_total - summary.clients_served);
  });

  test("the map names its sources and that it is not for publication", async () => {
    const credit = await text(page, ".credit");
    assert.match(credit, /© OpenStreetMap contributors/);
    assert.match(credit, /内部资料，未经审图，不得公开/);
    assert.equal(/示例数据/.test(credit), summary.synthetic);
  });

  test("the township table adds up to the plan", async () => {
    const foot = await page.$$eval("tfoot td", (cells) => cells.map((c) => c.textContent));
    assert.equal(numberIn(foot[1]), summary.clients_total);
    assert.equal(numberIn(foot[2]), summary.clients_served);
  });

  test("the causes of the gap list add up, and a row opens its person", async () => {
    await press("#door-gaps");
    const chips = await page.$$eval(".chip", (list) => list.map((c) => Number(c.textContent.replaceAll(",", "").match(/\d+$/)[0])));
    assert.equal(chips[0], summary.clients_total - summary.clients_served);
    assert.equal(chips.slice(1).reduce((a, b) => a + b, 0), chips[0]);
    if (chips[0] > 0) {
      await press(".panel tbody tr");
      await page.waitForSelector(".card:not([hidden])");
      assert.equal(await page.$$eval('.panel tr[aria-selected="true"]', (rows) => rows.length), 1);
    }
  });

  test("every tab opens by keyboard and shows English at the switch", async () => {
    await page.click("#language");
    for (const name of ["overview", "siting", "gapTab", "grids", "calendar", "data", "scenarioTab", "report"]) {
      await page.focus(`[data-tab="${name}"]`);
      await page.keyboard.press("Enter");
      assert.match(await text(page, ".panel h2"), /^[A-Z][a-z ]+$/, name);
    }
    await page.click("#language");
    assert.equal(await text(page, ".panel h2"), "报告");
  });

  test("names from rosters never become markup", async () => {
    await tab(page, "calendar");
    await page.waitForSelector(".month");
    assert.equal(await page.$$eval(".panel td *:not(button):not(div):not(i):not(code)", (list) => list.length), 0);
  });

  test("a day sheet has five boxes a visit and a line to sign", async () => {
    await tab(page, "calendar");
    await page.waitForSelector("#print-day:not(:disabled)");
    await press("#print-day");
    await page.waitForSelector("#sheets .visit");
    const visits = await page.$$eval("#sheets .visit", (list) => list.map((v) => [v.querySelectorAll(".box").length, v.querySelectorAll(".sign").length]));
    assert.ok(visits.length > 0);
    assert.ok(visits.every(([boxes, lines]) => boxes === 5 && lines === 1));
    const sheets = await page.$$eval("#sheets .sheet", (list) => list.length);
    const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, sheets, "one A5 page a sheet");
    await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  });

  test("dragging an outlet moves numbers under the hand, and undo brings the plan back", async () => {
    await tab(page, "siting");
    const before = await text(page, "#door-served");
    const box = await (await page.$(".pin")).boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.tracing.start({ categories: ["devtools.timeline"] });
    for (let step = 1; step <= 30; step += 1) await page.mouse.move(x + 4 * step, y + 2 * step);
    const trace = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
    await page.mouse.up();
    await page.waitForFunction((was) => document.querySelector("#door-served").textContent !== was, { timeout: 15_000 }, before);
    await page.waitForSelector("#undo:not(:disabled)");
    const drags = await page.evaluate(() => performance.getEntriesByName("drag event").map((m) => m.duration));
    const paints = await page.evaluate(() => performance.getEntriesByName("trial shown").map((m) => m.duration));
    console.log(`drag event: ${drags.length} events, median ${median(drags).toFixed(2)} ms; answer shown: ${paints.length}, median ${median(paints).toFixed(2)} ms`);
    // What the browser itself says the script of each move took of the processor, all listeners included.
    const moves = trace.traceEvents.filter((e) => e.name === "EventDispatch" && e.args?.data?.type === "mousemove").map((e) => (e.tdur ?? e.dur) / 1000);
    console.log(`in the trace: ${moves.length} mousemove events over ${summary.clients_total} clients, median ${median(moves).toFixed(2)} ms, slowest ${Math.max(...moves).toFixed(2)} ms`);
    assert.ok(moves.length >= 30 && drags.length >= 30);
    await press("#undo");
    await page.waitForFunction((was) => document.querySelector("#door-served").textContent === was, { timeout: 5_000 }, before);
  });

  test("names are masked until a person asks for them", async () => {
    await tab(page, "gapTab");
    const names = () => page.$$eval(".panel tbody tr td:first-child", (cells) => cells.map((c) => c.textContent));
    const masked = await names();
    assert.ok(masked.length > 0 && masked.every((n) => /^(.\*|[A-Za-z0-9_-]+)$/u.test(n)), masked.slice(0, 3).join());
    await press("#names");
    await page.waitForSelector('#names[aria-pressed="true"]');
    assert.notDeepEqual(await names(), summary.synthetic ? masked : []);
    await press("#names");
    await page.waitForSelector('#names[aria-pressed="false"]');
    assert.deepEqual(await names(), masked);
  });

  test("a gap's remedy is tried at one press, and says truly how many it reaches", async () => {
    await tab(page, "gapTab");
    await page.waitForFunction(() => document.querySelectorAll(".panel tbody tr td:last-child")[0]?.textContent !== "", { timeout: 30_000 });
    const button = await page.$(".try");
    if (!button) return;
    const said = numberIn((await button.evaluate((b) => b.parentElement.textContent)).match(/（([\d,]+)/)[1]);
    await button.press("Enter");
    await page.waitForSelector("#undo:not(:disabled)");
    await page.waitForFunction(() => /新进圈 \d/.test(document.querySelector(".panel").textContent), { timeout: 15_000 });
    const gained = numberIn((await text(page, ".panel")).match(/新进圈 ([\d,]+)/)[1]);
    assert.ok(gained >= said, `${gained} gained, ${said} promised`);
    await press("#reset");
    await page.waitForSelector("#reset:disabled");
  });

  test("a trial is kept as a scenario, laid beside the plan, and undone", async () => {
    await tab(page, "siting");
    await page.focus(".pin");
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => /出圈|新进圈|圈内人员不变/.test(document.querySelector(".panel").textContent), { timeout: 15_000 });
    await tab(page, "scenarioTab");
    await page.type('input[name="scenario"]', "关一处");
    await press("#keep-trial");
    await page.waitForFunction(() => /满意/.test(document.querySelector(".panel").textContent), { timeout: 15_000 });
    const board = await page.$$eval(".panel tr", (rows) => rows.map((r) => [...r.children].map((c) => c.textContent)));
    const line = (name) => board.find((r) => r[1]?.startsWith(name));
    assert.equal(numberIn(line("网点（处）")[2]), summary.outlets);
    assert.equal(numberIn(line("网点（处）")[3]), summary.outlets - 1);
    assert.equal(numberIn(line("网点圈内（人）")[2]), summary.clients_in_outlet_circle);
    const [scenario] = (await page.evaluate(() => fetch("/scenarios").then((r) => r.json()))).scenarios;
    await page.select(`select:has(option[value="${scenario.id}"]):has(option[value=""])`, String(scenario.id));
    await press("#make-plan");
    await page.waitForSelector("#cancel-plan");
    await page.waitForFunction(() => [...document.querySelectorAll(".panel button")].some((b) => b.textContent === "采用"), { timeout: 120_000 });
    const { plans } = await page.evaluate(() => fetch("/plans").then((r) => r.json()));
    assert.equal(plans.length, 2);
    assert.equal(plans.find((p) => !p.current).outlets, summary.outlets - 1, "the plan opens what the scenario opens");
    await press("#undo-scenario");
    await page.waitForFunction(() => /还没有保存的情景/.test(document.querySelector(".panel").textContent), { timeout: 5_000 });
    await tab(page, "siting");
    await press("#reset");
    await page.waitForSelector("#reset:disabled");
  });

  test("dropped rosters show their counts, their mapping and every row that was not used", async () => {
    await tab(page, "data");
    const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "data", "sample", "clients");
    const files = readdirSync(folder).filter((f) => f.endsWith(".xlsx")).sort().slice(0, 2).map((f) => join(folder, f));
    const input = await page.$("#files");
    await input.uploadFile(...files);
    await page.waitForSelector("#take-in", { timeout: 60_000 });
    const foot = await page.$$eval(".panel tfoot td", (cells) => cells.map((c) => Number(c.textContent.replaceAll(",", ""))));
    assert.ok(foot[1] > 0);
    assert.equal(foot[1], foot[2] + foot[3], "rows in = kept + listed");
    const mapped = await page.$$eval(".panel details select", (list) => list.map((s) => s.value));
    assert.ok(mapped.filter((v) => v !== "").length > 10, mapped.join());
    const forget = async () => {
      await page.evaluate(() => [...document.querySelectorAll(".panel button")].find((b) => b.textContent === "清空重来").click());
      await page.waitForFunction(() => !document.querySelector("#take-in"), { timeout: 10_000 });
    };
    await forget();
    if (!summary.synthetic) return;
    // One row that is wrong, and one whose village could be two.
    const small = join(mkdtempSync(join(tmpdir(), "caregrid-drop-test-")), "郭城驿镇.csv");
    writeFileSync(small, "编号,姓名,类别,自理能力,乡镇,村,经度,纬度\nT1,示例甲,没有的类别,半护理,郭城驿镇,红堡子村,105.0,36.2\nT2,示例乙,经济困难老年人,全自理,郭城驿镇,羊营村,,\n");
    await (await page.$("#files")).uploadFile(small);
    await page.waitForSelector(".question .chip", { timeout: 60_000 });
    assert.match(await text(page, ".panel"), /未采用的行（1）/);
    await press(".question .chip");
    await page.waitForFunction(() => !document.querySelector(".question"), { timeout: 30_000 });
    await forget();
  });

  test("making a plan anew shows progress and stops when it is cancelled", async () => {
    await tab(page, "scenarioTab");
    await press("#make-plan");
    await page.waitForSelector("#cancel-plan");
    await press("#cancel-plan");
    await page.waitForFunction(() => /已取消/.test(document.querySelector(".panel").textContent), { timeout: 60_000 });
    const plans = await page.evaluate(() => fetch("/plans").then((r) => r.json()));
    assert.equal(plans.plans.length, 2, "what was cancelled is no plan");
  });

  test("a caregiver falls ill: what would move is shown before it is taken, and the plan on the page stays", async () => {
    await tab(page, "calendar");
    const caregivers = (await page.evaluate(() => fetch("/collections/caregivers/items?limit=10000").then((r) => r.json()))).features;
    const busy = caregivers.map((f) => f.properties).sort((a, b) => b.visits - a.visits)[0];
    await page.select(".panel select", busy.id);
    await page.waitForSelector("#repair");
    const day = summary.working_days[7];
    await page.$eval('input[name="date"]', (box, value) => { box.value = value; box.dispatchEvent(new Event("change")); }, day);
    await page.$eval('input[name="until"]', (box, value) => { box.value = value; box.dispatchEvent(new Event("change")); }, summary.working_days[9]);
    await press("#repair");
    await page.waitForSelector("#repaired", { timeout: 120_000 });
    const [job] = (await page.evaluate(() => fetch("/jobs").then((r) => r.json()))).jobs.filter((j) => j.changes);
    assert.equal(job.status, "successful");
    assert.ok(job.changes.lost > 0, "the busiest caregiver has visits on three days");
    assert.ok(job.changes.moves.every((m) => (m.was_date ?? day) >= day && (m.now_date ?? day) >= day), "days before stay");
    const told = await text(page, "#repaired");
    assert.ok(told.includes(job.changes.moved.toLocaleString("en-US")), told);
    const plans = await page.evaluate(() => fetch("/plans").then((r) => r.json()));
    assert.equal(plans.plans.length, 3);
    assert.notEqual(plans.current, job.plan, "only a person puts it on the page");
  });

  test("an outlet moves by arrow keys alone", async () => {
    await tab(page, "siting");
    await page.focus(".pin");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector("#reset:not(:disabled)");
    await press("#reset");
    await page.waitForSelector("#reset:disabled");
  });

  test("what-ifs answer one after the other, and their time is told", async () => {
    const ask = async (path, body) => {
      const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
      const answer = await fetch(new URL(path, server.url), options);
      assert.ok(answer.ok, `${path} says ${answer.status}`);
      return answer.json();
    };
    const outlets = (await ask("/collections/outlets/items?limit=10000")).features;
    const open = outlets.find((o) => o.properties.open);
    const [lon, lat] = open.geometry.coordinates;
    // The map's software drawing must not compete for the processor while the server is timed.
    await page.goto("about:blank");
    const took = [];
    for (let i = 0; i < 25; i += 1) {
      const began = performance.now();
      await ask("/whatif", { move: [{ outlet: open.properties.id, lon: lon + 0.0007 * (i % 5), lat: lat + 0.0005 * i }] });
      took.push(performance.now() - began);
    }
    console.log(`what-if through HTTP: median ${median(took).toFixed(1)} ms, slowest ${Math.max(...took).toFixed(1)} ms of ${took.length}`);
    assert.equal(took.length, 25);
  });

  test("the plan's own outlets, asked as a what-if, give the plan's numbers", async () => {
    const answer = await fetch(new URL("/whatif", server.url), { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    const same = await answer.json();
    assert.equal(same.changed.length, 0);
    assert.deepEqual([same.served, same.in_outlet_circle, same.outlets], [summary.clients_served, summary.clients_in_outlet_circle, summary.outlets]);
  });

  test("nothing failed and nothing left the machine", () => {
    assert.deepEqual(said, []);
  });
});
