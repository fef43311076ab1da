// What the server says of dropped rosters before they are taken.

import type { Listed } from "./data";

export interface Sentence {
  zh: string;
  en: string;
}

export interface ColumnGuess {
  heading: string;
  field: string | null;
  remembered: boolean;
}

export interface FilePreview {
  file: string;
  rows_in: number;
  kept: number;
  listed: number;
  fault: Sentence | null;
  sheets: { sheet: string; header_row: number; columns: ColumnGuess[] }[];
}

export interface PlaceQuestion {
  township: string;
  text: string;
  rows: number;
  candidates: { code: string; name: string; township: string; lon: number | null; lat: number | null }[];
}

export interface Duplicate {
  kind: string;
  rows: { file: string; sheet: string; row: number; id: string | null; name: string }[];
}

export interface DatumPanel {
  file: string;
  stated: string;
  found: string | null;
  confidence: number;
  warns: boolean;
  sentence: Sentence;
}

export interface TownshipQuality {
  township: string;
  rows_in: number;
  kept: number;
  listed: number;
  institution: number;
  located: number;
  to_confirm: number;
  no_location: number;
  far_from_roads: number;
  duplicates: number;
  id_problems: number;
  stale_assessment: number;
  assessed_by_provider: number;
  score: number;
}

/** The dropped files as the server read them; rows in = kept + listed. */
export interface Preview {
  rows_in: number;
  kept: number;
  listed: number;
  files: FilePreview[];
  problems: Listed[];
  remarks: Listed[];
  questions: PlaceQuestion[];
  duplicates: Duplicate[];
  datum: DatumPanel[];
  townships: TownshipQuality[];
  refusal: Sentence | null;
}

export interface MappingField {
  field: string;
  zh: string;
}
