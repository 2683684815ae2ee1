import { useGroups } from "../../../api/scope";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Icon } from "../../../ui/Icon";
import { type GateField, type Plan, presetOf, PRESETS, type WaveDraft, type WaveUnit, withWave } from "./plan";

interface Props {
  plan: Plan;
  onChange: (plan: Plan) => void;
  /** Agents that refused this configuration before. */
  refused: number;
}

/** How far each wave goes, what must hold before the next one, what happens when it does not. */
export function PlanForm({ plan, onChange, refused }: Props) {
  const { t } = useI18n();
  const waves = (next: WaveDraft[]): void => onChange({ ...plan, waves: next });
  const preset = presetOf(plan.waves);
  return (
    <Card title={t("launch.plan")}>
      <div className="pad plan">
        <fieldset>
          <legend>{t("launch.waves")}</legend>
          <div className="chips">
            {(Object.keys(PRESETS) as (keyof typeof PRESETS)[]).map((name) => (
              <button key={name} type="button" className="chip" aria-pressed={preset === name} onClick={() => waves([...PRESETS[name]])}>
                {t(`launch.preset.${name}`)}
              </button>
            ))}
          </div>
          <p className="dim small">{t("launch.waves.help")}</p>
          <ol className="plan-waves">
            {plan.waves.map((wave, place) => (
              <WaveRow
                key={place}
                wave={wave}
                number={place + 1}
                last={place === plan.waves.length - 1}
                onChange={(next) => waves(plan.waves.with(place, next))}
                onRemove={() => waves(plan.waves.filter((_, other) => other !== place))}
              />
            ))}
          </ol>
          {plan.waves.length < 20 && (
            <button type="button" className="button small" onClick={() => waves(withWave(plan.waves))}>
              <Icon name="plus" size={13} />
              {t("launch.wave.add")}
            </button>
          )}
        </fieldset>
        <fieldset>
          <legend>{t("launch.gates")}</legend>
          {(["max_failure_share", "min_applied_share", "min_healthy_share", "soak_s", "attempt_timeout_s", "wave_timeout_s"] as const).map((field) => (
            <GateRow key={field} field={field} value={plan.gates[field] ?? 0} onChange={(value) => onChange({ ...plan, gates: { ...plan.gates, [field]: value } })} />
          ))}
        </fieldset>
        <fieldset>
          <legend>{t("launch.on_failure")}</legend>
          <div className="chips">
            {(["revert", "pause"] as const).map((how) => (
              <button key={how} type="button" className="chip" aria-pressed={plan.on_failure === how} onClick={() => onChange({ ...plan, on_failure: how })}>
                {t(`launch.on_failure.${how}`)}
              </button>
            ))}
          </div>
        </fieldset>
        {(refused > 0 || plan.retry_refused) && (
          <label className="row">
            <input type="checkbox" checked={plan.retry_refused} onChange={(event) => onChange({ ...plan, retry_refused: event.target.checked })} />
            {t("launch.retry", { count: refused })}
          </label>
        )}
      </div>
    </Card>
  );
}

interface WaveRowProps {
  wave: WaveDraft;
  number: number;
  last: boolean;
  onChange: (wave: WaveDraft) => void;
  onRemove: () => void;
}

const UNITS: readonly WaveUnit[] = ["percent", "count", "groups"];

function WaveRow({ wave, number, last, onChange, onRemove }: WaveRowProps) {
  const { t } = useI18n();
  const groups = useGroups()?.groups ?? [];
  return (
    <li>
      <span className="dim">{number}</span>
      {wave.unit === "groups" ? (
        <select
          className="input"
          multiple
          size={Math.min(4, Math.max(2, groups.length))}
          aria-label={t("launch.unit.groups.pick", { number })}
          value={wave.groups}
          onChange={(event) => onChange({ ...wave, groups: Array.from(event.target.selectedOptions, (option) => option.value) })}
        >
          {groups.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <input
          className="input num"
          type="number"
          min={1}
          max={wave.unit === "percent" ? 100 : undefined}
          step="any"
          aria-label={t("launch.wave.size", { number })}
          value={Number.isFinite(wave.size) ? wave.size : ""}
          disabled={last}
          onChange={(event) => onChange({ ...wave, size: event.target.valueAsNumber })}
        />
      )}
      <select
        className="input"
        aria-label={t("launch.wave.unit", { number })}
        value={wave.unit}
        disabled={last}
        onChange={(event) => {
          const unit = UNITS.find((one) => one === event.target.value) ?? "percent";
          onChange({ unit, size: unit === "groups" ? 0 : wave.size || 1, groups: unit === "groups" ? wave.groups : [] });
        }}
      >
        {UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {t(`launch.unit.${unit}`)}
          </option>
        ))}
      </select>
      <button type="button" className="button ghost small square" disabled={last} aria-label={t("launch.wave.remove", { number })} onClick={onRemove}>
        <Icon name="x" size={13} />
      </button>
    </li>
  );
}

interface GateRowProps {
  field: GateField;
  value: number;
  onChange: (value: number) => void;
}

function GateRow({ field, value, onChange }: GateRowProps) {
  const { t } = useI18n();
  const share = field.endsWith("_share");
  return (
    <label className="gate-row">
      <span>{t(`launch.gate.${field}`)}</span>
      <input
        className="input num"
        type="number"
        min={0}
        max={share ? 100 : undefined}
        step="any"
        value={share ? Number((value * 100).toFixed(4)) : value}
        onChange={(event) => {
          const typed = event.target.valueAsNumber;
          if (Number.isFinite(typed)) onChange(share ? typed / 100 : typed);
        }}
      />
      <span className="dim">{t(share ? "launch.percent" : "launch.seconds")}</span>
    </label>
  );
}
