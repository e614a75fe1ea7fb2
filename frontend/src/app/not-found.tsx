import Link from "next/link";
import { MessagePage } from "#shell/message-page.tsx";
import * as texts from "#texts/pages.ts";

/** Every page is rendered with this one, in case: it asks for nothing, so that pages can be rendered beforehand. */
export default function NotFound() {
  return (
    <MessagePage {...texts.notFound}>
      <Link className="text-link" href="/">
        {texts.toStart}
      </Link>
    </MessagePage>
  );
}
