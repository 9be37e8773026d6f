/**
 * What a namespace's labels ask of its pods: a level and a version for each of three modes.
 * Source: Kubernetes v1.36, staging/src/k8s.io/pod-security-admission/api.
 */
import type { Labels } from '../../../../core/index.ts';
import type { StatusCause } from '../../http/status.ts';

export const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof LEVELS)[number];

/** What a mode holds pods to. */
export interface Demand {
  level: Level;
  /** Minor version of Kubernetes whose checks count; Infinity for the latest. */
  minor: number;
}
export interface Policy {
  enforce: Demand;
  audit: Demand;
  warn: Demand;
}

const PREFIX = 'pod-security.kubernetes.io/';
const FREE: Demand = { level: 'privileged', minor: Number.POSITIVE_INFINITY };

/** A malformed level enforces the strictest and warns of nothing; a malformed version is the latest. */
export function policyOf(labels: Labels = {}): { policy: Policy; causes: StatusCause[] } {
  const causes: StatusCause[] = [];
  const read = (mode: keyof Policy, fallback: Demand, onError: Level): Demand => {
    const level = labels[PREFIX + mode];
    const version = labels[`${PREFIX}${mode}-version`];
    const known = LEVELS.find((one) => one === level);
    if (level !== undefined && !known) causes.push(wrong(mode, level, `must be one of ${LEVELS.join(', ')}`));
    const minor = version === undefined ? fallback.minor : minorOf(version);
    if (minor === undefined) causes.push(wrong(`${mode}-version`, version ?? '', 'must be "latest" or "v1.x"'));
    const chosen = level === undefined ? fallback.level : (known ?? onError);
    return { level: chosen, minor: minor ?? Number.POSITIVE_INFINITY };
  };
  const enforce = read('enforce', FREE, 'restricted');
  const audit = read('audit', FREE, 'privileged');
  // Where nothing else is said, what is enforced of pods is warned of in templates.
  const warn = read('warn', labels[`${PREFIX}warn`] === undefined ? enforce : FREE, 'privileged');
  return { policy: { enforce, audit, warn }, causes };
}

function minorOf(version: string): number | undefined {
  if (version === 'latest') return Number.POSITIVE_INFINITY;
  const match = /^v1\.(0|[1-9]\d{0,3})$/.exec(version);
  return match ? Number(match[1]) : undefined;
}

function wrong(label: string, value: string, why: string): StatusCause {
  const message = `Invalid value: "${value}": ${why}`;
  return { reason: 'FieldValueInvalid', field: `metadata.labels[${PREFIX}${label}]`, message };
}

export function sameDemand(a: Demand, b: Demand): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** 'restricted:latest' */
export function demandText({ level, minor }: Demand): string {
  return `${level}:${minor === Number.POSITIVE_INFINITY ? 'latest' : `v1.${minor}`}`;
}
