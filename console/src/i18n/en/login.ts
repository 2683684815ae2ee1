import type { login as zh } from "../zh/login";

export const login = {} satisfies Record<keyof typeof zh, string>;
