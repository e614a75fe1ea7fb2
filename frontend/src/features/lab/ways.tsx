import { WAYS, type Way } from "#contract/lab.ts";
import { revoke, ways as texts } from "#texts/lab.ts";
import { buttonClass } from "#ui/button-class.ts";

/** Every way to revoke, each with what it does. */
export function Ways({ isReady, onRevoke }: { isReady: boolean; onRevoke: (way: Way) => void }) {
  return (
    <ul className="divide-y divide-separator border-y border-separator">
      {WAYS.map((way) => (
        <li className="flex items-center justify-between gap-6 py-3" key={way}>
          <span className="min-w-0">
            <span className="block font-medium">{texts[way].label}</span>
            <span className="block text-sm text-muted">{texts[way].what}</span>
          </span>
          <button
            aria-label={texts.revoke(texts[way].label)}
            className={buttonClass({ variant: "tertiary", size: "sm" })}
            disabled={!isReady}
            onClick={() => onRevoke(way)}
            type="button"
          >
            {revoke}
          </button>
        </li>
      ))}
    </ul>
  );
}
