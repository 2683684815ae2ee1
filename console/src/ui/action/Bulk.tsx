import { useEffect, useRef, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Dialog } from "../Dialog";
import { useErrorText } from "../StateBlock";
import { Status, type Tone } from "../Status";
import { Toast } from "../toast";
import { inTurn } from "./order";
import type { Step, Target } from "./types";

/** Requests of one bulk act that run at a time. */
const AT_ONCE = 4;

interface Props {
  title: string;
  targets: readonly Target[];
  run: (target: Target) => Promise<unknown>;
  done: () => string;
  close: () => void;
}

const TONE: Record<Step["state"], Tone> = { waiting: "mute", running: "run", done: "ok", failed: "crit" };

/** One act on many objects: what happens to each of them, and another try for those that failed. */
export function Bulk({ title, targets, run, done, close }: Props) {
  const { t } = useI18n();
  const [steps, setSteps] = useState<ReadonlyMap<string, Step>>(new Map());
  const running = useRef(false);
  const put = (key: string, step: Step): void => setSteps((old) => new Map(old).set(key, step));
  const start = async (wanted: readonly Target[]): Promise<void> => {
    if (running.current) return;
    running.current = true;
    for (const { key } of wanted) put(key, { state: "waiting" });
    let failed = 0;
    await inTurn(wanted, AT_ONCE, async (target) => {
      put(target.key, { state: "running" });
      try {
        await run(target);
        put(target.key, { state: "done" });
      } catch (error) {
        failed += 1;
        put(target.key, { state: "failed", error });
      }
    });
    running.current = false;
    if (!failed) Toast.done(done());
  };
  useEffect(() => {
    void start(targets);
    // once, when the dialog turns from question to progress
  }, []);
  const ended = [...steps.values()].filter(({ state }) => state === "done" || state === "failed").length;
  const failed = targets.filter(({ key }) => steps.get(key)?.state === "failed");
  const over = ended === targets.length;
  return (
    <Dialog
      title={title}
      close={close}
      width={600}
      lightly={over}
      footer={
        <div className="action-foot">
          <span className="grow dim" role="status">
            {t("action.progress", { done: ended - failed.length, failed: failed.length, total: targets.length })}
          </span>
          {over && failed.length > 0 && (
            <button type="button" className="button" onClick={() => void start(failed)}>
              {t("action.retry", { count: failed.length })}
            </button>
          )}
          <button type="button" className="button primary" onClick={close}>
            {t(over ? "dialog.close" : "action.background")}
          </button>
        </div>
      }
    >
      <progress className="progress" aria-label={title} value={ended} max={targets.length} />
      <ul className="bulk">
        {targets.map(({ key, name }) => (
          <Line key={key} name={name} step={steps.get(key) ?? { state: "waiting" }} />
        ))}
      </ul>
    </Dialog>
  );
}

function Line({ name, step }: { name: string; step: Step }) {
  const { t } = useI18n();
  const why = useErrorText(step.state === "failed" ? step.error : null);
  return (
    <li>
      <span className="mono el">{name}</span>
      {step.state === "failed" && <span className="dim el">{why}</span>}
      <Status tone={TONE[step.state]}>{t(`action.step.${step.state}`)}</Status>
    </li>
  );
}
