import type { FileNode, NodeState } from "../../api/files";
import type { Tone } from "../../ui/Status";

/** What a state means to a person. */
export const TONES: Record<NodeState, Tone> = {
  settling: "run",
  unseen: "run",
  ready: "run",
  sending: "run",
  waiting: "warn",
  done: "ok",
  dead: "crit",
  skipped: "mute",
  excluded: "mute",
  vanished: "mute",
  superseded: "mute",
};

export const STATES = Object.keys(TONES) as NodeState[];

/** Held back by a switch: a person may send it. */
export const isHeld = ({ state, reason }: FileNode): boolean => state === "skipped" && reason?.code === "auto_upload_off";

export const isDirectory = ({ kind }: FileNode): boolean => kind === "dir" || kind === "root";
