const PATHS = {
  pulse: "M3 14.500h4L10 6l5 13 2.800-7.200H21",
  gauge: "M4 17a8 8 0 1 1 16 0M12 17l4-6",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M20 20l-4.500-4.500",
  x: "M6 6l12 12M18 6 6 18",
  pause: "M8.500 6v12M15.500 6v12",
  play: "M8 5.500v13l11-6.500z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.500 10 17.500 19 7",
  down: "M6 9l6 6 6-6",
  folder: "M3 7a2 2 0 0 1 2-2h4l2 2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
  retry: "M20 12a8 8 0 1 1-2.500-5.800M20 3v4.500h-4.500",
  gear: "M4 7h10M18 7h2M4 17h2M10 17h10M14 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M6 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing without meaning of its own; words stand beside it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "pulse" ? 2.4 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
