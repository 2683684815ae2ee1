import { createRootRoute, retainSearchParams } from "@tanstack/react-router";
import { BrokenPage, MissingPage } from "./Fallbacks";
import { Frame } from "./Frame";
import { FRAME_KEYS, validateFrame } from "./search";

/** The parent of every page: the frame, and what every address may say; links keep scope, time range and language. */
export const root = createRootRoute({
  component: Frame,
  validateSearch: validateFrame,
  search: { middlewares: [retainSearchParams([...FRAME_KEYS])] },
  notFoundComponent: MissingPage,
  errorComponent: BrokenPage,
});
