import { useEffect, useState } from "react";
import { client, unwrap } from "./client";
import type { BacktestWish, Difference, Summary } from "./rules";

/** A back-test, line by line as the server tells it. */
type Line = { kind: "progress"; done: number; total: number } | Difference | Summary;

async function* backtest(id: string | undefined, body: BacktestWish, signal: AbortSignal): AsyncGenerator<Line> {
  const options = { body, signal, parseAs: "stream" } as const;
  const answer =
    id === undefined
      ? client.POST("/api/v1/rules:backtest", options)
      : client.POST("/api/v1/rules/{rule_id}:backtest", { ...options, params: { path: { rule_id: id } } });
  const stream = (await unwrap(answer as never)) as ReadableStream<Uint8Array>;
  const reader = stream.pipeThrough(new TextDecoderStream() as never).getReader() as ReadableStreamDefaultReader<string>;
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) if (line.trim()) yield JSON.parse(line) as Line;
      if (done) return;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

export interface Backtest {
  running: boolean;
  done: number;
  total: number;
  differences: readonly Difference[];
  summary: Summary | undefined;
  error: unknown;
}

const NOTHING: Backtest = { running: false, done: 0, total: 0, differences: [], summary: undefined, error: null };

/** Runs a back-test for each new `wish`; undefined = none. Leaving ends it. */
export function useBacktest(id: string | undefined, wish: BacktestWish | undefined, round: number): Backtest {
  const [state, setState] = useState<Backtest>(NOTHING);
  const word = wish === undefined ? "" : JSON.stringify(wish);
  useEffect(() => {
    if (word === "") return;
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      const differences: Difference[] = [];
      setState((old) => ({ ...old, running: true, error: null, done: 0, total: 0 }));
      try {
        for await (const line of backtest(id, JSON.parse(word) as BacktestWish, abort.signal)) {
          if (line.kind === "progress") setState((old) => ({ ...old, done: line.done, total: line.total }));
          else if (line.kind === "difference") differences.push(line);
          else setState({ ...NOTHING, done: line.events, total: line.events, differences, summary: line });
        }
      } catch (error) {
        if (!abort.signal.aborted) setState({ ...NOTHING, error });
      }
    };
    void run();
    return () => abort.abort();
  }, [id, word, round]);
  return word === "" ? NOTHING : state;
}
