import { expect, test } from "vitest";
import { plainRequest } from "../plugin/client-kind.ts";
import { withClientAddress } from "./client-address.ts";
import { withHeaders } from "./with-headers.ts";

/** A request as the route handlers of Next.js get it. */
const proxied = (request: Request): Request =>
  new Proxy(request, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

const post = () =>
  proxied(
    new Request("http://localhost:3000/api/auth/sign-in/email", {
      method: "POST",
      headers: { "sec-fetch-mode": "cors", "x-forwarded-for": "203.0.113.9", "content-type": "text/plain" },
      body: "the body",
    }),
  );

test("a request of Next.js's is copied with its method, address and body", async () => {
  const copy = withHeaders(post(), new Headers({ "x-other": "1" }));
  expect([copy.method, copy.url, [...copy.headers.keys()], await copy.text()]).toEqual([
    "POST",
    "http://localhost:3000/api/auth/sign-in/email",
    ["x-other"],
    "the body",
  ]);
});

test("its client's address is counted, and the header of Node's own fetch is left out", async () => {
  const counted = withClientAddress(post(), { hops: 1 });
  expect([...counted.headers.values()]).toContain("203.0.113.9");
  const plain = plainRequest(post());
  expect([plain.headers.has("sec-fetch-mode"), await plain.text()]).toEqual([false, "the body"]);
});

test("a request without a body stays without one", () => {
  const get = proxied(new Request("http://localhost:3000/api/auth/ok"));
  expect(withHeaders(get, new Headers()).body).toBeNull();
});
