import type { Page } from "@playwright/test";
import sharp from "sharp";

/** Milliseconds between two pictures of the recording, at least. */
const STEP = 80;
const WIDTH = 960;
/** How long the last picture stays. */
const REST = 2_500;

type Picture = { at: number; data: Buffer };

/** Records what the page shows while `act` runs, as an animated WebP in `file`. */
export async function record(page: Page, file: string, act: () => Promise<void>): Promise<void> {
  const pictures: Picture[] = [];
  const session = await page.context().newCDPSession(page);
  session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    const at = (metadata.timestamp ?? 0) * 1000;
    if (at - (pictures.at(-1)?.at ?? 0) >= STEP) pictures.push({ at, data: Buffer.from(data, "base64") });
    // A picture may still come while the recording ends; then nobody waits for the answer.
    session.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
  });
  await session.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  await act();
  await session.send("Page.stopScreencast");
  await session.detach();

  const frames = await Promise.all(pictures.map(({ data }) => sharp(data).resize(WIDTH).png().toBuffer()));
  const delay = pictures.map(({ at }, index) => Math.round((pictures[index + 1]?.at ?? at + REST) - at));
  await sharp(frames, { join: { animated: true } })
    .webp({ delay, loop: 0, quality: 60, effort: 4 })
    .toFile(file);
}
