import type { FileState } from "../../../api/client";
import type { Tone } from "../../../ui/Status";

export const FILE_TONE: Record<FileState, Tone> = {
  settling: "mute",
  ready: "mute",
  sending: "run",
  waiting: "warn",
  done: "ok",
  dead: "crit",
  skipped: "mute",
  vanished: "mute",
  superseded: "mute",
};
