/** Tells a password manager whose password a form is about; nobody sees it. */
export function UserName({ email }: { email: string }) {
  return <input autoComplete="username" hidden name="username" readOnly type="text" value={email} />;
}
