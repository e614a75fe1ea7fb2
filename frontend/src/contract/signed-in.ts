/** Who is signed in, as the pages need to know it. */
export interface SignedIn {
  id: string;
  name: string;
  email: string;
  /** Role names separated by commas; null or absent means an ordinary user. */
  role?: string | null | undefined;
}

export function isAdministrator(user: SignedIn): boolean {
  return (user.role ?? "").split(",").includes("admin");
}
