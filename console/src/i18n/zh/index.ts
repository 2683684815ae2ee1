import { agents } from "./agents";
import { alertrules } from "./alertrules";
import { alerts } from "./alerts";
import { audit } from "./audit";
import { channels } from "./channels";
import { configs } from "./configs";
import { dlq } from "./dlq";
import { events } from "./events";
import { files } from "./files";
import { fleet } from "./fleet";
import { fleetview } from "./fleetview";
import { flows } from "./flows";
import { frame } from "./frame";
import { incoming } from "./incoming";
import { inputs } from "./inputs";
import { login } from "./login";
import { oncall } from "./oncall";
import { overview } from "./overview";
import { rollouts } from "./rollouts";
import { rules } from "./rules";
import { ruletrials } from "./ruletrials";
import { settings } from "./settings";
import { silences } from "./silences";
import { tasks } from "./tasks";
import { ui } from "./ui";

/**
 * Chinese: the source of all keys, an area of the console a file. Placeholders are {name}; server codes have keys of
 * their own.
 */
export const zh = { ...frame, ...ui, ...overview, ...files, ...incoming, ...agents, ...fleet, ...fleetview, ...events, ...alerts, ...channels, ...inputs, ...oncall, ...alertrules, ...silences, ...configs, ...rollouts, ...rules, ...ruletrials, ...audit, ...settings, ...tasks, ...dlq, ...flows, ...login } as const;
