// Numbers, minutes, hours and dates as the page writes them.

import type { Client } from "./data";
import { currentLanguage, t } from "./words";

export function count(n: number): string {
  return n.toLocaleString("en-US");
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Seconds as whole minutes, rounded up so that 30 means inside. */
export function minutes(seconds: number | null): string {
  return seconds === null ? "–" : String(Math.ceil(seconds / 60));
}

/** Township and village of a client, or the map's place near the home. */
export function placeOf(c: Client | undefined): string {
  if (!c) return "";
  return [c.township, c.village].filter(Boolean).join(" ") || (c.near ? `${t("near")} ${c.near}` : "–");
}

/** Self-care tier: 1 档, tier 1. */
export function tier(n: number): string {
  return currentLanguage() === "zh" ? `${n} ${t("tier")}` : `${t("tier")} ${n}`;
}

/** A person's name; a masked one with the id, since masked names repeat. */
export function called(person: { id: string; name: string } | undefined, id = ""): string {
  if (!person) return id;
  return person.name.endsWith("*") ? `${person.name} ${person.id}` : person.name || person.id;
}

/** Minutes as hours with one decimal, for columns of hours. */
export function tenths(min: number): string {
  return (min / 60).toFixed(1);
}

/** HH:MM of a second of the day. */
export function clock(second: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}`;
}

/** Second of the day of HH:MM:SS. */
export function second(time: string): number {
  const [h = 0, m = 0, s = 0] = time.split(":").map(Number);
  return h * 3600 + m * 60 + s;
}

/** The month after `2026-12`. */
export function monthAfter(iso: string): string {
  const [y = 0, m = 0] = iso.split("-").map(Number);
  return m === 12 ? `${y + 1}-01` : `${y}-${String(m + 1).padStart(2, "0")}`;
}

/** Money from fen, with thousands separators. */
export function yuan(fen: number): string {
  return (fen / 100).toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** Minutes as 1 时 05 分. */
export function hours(min: number): string {
  const h = Math.floor(min / 60);
  const m = String(min % 60).padStart(2, "0");
  return currentLanguage() === "zh" ? `${h} ${t("hour")} ${m} ${t("minute")}` : `${h}:${m} h`;
}

const WEEKDAYS_ZH = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
const WEEKDAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export function weekdayName(day: number): string {
  return (currentLanguage() === "zh" ? WEEKDAYS_ZH : WEEKDAYS_EN)[day] ?? "";
}

/** Day of the week of an ISO date, 0 Sunday. */
export function weekday(iso: string): number {
  return new Date(`${iso}T00:00:00Z`).getUTCDay();
}

/** 12月3日 周四. */
export function date(iso: string): string {
  const [, m, d] = iso.split("-").map(Number);
  const name = weekdayName(weekday(iso));
  return currentLanguage() === "zh" ? `${m}月${d}日 ${name}` : `${name} ${d}/${m}`;
}

export function month(iso: string): string {
  const [y, m] = iso.split("-").map(Number);
  return currentLanguage() === "zh" ? `${y}年${m}月` : iso;
}
