import Link from "next/link";
import { MessagePage } from "#shell/message-page.tsx";
import { NOT_FOUND } from "#shell/not-found-texts.ts";

/** Every page is rendered with this one, in case: it asks for nothing, so that pages can be rendered beforehand. */
export default function NotFound() {
  return (
    <MessagePage {...NOT_FOUND}>
      <Link className="text-link" href="/">
        Go to the start page
      </Link>
    </MessagePage>
  );
}
