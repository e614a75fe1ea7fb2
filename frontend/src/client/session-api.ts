import { isRefusal, refusalOf } from "#client/failure.ts";
import { type SendOptions, send } from "#client/http.ts";
import { postJson } from "#client/json.ts";
import { subjectHeader } from "#client/subject.ts";

export interface Credentials {
  email: string;
  password: string;
}

export interface SignedInUser {
  id: string;
  name: string;
  email: string;
}

/** Opens a session; the cookies it sets are out of a script's reach. Safe to repeat. */
export async function signIn(credentials: Credentials): Promise<SignedInUser> {
  return await post("sign-in", credentials);
}

/** Makes an account and opens its session. An account that an attempt without an answer made is signed in to.
 * @param uncertain an earlier attempt with these values ended without an answer */
export async function signUp(
  { name, email, password }: Credentials & { name: string },
  uncertain = false,
): Promise<SignedInUser> {
  let repeated = uncertain;
  const onRetry = () => {
    repeated = true;
  };
  try {
    return await post("sign-up", { name, email, password }, { onRetry });
  } catch (error) {
    if (!repeated || !isRefusal(error, "email_taken")) throw error;
    return await signIn({ email, password }).catch((second: unknown) => {
      throw isRefusal(second, "invalid_credentials") ? error : second;
    });
  }
}

let signingOut = false;

/** Whether this page is about to leave because the person signs out. */
export const isSigningOut = (): boolean => signingOut;

/** Ends the session everywhere. */
export async function signOut(): Promise<void> {
  signingOut = true;
  try {
    const url = new URL("/api/session/sign-out", location.origin);
    const response = await send(new Request(url, { method: "POST", headers: subjectHeader() }), {
      retry: true,
    });
    if (!response.ok && response.status !== 401) throw await refusalOf(response);
  } catch (error) {
    signingOut = false;
    throw error;
  }
}

/** Has a link to set a new password sent, if there is an account with the address; which of the two is not told. */
export async function requestPasswordReset(email: string): Promise<void> {
  await postJson("/api/auth/request-password-reset", { email });
}

/** Sets a new password by the token of a link. Every session of the account ends. */
export async function resetPassword(token: string, newPassword: string): Promise<void> {
  await postJson("/api/auth/reset-password", { token, newPassword });
}

async function post(action: string, body: object, options: SendOptions = {}): Promise<SignedInUser> {
  const path = `/api/session/${action}`;
  const { user } = await postJson<{ user: SignedInUser }>(path, body, { retry: true, ...options });
  return user;
}
