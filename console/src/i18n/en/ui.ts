import type { ui as zh } from "../zh/ui";

export const ui = {} satisfies Record<keyof typeof zh, string>;
