"use client";

import { useEffect, useRef } from "react";
import type { Answers, Dot } from "#features/lab/answers.ts";
import type { Tone } from "#features/lab/words.ts";

/** Pixels that the lane moves in a millisecond: a dot every nine pixels. */
const SPEED = 9 / 50;
const RADIUS = 3;

/** A process's answers as dots that move from right to left; the newest is on the right. Decoration: the text beside it
 * says the same. Shapes differ as well as colours. */
export function LaneCanvas({ answers, process }: { answers: Answers; process: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    if (!surface || !context) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let frame = 0;

    const draw = () => {
      const { width, height, scale } = resize(surface);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      const palette = paletteOf(surface);
      const now = still ? (answers.dotsOf(process).at(-1)?.at ?? 0) : performance.now();
      const placeOf = (at: number) => width - RADIUS * 2 - (now - at) * SPEED;
      context.strokeStyle = palette.mark;
      for (const mark of answers.marks) drawMark(context, Math.round(placeOf(mark)) + 0.5, height);
      for (const dot of answers.dotsOf(process)) {
        const x = placeOf(dot.at);
        if (x > -RADIUS) drawDot(context, dot, x, height / 2, palette);
      }
    };
    const animate = () => {
      draw();
      frame = requestAnimationFrame(animate);
    };
    const leave = still ? answers.watch(draw) : undefined;
    if (!still) frame = requestAnimationFrame(animate);
    return () => {
      leave?.();
      cancelAnimationFrame(frame);
    };
  }, [answers, process]);

  return <canvas className="lab-dots block h-7 w-full" ref={canvas} />;
}

function resize(surface: HTMLCanvasElement) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = surface;
  const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (surface.width !== pixelWidth || surface.height !== pixelHeight) {
    surface.width = pixelWidth;
    surface.height = pixelHeight;
  }
  return { width, height, scale };
}

type Palette = Record<Tone | "mark", string>;

/** The colours of the present theme: of `.lab-dots`, whose computed ones a canvas can take. */
function paletteOf(surface: HTMLCanvasElement): Palette {
  const style = getComputedStyle(surface);
  return {
    accepted: style.color,
    stale: style.borderTopColor,
    unavailable: style.borderTopColor,
    refused: style.borderRightColor,
    silent: style.borderBottomColor,
    mark: style.borderLeftColor,
  };
}

function drawMark(context: CanvasRenderingContext2D, x: number, height: number): void {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}

function drawDot(
  context: CanvasRenderingContext2D,
  { tone }: Dot,
  x: number,
  y: number,
  palette: Palette,
): void {
  context.fillStyle = context.strokeStyle = palette[tone];
  context.lineWidth = 2;
  context.beginPath();
  if (tone === "refused") {
    context.moveTo(x - RADIUS, y - RADIUS);
    context.lineTo(x + RADIUS, y + RADIUS);
    context.moveTo(x + RADIUS, y - RADIUS);
    context.lineTo(x - RADIUS, y + RADIUS);
    context.stroke();
  } else if (tone === "unavailable") {
    context.rect(x - RADIUS, y - RADIUS, RADIUS * 2, RADIUS * 2);
    context.stroke();
  } else {
    context.arc(x, y, RADIUS, 0, 2 * Math.PI);
    if (tone === "accepted") context.fill();
    else context.stroke();
  }
}
