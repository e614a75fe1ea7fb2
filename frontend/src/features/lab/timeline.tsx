import type { Revocation } from "#contract/lab.ts";
import { milliseconds } from "#features/lab/words.ts";
import { process as nameOf, timeline as texts } from "#texts/lab.ts";

const WIDTH = 400;
const INSET = 6;

type Moment = { at: number; kind: "database" | "refused" };
type Entry = { label: string; moments: Moment[]; text: string };

/** What happened between the press and the last refusal: the database's own record, and the first 401 of each process. */
export function Timeline({ revocation }: { revocation: Revocation | null | undefined }) {
  if (!revocation) return <p className="text-muted">{texts.empty}</p>;
  const entries = entriesOf(revocation);
  const end = Math.max(1, ...entries.flatMap(({ moments }) => moments.map(({ at }) => at)));
  return (
    <>
      <table className="w-full text-sm">
        <caption className="sr-only">{texts.caption}</caption>
        <tbody className="divide-y divide-separator">
          {entries.map(({ label, moments, text }) => (
            <tr className="max-sm:grid max-sm:py-2" key={label}>
              <th className="py-1 pe-4 text-left font-medium whitespace-nowrap sm:py-2.5" scope="row">
                {label}
              </th>
              <td className="w-full min-w-32 py-1">
                <Track end={end} moments={moments} />
              </td>
              <td className="py-1 font-mono text-xs whitespace-nowrap tabular-nums sm:ps-4 sm:text-right">
                {text}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-4 text-sm leading-6 text-muted">
        <Key kind="database" />
        {texts.key[0]}
        <Key kind="refused" />
        {texts.key[1]}
      </p>
    </>
  );
}

function entriesOf({ refused, record }: Revocation): Entry[] {
  const entries: Entry[] = [{ label: texts.pressed, moments: [{ at: 0, kind: "database" }], text: "0 ms" }];
  const add = (label: string, at: number | null | undefined) => {
    if (at === null || at === undefined) return;
    entries.push({ label, moments: [{ at, kind: "database" }], text: milliseconds(at) });
  };
  add(texts.written, record?.written);
  add(texts.committed, record?.committed);
  refused.forEach((after, index) => {
    const acknowledged = record?.acknowledged[index] ?? null;
    const moments: Moment[] = [];
    if (acknowledged !== null) moments.push({ at: acknowledged, kind: "database" });
    if (after !== null) moments.push({ at: after, kind: "refused" });
    const outcomes = [
      after === null ? texts.notRefused : texts.refused(milliseconds(after)),
      acknowledged === null ? texts.notAcknowledged : texts.acknowledged(milliseconds(acknowledged)),
    ];
    entries.push({ label: nameOf(index + 1), moments, text: outcomes.join(" · ") });
  });
  return entries;
}

function Track({ moments, end }: { moments: Moment[]; end: number }) {
  return (
    <svg
      aria-hidden="true"
      className="block h-4 w-full"
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDTH} 16`}
    >
      <line className="stroke-separator" x1="0" x2={WIDTH} y1="8" y2="8" />
      {moments.map(({ at, kind }) => (
        <line
          className={kind === "refused" ? "stroke-danger" : "stroke-accent"}
          key={kind}
          strokeWidth="3"
          vectorEffect="non-scaling-stroke"
          x1={placeOf(at, end)}
          x2={placeOf(at, end)}
          y1={kind === "refused" ? 8 : 1}
          y2={kind === "refused" ? 15 : 8}
        />
      ))}
    </svg>
  );
}

const placeOf = (at: number, end: number) => INSET + (at / end) * (WIDTH - 2 * INSET);

function Key({ kind }: { kind: Moment["kind"] }) {
  return (
    <span
      aria-hidden="true"
      className={`inline-block h-2.5 w-[3px] ${kind === "refused" ? "bg-danger" : "bg-accent"}`}
    />
  );
}
