// Opens the page of a served plan in Chromium. CAREGRID_URL names a running server; without it the built program serves
// CAREGRID_PLAN (the sample plan of `make demo` by default) on a free port.

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const program = process.env.CAREGRID_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release", "caregrid");
const plan = process.env.CAREGRID_PLAN ?? join(root, "demo-plan");
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why the test cannot run here, or null. */
export function missing() {
  if (!existsSync(chromium)) return `Chromium is missing at ${chromium}: apt-get install chromium, or set CHROMIUM.`;
  if (process.env.CAREGRID_URL) return null;
  if (!existsSync(program)) return `${program} is missing: cargo build --release.`;
  if (!existsSync(join(plan, "plan.json"))) return `There is no plan in ${plan}: make demo ARGS=--no-serve, or set CAREGRID_PLAN.`;
  return null;
}

/** The address of a served plan and how to stop serving it. */
export async function served() {
  if (process.env.CAREGRID_URL) return { url: process.env.CAREGRID_URL, stop: () => {} };
  // What is dropped or planned in a test must not stay beside the plan.
  const folder = mkdtempSync(join(tmpdir(), "caregrid-page-"));
  cpSync(plan, join(folder, "plan"), { recursive: true });
  const child = spawn(program, ["serve", join(folder, "plan"), "--port", "0", "--county", join(folder, "county")], { stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise((resolve, reject) => {
    let text = "";
    child.stderr.on("data", (piece) => {
      text += piece;
      const found = /http:\/\/\S+\//.exec(text);
      if (found) resolve(found[0]);
    });
    child.on("exit", () => reject(new Error(`the server ended: ${text}`)));
  });
  const stop = () => {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

/** A browser with software WebGL, as on a machine without a graphics card. */
export async function browser() {
  const at = createRequire(join(root, "web", "package.json")).resolve("puppeteer-core");
  const { default: puppeteer } = await import(pathToFileURL(at).href);
  return puppeteer.launch({
    executablePath: chromium,
    args: ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"],
  });
}

/** A page of 1366x768 with the map drawn; `said` collects errors and requests that leave the server. */
export async function openPage(on, url) {
  const page = await on.newPage();
  const said = [];
  await page.setViewport({ width: 1366, height: 768 });
  await page.evaluateOnNewDocument(() => {
    window.print = () => {};
  });
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("console", (line) => line.type() === "error" && said.push(line.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) said.push(`outside request ${request.url()}`);
  });
  const began = Date.now();
  await page.goto(url, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(".door", { timeout: 30_000 });
  const painted = Date.now() - began;
  await page.waitForSelector('.map[data-ready="true"]', { timeout: 90_000 });
  return { page, said, painted };
}

export const tab = (page, name) => page.click(`[data-tab="${name}"]`);
export const text = (page, selector) => page.$eval(selector, (e) => e.textContent);
