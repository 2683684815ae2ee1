import type { audit as zh } from "../zh/audit";

export const audit = {} satisfies Record<keyof typeof zh, string>;
