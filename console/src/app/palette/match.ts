/** How well a text or its pinyin initials answer what was typed; pure, so that it can be tested. */

/** 0 = not at all; higher is better. Every word typed must be found. */
export function score(typed: string, label: string, initials = ""): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return 1;
  let least = Number.POSITIVE_INFINITY;
  for (const word of words) {
    least = Math.min(least, scoreOfWord(word, label.toLowerCase(), initials));
    if (least === 0) return 0;
  }
  return least;
}

function scoreOfWord(word: string, label: string, initials: string): number {
  if (label.startsWith(word)) return 5;
  if (initials.startsWith(word)) return 4;
  if (new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(word)}`, "u").test(label)) return 4;
  if (label.includes(word)) return 3;
  if (word.length > 1 && initials.includes(word)) return 2;
  return 0;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
