import type { configs as zh } from "../zh/configs";

export const configs = {} satisfies Record<keyof typeof zh, string>;
