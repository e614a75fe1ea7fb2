"use client";

import { createAuthClient } from "better-auth/react";
import { useState } from "react";

const auth = createAuthClient();

export default function Page() {
  const { data } = auth.useSession();
  const [answer, setAnswer] = useState("");
  const signUp = (form: FormData) =>
    auth.signUp.email({ name: "Ada", email: `${form.get("email")}`, password: `${form.get("password")}` });
  const ask = async () => {
    const response = await fetch("/api/backend/notes");
    setAnswer(`${response.status} ${await response.text()}`);
  };
  if (data) {
    return (
      <main>
        <p>Signed in as {data.user.email}</p>
        <button type="button" onClick={ask}>
          Ask the API
        </button>
        <button type="button" onClick={() => auth.signOut()}>
          Sign out
        </button>
        <output>{answer}</output>
      </main>
    );
  }
  return (
    <form action={async (form) => void (await signUp(form))}>
      <input name="email" type="email" aria-label="Email" required />
      <input name="password" type="password" aria-label="Password" minLength={8} required />
      <button type="submit">Sign up</button>
    </form>
  );
}
