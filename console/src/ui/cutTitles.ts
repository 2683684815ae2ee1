/** Text that its place cuts off tells the whole of itself when it is pointed at. */

const MARK = "cutTitle";

function isCut(element: HTMLElement): boolean {
  return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === "ellipsis";
}

/** Give the nearest cut text a title, unless something around it has one of its own. */
function tell({ target }: Event): void {
  for (let at = target instanceof HTMLElement ? target : null; at; at = at.parentElement) {
    const ours = at.dataset[MARK] !== undefined;
    if (at.title && !ours) return;
    if (isCut(at)) {
      at.title = at.innerText;
      at.dataset[MARK] = "";
      return;
    }
    if (ours) {
      at.removeAttribute("title");
      delete at.dataset[MARK];
    }
  }
}

/** Begin, for all of the page. */
export function tellCutTexts(): void {
  document.addEventListener("pointerover", tell, { passive: true });
}
