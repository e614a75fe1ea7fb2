import Link from "next/link";
import { Message } from "#shell/message.tsx";
import * as texts from "#texts/pages.ts";

export default function SignedInNotFound() {
  return (
    <Message {...texts.notFound}>
      <Link className="text-link" href="/notes">
        {texts.toNotes}
      </Link>
    </Message>
  );
}
