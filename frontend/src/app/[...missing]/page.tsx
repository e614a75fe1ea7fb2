import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { connection } from "next/server";
import * as texts from "#texts/pages.ts";

export const metadata: Metadata = { title: texts.notFound.title };

/** Any address without a page: rendered for the request, whose nonce its scripts need. */
export default async function MissingPage(): Promise<never> {
  await connection();
  notFound();
}
