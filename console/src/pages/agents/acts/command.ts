import { quoted } from "../../overview/shell";

interface Wish {
  /** Address of the centre, as this browser reaches it. */
  url: string;
  token: string;
  directory: string;
}

const LOCAL = /^https?:\/\/(localhost|127\.|\[::1\])/;

/** The one command that brings a host to the centre: nothing of it stays in a file but the agent's own credential. */
export function enrolCommand({ url, token, directory }: Wish): string {
  const plain = url.startsWith("http://") && !LOCAL.test(url);
  const variables = [
    `GWF_AGENT__CENTRE__URL=${quoted(url)}`,
    `GWF_AGENT__CENTRE__ENROLMENT_TOKEN=${quoted(token)}`,
    ...(plain ? ["GWF_AGENT__CENTRE__ALLOW_PLAIN_HTTP=true"] : []),
  ];
  // beside a centre on this host the port of the console is taken
  const port = LOCAL.test(url) ? " --listen 127.0.0.1:0" : "";
  return `${variables.join(" ")} gwf up --no-centre --data gwf-agent${port} ${quoted(directory)}`;
}

/** Plain HTTP beyond this host: the token is readable on the way. */
export const isPlain = (url: string): boolean => url.startsWith("http://") && !LOCAL.test(url);
