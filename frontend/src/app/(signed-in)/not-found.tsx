import Link from "next/link";
import { Message } from "#shell/message.tsx";
import { NOT_FOUND } from "#shell/not-found-texts.ts";

export default function SignedInNotFound() {
  return (
    <Message {...NOT_FOUND}>
      <Link className="text-link" href="/notes">
        Go to your notes
      </Link>
    </Message>
  );
}
