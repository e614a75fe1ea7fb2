/** Without scripts, shows streamed content where it arrived and hides the skeletons; otherwise it would stay hidden until a
 * script moves it. `!important` in the first layer wins over Tailwind's.
 * @param style CSS declarations for the streamed content */
export function StreamedWithoutScripts({ style = "" }: { style?: string }) {
  return (
    <noscript>
      <style>{`.skeletons { display: none } @layer theme { [hidden][id^="S:"] { display: block !important; ${style} } }`}</style>
    </noscript>
  );
}
