import type { ReactNode } from "react";
import { StreamedWithoutScripts } from "#shell/streamed-without-scripts.tsx";

export default function LabLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <StreamedWithoutScripts />
      {children}
    </>
  );
}
