import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { connection } from "next/server";

export const metadata: Metadata = { title: "Page not found" };

/** Any address without a page: rendered for the request, whose nonce its scripts need. */
export default async function MissingPage(): Promise<never> {
  await connection();
  notFound();
}
