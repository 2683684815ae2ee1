import type { settings as zh } from "../zh/settings";

export const settings = {} satisfies Record<keyof typeof zh, string>;
