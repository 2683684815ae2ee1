import type { agents as zh } from "../zh/agents";

export const agents = {} satisfies Record<keyof typeof zh, string>;
