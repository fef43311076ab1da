// Trials: edits of the outlets, and the exact answer of the server for each of them.

import { whatIf, Refusal } from "./data";
import type { Edits, Outlet } from "./data";
import { NO_EDITS, state, update } from "./store";
import { either, t } from "./words";

export interface Pin {
  id: string;
  name: string;
  existing: boolean;
  proposed: boolean;
  at: [number, number];
}

/** The outlets as edited, in the order of their numbers. */
export function pins(): Pin[] {
  const { county, edits } = state();
  const open = new Set(edits.open ?? county.outlets.filter((o) => o.open).map((o) => o.id));
  const gone = new Set(edits.remove);
  const moved = new Map(edits.move.map((m) => [m.outlet, m]));
  const kept = county.outlets.filter((o) => open.has(o.id) && !gone.has(o.id)).map((o: Outlet): Pin => {
    const m = moved.get(o.id);
    return { id: o.id, name: o.name, existing: o.existing, proposed: m !== undefined || !o.open, at: m ? [m.lon, m.lat] : o.at };
  });
  const added = edits.add.map((a, i): Pin => ({ id: `+${i + 1}`, name: `${t("trialOutlet")} ${i + 1}`, existing: false, proposed: true, at: [a.lon, a.lat] }));
  return [...kept, ...added];
}

export function isEdited(edits: Edits): boolean {
  return edits !== NO_EDITS && (edits.open !== null || edits.move.length + edits.add.length + edits.remove.length > 0);
}

/** `from` with the pin `id` at another place. */
export function movedTo(from: Edits, id: string, [lon, lat]: [number, number]): Edits {
  if (id.startsWith("+")) {
    const at = Number(id.slice(1)) - 1;
    return { ...from, add: from.add.map((a, i) => (i === at ? { lon, lat } : a)) };
  }
  return { ...from, move: [...from.move.filter((m) => m.outlet !== id), { outlet: id, lon, lat }] };
}

export function without(from: Edits, id: string): Edits {
  if (id.startsWith("+")) {
    const at = Number(id.slice(1)) - 1;
    return { ...from, add: from.add.filter((_, i) => i !== at) };
  }
  const move = from.move.filter((m) => m.outlet !== id);
  return from.open ? { ...from, move, open: from.open.filter((o) => o !== id) } : { ...from, move, remove: [...from.remove, id] };
}

/** Takes edits over as a step that can be undone, and asks for their answer. */
export function commit(edits: Edits): void {
  const { edits: before, past } = state();
  update({ past: [...past, before], edits, circle: "outlet" });
  ask(edits);
}

export function undo(): void {
  const { past } = state();
  const last = past[past.length - 1];
  if (!last) return;
  update({ past: past.slice(0, -1), edits: last });
  if (isEdited(last)) ask(last);
  else forget();
}

export function reset(): void {
  const { past, edits } = state();
  update({ past: [...past, edits], edits: NO_EDITS });
  forget();
}

function forget(): void {
  wanted = null;
  asked += 1;
  update({ trial: null, trialFault: null });
}

let wanted: Edits | null = null;
let running = false;
let asked = 0;

/** Asks for an answer; while one is under way only the latest question waits, so the numbers follow the hand. */
export function ask(edits: Edits): void {
  wanted = edits;
  asked += 1;
  if (!running) void answerAll();
}

async function answerAll(): Promise<void> {
  running = true;
  while (wanted) {
    const question: Edits = wanted;
    wanted = null;
    const ticket = asked;
    try {
      const trial = await whatIf(question);
      if (ticket === asked || wanted) update({ trial, trialFault: null });
    } catch (error) {
      const sentence = error instanceof Refusal ? either(error.zh, error.en) : String(error);
      update({ trial: null, trialFault: sentence });
    }
  }
  running = false;
}
