import { createRootRoute } from "@tanstack/react-router";
import { Frame } from "./Frame";
import { validateFrame } from "./search";

/** The parent of every page: the frame, and what every address may say. */
export const root = createRootRoute({ component: Frame, validateSearch: validateFrame });
