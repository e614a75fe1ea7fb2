import { isAdministrator, type SignedIn } from "#contract/signed-in.ts";
import { NavLink } from "#shell/nav-link.tsx";
import { SignOutButton } from "#shell/sign-out-button.tsx";
import { SiteHeader } from "#shell/site-header.tsx";

export function SignedInHeader({ user }: { user: SignedIn }) {
  return (
    <SiteHeader
      exit={<SignOutButton userId={user.id} />}
      nav={
        <>
          <NavLink href="/notes">Notes</NavLink>
          <NavLink href="/account">Account</NavLink>
          <NavLink href="/lab">Lab</NavLink>
          {isAdministrator(user) && <NavLink href="/admin">Admin</NavLink>}
        </>
      }
    />
  );
}
