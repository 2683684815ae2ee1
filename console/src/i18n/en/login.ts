import type { login as zh } from "../zh/login";

export const login = {
  "login.title": "Log in",
  "login.name": "Name",
  "login.password": "Password",
  "login.act": "Log in",
  "login.busy": "Logging in",
  "login.wrong": "Name or password is wrong",
  "login.wait": "Try again in {s} s",
  "login.again": "Your session ended",
  "login.again.sub": "Log in to go on; this page and what you typed are still here.",
} satisfies Record<keyof typeof zh, string>;
