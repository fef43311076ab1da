// Township files on their way in: dropped, read by the server, corrected here, taken in.

import { change, get, Refusal, upload } from "./data";
import type { Preview, MappingField } from "./drop";
import { makePlan } from "./desk";
import { state, update } from "./store";
import { either } from "./words";

async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    update({ intakeBusy: null, intakeFault: null });
  } catch (error) {
    update({ intakeBusy: null, intakeFault: error instanceof Refusal ? either(error.zh, error.en) : String(error) });
  }
}

async function read(): Promise<void> {
  const { preview, fields } = await get<{ preview: Preview; fields: MappingField[] }>("/intake");
  update({ preview, fields });
}

/** Sends files one by one and reads them. */
export function drop(files: File[]): void {
  void told(async () => {
    for (const [i, file] of files.entries()) {
      update({ intakeBusy: { done: i, total: files.length } });
      await upload(`/intake/files?name=${encodeURIComponent(file.name)}`, file);
    }
    update({ intakeBusy: { done: files.length, total: files.length } });
    await read();
  });
}

/** A correction, then the files as they read with it. */
function correct(path: string, body: unknown): void {
  void told(async () => {
    update({ intakeBusy: { done: 0, total: 1 } });
    await change("POST", path, body);
    await read();
  });
}

export function map(file: string, heading: string, field: string | null): void {
  correct("/intake/mapping", { file, columns: [[heading, field]] });
}

export function confirm(township: string, text: string, to: { code: string } | { lon: number; lat: number }): void {
  correct("/intake/place", { township, text, to });
}

export function merge(keep: string, gone: string): void {
  correct("/intake/duplicate", { keep, gone });
}

export function forgetOne(file: string): void {
  void told(async () => {
    await change("DELETE", `/intake/files?name=${encodeURIComponent(file)}`);
    await read();
  });
}

export function forget(): void {
  void told(async () => {
    await change("DELETE", "/intake/files");
    update({ preview: null });
  });
}

/** Takes the files in and makes a plan of them; the page stays on the old plan until the new one is adopted. */
export function accept(): void {
  void told(async () => {
    await change("POST", "/intake/accept");
    update({ tab: "scenarioTab" });
    void makePlan(state().county.summary.month, {}, false, "county");
  });
}
