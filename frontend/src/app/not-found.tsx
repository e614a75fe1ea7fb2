import Link from "next/link";
import { MessagePage } from "#shell/message-page.tsx";

export default function NotFound() {
  return (
    <MessagePage
      text="The address may be mistyped, or what was here has been deleted."
      title="There is nothing at this address"
    >
      <Link className="text-link" href="/">
        Go to the start page
      </Link>
    </MessagePage>
  );
}
