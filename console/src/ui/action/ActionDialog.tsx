import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { RequestError } from "../../api/client";
import { useScope } from "../../app/useRange";
import { useI18n } from "../../i18n/context";
import { Dialog } from "../Dialog";
import { ErrorBlock } from "../StateBlock";
import { Toast } from "../toast";
import { Bulk } from "./Bulk";
import { Conflict, Effect } from "./Effect";
import { newKey, orderFor } from "./order";
import type { Order, Preview, Target } from "./types";

interface Props<R> {
  title: string;
  /** Names the button after the act, with its count: never just OK. */
  act: string;
  close: () => void;
  /** Of the dialog, where more than a few fields have to be seen at once. */
  width?: number;
  /** Fields of the act, above its effect. */
  children?: ReactNode;
  /** The fields are complete; false = no preview, no act. */
  ready?: boolean;
  /** Asks the server what would happen (`dry_run`); none = nothing to look at beforehand. */
  preview?: (signal: AbortSignal) => Promise<Preview>;
  /** Changes with the fields, so that the preview is made anew. */
  previewKey?: string;
  /** "auto" = required in the environment prod, else optional. */
  reason?: "auto" | "required" | "optional" | "none";
  suggestions?: readonly string[];
  /** Was given already, with what is done now: it is not asked for twice. */
  said?: string;
  /** Has to be typed before something that cannot be undone. */
  typed?: string;
  /** Does it; with `targets` once for each of them. */
  run: (order: Order, target?: Target) => Promise<R>;
  /** Several objects: progress and result are shown for each, failed ones can be tried again. */
  targets?: readonly Target[];
  /** What the toast says afterwards. */
  done: (result: R | undefined) => string;
  /** Takes it back; offered for ten seconds. */
  undo?: (result: R) => Promise<unknown>;
}

/** The one way to do something: effect, risk and way back, reason, act; 409 shows what changed meanwhile. */
export function ActionDialog<R>(props: Props<R>) {
  const { title, act, close, ready = true, preview, previewKey = "", typed, targets } = props;
  const { t } = useI18n();
  const { env } = useScope();
  const [reason, setReason] = useState(props.said ?? "");
  const [word, setWord] = useState("");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const [bulk, setBulk] = useState<Order | null>(null);
  const [round, setRound] = useState(newKey);
  const key = useRef(round);
  const effect = useQuery({
    queryKey: ["preview", title, previewKey, round],
    queryFn: ({ signal }) => (preview as NonNullable<typeof preview>)(signal),
    enabled: ready && preview !== undefined && bulk === null,
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const wanted = props.reason ?? "auto";
  const mustSay = wanted === "required" || (wanted === "auto" && env === "prod");
  const conflict = state.error instanceof RequestError && state.error.status === 409;
  const allowed =
    ready &&
    !state.busy &&
    !conflict &&
    (preview === undefined || effect.data !== undefined) &&
    (!mustSay || reason.trim() !== "") &&
    (typed === undefined || word === typed);
  const order = (): Order => ({ reason: reason.trim(), idempotencyKey: key.current, revision: effect.data?.revision });
  const submit = async (): Promise<void> => {
    if (targets) {
      setBulk(order());
      return;
    }
    setState({ busy: true, error: null });
    try {
      const result = await props.run(order());
      const { undo } = props;
      const text = props.done(result);
      if (undo) Toast.undoable(text, () => undo(result));
      else Toast.done(text);
      close();
    } catch (error) {
      // after a refusal the next try is another order; without an answer it may be the same one, done already
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) key.current = newKey();
      setState({ busy: false, error });
    }
  };
  const again = (): void => {
    key.current = newKey();
    setState({ busy: false, error: null });
    setRound(key.current);
  };
  if (bulk && targets) {
    return (
      <Bulk title={title} targets={targets} run={(target) => props.run(orderFor(bulk, target.key), target)} done={() => props.done(undefined)} close={close} />
    );
  }
  return (
    <Dialog
      title={title}
      close={close}
      width={props.width ?? 600}
      lightly={false}
      className="action"
      footer={
        <div className="action-foot">
          {effect.data?.approval !== undefined && <span className="dim grow">{t("action.approval", { who: effect.data.approval })}</span>}
          <button type="button" className="button" onClick={close}>
            {t("action.cancel")}
          </button>
          <button
            type="button"
            className={typed === undefined ? "button primary" : "button danger"}
            disabled={!allowed}
            aria-busy={state.busy}
            onClick={() => void submit()}
          >
            {act}
          </button>
        </div>
      }
    >
      <form
        className="action-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (allowed) void submit();
        }}
      >
        {props.children}
        {preview && ready && <Effect effect={effect} />}
        {targets && preview === undefined && (
          <Effect effect={{ data: { affected: { count: targets.length, names: targets.map(({ name }) => name) }, wayBack: "" }, error: null, refetch: () => undefined }} />
        )}
        {wanted !== "none" && (
          <Reason value={reason} set={setReason} required={mustSay} suggestions={props.suggestions ?? []} />
        )}
        {typed !== undefined && <Typed name={typed} value={word} set={setWord} />}
        {conflict ? (
          <Conflict error={state.error as RequestError} again={again} />
        ) : (
          state.error !== null && <ErrorBlock error={state.error} retry={() => void submit()} />
        )}
        <button type="submit" hidden disabled={!allowed} />
      </form>
    </Dialog>
  );
}

interface ReasonProps {
  value: string;
  set: (value: string) => void;
  required: boolean;
  suggestions: readonly string[];
}

function Reason({ value, set, required, suggestions }: ReasonProps) {
  const { t } = useI18n();
  return (
    <div className="form-row">
      <label>
        <span>{t(required ? "action.reason.required" : "action.reason")}</span>
        <input
          className="input"
          type="text"
          value={value}
          maxLength={500}
          required={required}
          placeholder={t("action.reason.hint")}
          onChange={(event) => set(event.target.value)}
        />
      </label>
      {suggestions.length > 0 && (
        <div className="chips">
          {suggestions.map((text) => (
            <button key={text} type="button" className="chip" onClick={() => set(text)}>
              {text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function Typed({ name, value, set }: { name: string; value: string; set: (value: string) => void }) {
  const { t } = useI18n();
  return (
    <div className="form-row">
      <label>
        <span>{t("action.typed", { name })}</span>
        <input
          className="input mono"
          type="text"
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => set(event.target.value)}
        />
      </label>
    </div>
  );
}
