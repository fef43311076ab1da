// What the server keeps beside the plan: scenarios, plans made anew, and remedies; asked for when a tab needs them.

import { change, get, Refusal } from "./data";
import type { Comparison, Job, PlanEntry, Remedy, RepairRequest, Scenario } from "./data";
import { state, update } from "./store";
import type { State } from "./store";
import { either } from "./words";

/** Runs `work`; a refusal becomes a sentence above the list. Answers whether it was done. */
async function told(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    if (state().deskFault) update({ deskFault: null });
    return true;
  } catch (error) {
    update({ deskFault: error instanceof Refusal ? either(error.zh, error.en) : String(error) });
    return false;
  }
}

let asked = false;

/** Reads scenarios and plans once; changes keep them up to date. */
export function refreshDesk(): void {
  if (asked) return;
  asked = true;
  void told(async () => {
    const [{ scenarios }, { plans }, { jobs }] = await Promise.all([
      get<{ scenarios: Scenario[] }>("/scenarios"),
      get<{ plans: PlanEntry[] }>("/plans"),
      get<{ jobs: Job[] }>("/jobs"),
    ]);
    const running = jobs.find((j) => j.status === "running") ?? null;
    update({ scenarios, plans, job: running ?? state().job });
    if (running) void watch(running.jobID);
  });
}

async function lay(): Promise<void> {
  const { sideA, sideB } = state();
  if (sideA === sideB) return update({ comparison: null });
  const comparison = await get<Comparison>(`/compare?a=${sideA}&b=${sideB}`);
  if (state().sideA === sideA && state().sideB === sideB) update({ comparison });
}

/** Chooses what stands beside what. */
export function pick(sides: Partial<Pick<State, "sideA" | "sideB">>): void {
  update(sides);
  void told(lay);
}

function taken(scenarios: Scenario[]): void {
  const known = new Set(["plan", ...scenarios.map((x) => String(x.id))]);
  const { sideA, sideB } = state();
  update({ scenarios, sideA: known.has(sideA) ? sideA : "plan", sideB: known.has(sideB) ? sideB : "plan" });
}

async function again(): Promise<void> {
  taken((await get<{ scenarios: Scenario[] }>("/scenarios")).scenarios);
  await lay();
}

/** Keeps the trial under a name, and lays it beside the plan. */
export function keepTrial(name: string): Promise<boolean> {
  return told(async () => {
    const { open, ...rest } = state().edits;
    const kept = await change<Scenario>("POST", "/scenarios", { name, edits: open ? { open, ...rest } : rest });
    update({ sideA: "plan", sideB: String(kept.id) });
    await again();
  });
}

export function removeScenario(id: number): Promise<boolean> {
  return told(async () => {
    await change("DELETE", `/scenarios/${id}`);
    await again();
  });
}

export function turn(way: "undo" | "redo"): Promise<boolean> {
  return told(async () => {
    taken((await change<{ scenarios: Scenario[] }>("POST", `/scenarios/${way}`)).scenarios);
    await lay();
  });
}

/** Makes the plan anew; the page stays on the old one until a person adopts the new. */
export function makePlan(month: string, outlets: { outlets?: number; scenario?: number }, follow: boolean, source: "plan" | "county" = "plan"): Promise<boolean> {
  return told(async () => {
    const job = await change<Job>("POST", "/jobs", { month, follow, source, ...outlets });
    update({ job });
    await watch(job.jobID);
  });
}

/** Re-plans with few changes; the page stays on the old plan until a person adopts the new. */
export function repairPlan(request: RepairRequest): Promise<boolean> {
  return told(async () => {
    const job = await change<Job>("POST", "/jobs", request);
    update({ job });
    await watch(job.jobID);
  });
}

async function watch(id: string): Promise<void> {
  for (;;) {
    const job = await get<Job>(`/jobs/${id}`);
    update({ job });
    if (job.status !== "running") break;
    await new Promise((done) => setTimeout(done, 400));
  }
  update({ plans: (await get<{ plans: PlanEntry[] }>("/plans")).plans });
}

export function cancelPlan(): Promise<boolean> {
  return told(async () => {
    const { job } = state();
    if (job) await change("DELETE", `/jobs/${job.jobID}`);
  });
}

export function adopt(id: string): Promise<boolean> {
  return told(async () => {
    const back = id === planBefore();
    const before = state().county.summary.id;
    await change("PUT", "/plans/current", { id });
    if (back) sessionStorage.removeItem(BEFORE);
    else sessionStorage.setItem(BEFORE, before);
    location.reload();
  });
}

const BEFORE = "plan-before";

/** The plan that was on the page before a person took over another; null once it is on the page again. */
export function planBefore(): string | null {
  return sessionStorage.getItem(BEFORE);
}

let sought = false;

/** Reads the remedies of all gaps once. */
export function seekRemedies(): void {
  if (sought) return;
  sought = true;
  void told(async () => {
    const { remedies } = await get<{ remedies: Remedy[] }>("/remedies");
    update({ remedies: new Map(remedies.map((r) => [r.client, r])) });
  });
}
