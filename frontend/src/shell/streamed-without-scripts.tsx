/** Streamed content stays hidden until a script puts it in place. Without one it is shown where it came, and no skeletons.
 * The first layer's `!important` wins over Tailwind's.
 * @param style of what was streamed, in CSS */
export function StreamedWithoutScripts({ style = "" }: { style?: string }) {
  return (
    <noscript>
      <style>{`.skeletons { display: none } @layer theme { [hidden][id^="S:"] { display: block !important; ${style} } }`}</style>
    </noscript>
  );
}
