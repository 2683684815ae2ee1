import { expect, it } from "vitest";
import { replayCommand } from "./shell";

it("names the data directory, so that the command works from anywhere", () => {
  expect(replayCommand("5f0c9a4b7e21", "/var/lib/gwf")).toBe("gwf queue replay --cause 5f0c9a4b7e21 --data /var/lib/gwf");
});

it("keeps a directory with blanks, quotes and dollars one word", () => {
  expect(replayCommand("a", "/srv/my data/it's $HOME")).toBe(
    `gwf queue replay --cause a --data '/srv/my data/it'\\''s $HOME'`,
  );
});
