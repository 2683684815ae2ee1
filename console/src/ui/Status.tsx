import type { ReactNode } from "react";

export type Tone = "ok" | "warn" | "crit" | "run" | "hold" | "mute";

const SURFACE = "var(--sf)";

/** Shapes differ, so that they survive grey print and colour blindness. */
const GLYPHS: Record<Tone, ReactNode> = {
  ok: (
    <>
      <circle cx="6" cy="6" r="5" fill="currentColor" />
      <path d="M3.600 6.200 5.300 7.900 8.500 4.300" stroke={SURFACE} strokeWidth="1.5" fill="none" />
    </>
  ),
  warn: (
    <>
      <path d="M6 .8 11.600 10.900H.4z" fill="currentColor" />
      <path d="M6 4.300v3M6 9v.2" stroke={SURFACE} strokeWidth="1.4" />
    </>
  ),
  crit: (
    <>
      <path d="M3.700.5h4.600l3.200 3.200v4.600l-3.200 3.200H3.700L.5 8.300V3.700z" fill="currentColor" />
      <path d="M4 4l4 4M8 4 4 8" stroke={SURFACE} strokeWidth="1.4" />
    </>
  ),
  run: (
    <>
      <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 6V1.300A4.700 4.700 0 0 1 6 10.700z" fill="currentColor" />
    </>
  ),
  hold: (
    <>
      <rect x=".8" y=".8" width="10.4" height="10.4" rx="2.5" fill="currentColor" />
      <path d="M4.500 3.800v4.400M7.500 3.800v4.400" stroke={SURFACE} strokeWidth="1.5" />
    </>
  ),
  mute: <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.2 1.5" />,
};

export function Glyph({ tone, size = 12 }: { tone: Tone; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      {GLYPHS[tone]}
    </svg>
  );
}

interface Props {
  tone: Tone;
  size?: number;
  /** The word is for screen readers only; something visible beside it says the same. */
  bare?: boolean;
  children: ReactNode;
}

/** Shape, colour and word, always the three. */
export function Status({ tone, size = 12, bare = false, children }: Props) {
  return (
    <span className={`status ${tone}`}>
      <Glyph tone={tone} size={size} />
      {bare ? <span className="sr">{children}</span> : children}
    </span>
  );
}
