/** Addresses of our own pages, for coming back to one after the login. */

/** An address below our base, whatever the prefix is. */
export function placeBelow(base: string, { pathname, search }: Pick<Location, "pathname" | "search">): string {
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
  return `/${path.replace(/^\/+/, "")}${search}`;
}

/** Only places of our own are returned to: a link that somebody sends must not lead to another site. */
export const isOwnPlace = (place: string): boolean => /^\/(?![/\\])/.test(place);
