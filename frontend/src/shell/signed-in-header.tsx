import { isAdministrator, type SignedIn } from "#contract/signed-in.ts";
import { NavLink } from "#shell/nav-link.tsx";
import { SignOutButton } from "#shell/sign-out-button.tsx";
import { SiteHeader } from "#shell/site-header.tsx";
import * as texts from "#texts/header.ts";

export function SignedInHeader({ user }: { user: SignedIn }) {
  return (
    <SiteHeader
      exit={<SignOutButton userId={user.id} />}
      nav={
        <>
          <NavLink href="/notes">{texts.notes}</NavLink>
          <NavLink href="/account">{texts.account}</NavLink>
          <NavLink href="/lab">{texts.lab}</NavLink>
          {isAdministrator(user) && <NavLink href="/admin">{texts.admin}</NavLink>}
        </>
      }
    />
  );
}
