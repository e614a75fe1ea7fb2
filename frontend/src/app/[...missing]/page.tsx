import { notFound } from "next/navigation";
import { connection } from "next/server";

/** Any address without a page: rendered for the request, whose nonce its scripts need. */
export default async function MissingPage(): Promise<never> {
  await connection();
  notFound();
}
