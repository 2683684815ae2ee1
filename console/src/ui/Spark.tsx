interface Props {
  values: number[];
  color: string;
  height?: number;
}

/** The shape of the last hour, without axes; the number beside it is what counts. */
export function Spark({ values, color, height = 28 }: Props) {
  if (!values.some((value) => value > 0)) return null;
  const width = 120;
  const max = Math.max(...values, 0) * 1.08 || 1;
  const x = (i: number): string => ((i / Math.max(1, values.length - 1)) * width).toFixed(1);
  const y = (value: number): string => (height - 1 - (value / max) * (height - 3)).toFixed(1);
  const line = values.map((value, i) => `${i ? "L" : "M"}${x(i)} ${y(value)}`).join("");
  return (
    <svg className="spark" height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`${line}L${width} ${height}L0 ${height}Z`} fill={color} opacity="0.12" />
      <path d={line} fill="none" stroke={color} strokeWidth="1.6" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Means of `count` neighbouring groups: a small drawing cannot show more points. */
export function thin(values: number[], count: number): number[] {
  const size = Math.ceil(values.length / count) || 1;
  const groups = Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
  return groups.map((group) => group.reduce((sum, value) => sum + value, 0) / group.length);
}
