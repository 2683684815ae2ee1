/** As the server wants names and values of labels. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/;
const VALUE = /^([\p{L}\p{N}]([\p{L}\p{N}._:/@+-]*[\p{L}\p{N}])?)?$/u;
const MAX_NAME = 63;
const MAX_VALUE = 255;

/** `env=prod site=sh canary` as labels, and those that are taken away; null = it cannot be read. */
export function labelsOf(text: string, dropped: readonly string[]): Record<string, string | null> | null {
  const labels: Record<string, string | null> = Object.fromEntries(dropped.map((name) => [name, null]));
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const cut = word.indexOf("=");
    const name = cut < 0 ? word : word.slice(0, cut);
    const value = cut < 0 ? "" : word.slice(cut + 1);
    if (!NAME.test(name) || !VALUE.test(value) || name.length > MAX_NAME || value.length > MAX_VALUE) return null;
    labels[name] = value;
  }
  return labels;
}
