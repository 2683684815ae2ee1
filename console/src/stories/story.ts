import type { ReactNode } from "react";

/** One part of the console in one of its states, with data of its own. Texts here are examples, not the product's. */
export interface Story {
  name: string;
  /** Sits in a card by default; wide parts bring their own surface. */
  bare?: boolean;
  render: () => ReactNode;
}

/** What a file `<part>.story.tsx` exports. */
export interface StoryFile {
  stories: readonly Story[];
}
