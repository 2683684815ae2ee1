import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { ask } from "./loose";

/** Ways to people: how each does, how much it may still send. */

export interface Channel {
  name: string;
  kind: string;
}

export const CHANNELS_KEY = "channels";

export const useChannels = () =>
  useQuery({
    queryKey: [CHANNELS_KEY, "list"],
    queryFn: ({ signal }) => ask<{ items: Channel[] }>("GET", "/api/v1/channels", { signal }),
    refetchInterval: usePolling("list"),
  });
