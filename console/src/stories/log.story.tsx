import { useState } from "react";
import type { LogLine } from "../api/files";
import { HitStrip } from "../ui/log/HitStrip";
import { LogView } from "../ui/log/LogView";
import { rowsOf } from "../ui/log/lines";
import type { Story } from "./story";

const WORDS = ["INFO  upload finished part=7", "DEBUG poll queue=3", "WARN  slow answer 2.4 s", "ERROR put refused: 503 SlowDown", "INFO  heartbeat"];
const LEVELS: readonly LogLine["level"][] = ["info", "debug", "warn", "error", "info"];

/** Lines as the server gives them; each third one was found. */
const lines = (count: number, found: boolean): LogLine[] =>
  Array.from({ length: count }, (_, index) => {
    const text = `2026-11-26 10:${String(Math.floor(index / 60) % 60).padStart(2, "0")}:${String(index % 60).padStart(2, "0")} ${WORDS[index % 5] ?? ""} id=${index}`;
    const hit = found && index % 5 === 3;
    const at = text.indexOf("503");
    return { offset: index * 80, number: index + 183_000, text, level: LEVELS[index % 5] ?? null, hit, spans: hit ? [[at, at + 3]] : [], cut: index === 4 };
  });

const nothing = (): void => undefined;

function Example({ count, found = false, folded = false, wrap = false }: { count: number; found?: boolean; folded?: boolean; wrap?: boolean }) {
  const [marked, setMarked] = useState<number | undefined>(183_006);
  const [rows] = useState(() => rowsOf(lines(count, found).filter(({ hit }) => !folded || hit), folded));
  return (
    <div className="story-log">
      <LogView
        label="app.log" rows={rows} wrap={wrap} marked={marked} current={undefined} follow={false} atEnd setFollow={nothing} onLine={setMarked}
        onTop={nothing} onBottom={nothing} onGap={nothing} onView={nothing}
      />
    </div>
  );
}

const cells = Array.from({ length: 120 }, (_, index) => ({ hits: index % 9 === 0 ? 1 + (index % 13) : 0, errors: index % 27 === 0 ? 1 : 0, warns: index % 18 === 0 ? 1 : 0 }));

export const stories: readonly Story[] = [
  { name: "lines", render: () => <Example count={40} /> },
  { name: "what was found, the rest folded", render: () => <Example count={200} found folded /> },
  { name: "wrapped", render: () => <Example count={12} found wrap /> },
  { name: "a hundred thousand lines", render: () => <Example count={100_000} /> },
  { name: "hit strip", render: () => <div className="pad"><HitStrip cells={cells} view={[0.4, 0.5]} onCell={nothing} /></div> },
];
