import { type AnyColumn, type Candidate, type Candidates, MODEL_NAMES, type Model } from "./model.ts";

export const eachModel = (make: (model: Model) => Candidate): Candidates =>
  Object.fromEntries(MODEL_NAMES.map((model) => [model, make(model)])) as Candidates;

/** `columns`, each with what `change` makes of its likeliest name. */
export const mapNames = (
  columns: Candidate["columns"],
  change: (name: string, column: AnyColumn) => string[],
): Candidate["columns"] =>
  Object.fromEntries(
    Object.entries(columns).map(([column, names]) => [
      column,
      change(names[0] ?? column, column as AnyColumn),
    ]),
  );

export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at: number) => `${at ? "_" : ""}${letter.toLowerCase()}`);

export const unique = (names: string[]): string[] => [...new Set(names)];
